"""FAQs as readers see them."""

import pytest

from tests import building
from tests.api.delivery.reading import data, get, joined, pages, refusal

FIELDS = ["id", "slug", "locale", "question", "position", "published_at", "updated_at"]
FIELDS += ["answer", "tags", "translations"]


def show(editor, post, faqs) -> None:
    """Publish a post with these FAQs, in this order."""
    url = f"/api/v1/manage/posts/{post['id']}/faqs"
    answer = editor.put(url, json={"faq_ids": [one["id"] for one in faqs]}, headers=building.ANY)
    assert answer.status_code == 200
    building.publish(editor, post)


def unpublish(editor, faq) -> None:
    editor.delete(f"/api/v1/manage/faqs/{faq['id']}/publication", headers=building.ANY)


def slugs(items) -> list[str]:
    return [item["slug"] for item in items]


def test_a_faq_has_these_fields_in_this_order(client, editor):
    tag = building.tag(editor, name="Fatigue")
    faq = building.published_faq(
        editor, question="Why?", answer=building.markdown("*So*."), tag_ids=[tag["id"]]
    )

    response = client.get(f"/api/v1/faqs/{faq['slug']}")

    found = response.json["data"]
    assert list(found) == [*FIELDS, "posts"]
    assert found["answer"] == {"html": "<p><em>So</em>.</p>", "text": "So."}
    assert found["tags"] == [{"slug": "fatigue", "name": "Fatigue"}]


def test_a_faq_in_a_list_is_the_same_without_its_posts(client, editor):
    faq = building.published_faq(editor)

    (listed,) = data(client, "/faqs")

    assert listed == {
        name: value
        for name, value in data(client, f"/faqs/{faq['slug']}").items()
        if name != "posts"
    }


def test_a_faq_names_the_public_posts_that_show_it(client, editor):
    faq = building.published_faq(editor)
    shown, draft = building.post(editor), building.post(editor)
    show(editor, shown, [faq])
    url = f"/api/v1/manage/posts/{draft['id']}/faqs"
    editor.put(url, json={"faq_ids": [faq["id"]]}, headers=building.ANY)

    assert data(client, f"/faqs/{faq['slug']}")["posts"] == [
        {
            "slug": shown["slug"],
            "title": shown["title"],
            "url": f"https://www.example.org/posts/{shown['slug']}",
        }
    ]


def test_a_post_shows_its_faqs_in_the_editors_order(client, editor):
    faqs = [building.published_faq(editor) for _ in range(3)]
    post = building.post(editor)
    show(editor, post, faqs[::-1])

    wanted = slugs(faqs[::-1])

    assert slugs(data(client, f"/posts/{post['slug']}/faqs")) == wanted
    assert slugs(data(client, f"/posts/{post['slug']}")["faqs"]) == wanted


def test_a_post_shows_a_faq_only_while_it_is_public(client, editor):
    faq, post = building.published_faq(editor), building.post(editor)
    show(editor, post, [faq])
    url = f"/posts/{post['slug']}"
    seen = [data(client, url)["faqs"]]

    unpublish(editor, faq)
    seen += [data(client, url)["faqs"], data(client, f"{url}/faqs")]
    building.publish(editor, faq)
    seen.append(data(client, url)["faqs"])

    assert [len(one) for one in seen] == [1, 0, 0, 1]


def test_a_post_shows_the_public_words_of_a_faq(client, editor):
    faq, post = building.published_faq(editor, question="Before?"), building.post(editor)
    show(editor, post, [faq])
    url = f"/api/v1/manage/faqs/{faq['id']}"

    editor.patch(url, json={"question": "After?"}, headers=building.ANY)
    edited = data(client, f"/posts/{post['slug']}")["faqs"][0]["question"]
    building.publish(editor, faq)
    published = data(client, f"/posts/{post['slug']}")["faqs"][0]["question"]

    assert (edited, published) == ("Before?", "After?")


def test_faqs_of_a_post_come_in_pages(client, editor):
    faqs, post = [building.published_faq(editor) for _ in range(5)], building.post(editor)
    show(editor, post, faqs)

    found = pages(client, f"/posts/{post['slug']}/faqs", limit=2)

    assert [slugs(page) for page in found] == [slugs(faqs[:2]), slugs(faqs[2:4]), slugs(faqs[4:])]
    assert get(client, f"/posts/{post['slug']}/faqs", total="true")["meta"]["total"] == 5


def test_a_page_of_a_posts_faqs_is_followed_after_a_change_of_its_slug(client, editor):
    faqs, post = [building.published_faq(editor) for _ in range(2)], building.post(editor)
    show(editor, post, faqs)
    cursor = get(client, f"/posts/{post['slug']}/faqs", limit=1)["meta"]["next_cursor"]
    url = f"/api/v1/manage/posts/{post['id']}"
    editor.patch(url, json={"slug": "other"}, headers=building.ANY)
    building.publish(editor, post)

    assert slugs(data(client, "/posts/other/faqs", cursor=cursor)) == slugs(faqs[1:])


@pytest.mark.parametrize("sort", ["position", "question", "updated_at"])
def test_faqs_are_sorted_both_ways(client, editor, sort):
    words = ["Zebra?", "äpfel?", "Milk?"]
    made = [
        building.published_faq(editor, question=word, position=position)
        for word, position in zip(words, [5, 5, 1], strict=True)
    ]
    orders = {"position": [2, 0, 1], "question": [1, 2, 0], "updated_at": [0, 1, 2]}
    wanted = [made[n]["slug"] for n in orders[sort]]

    assert slugs(data(client, "/faqs", sort=sort)) == wanted
    assert slugs(data(client, "/faqs", sort=f"-{sort}")) == wanted[::-1]


def test_faqs_are_sorted_by_position_unless_asked_otherwise(client, editor):
    last, first = building.published_faq(editor, position=9), building.published_faq(editor)

    assert slugs(data(client, "/faqs")) == slugs([first, last])


@pytest.mark.parametrize("sort", ["position", "-position", "question", "-updated_at"])
@pytest.mark.thorough
def test_pages_of_faqs_join_to_the_whole_list(client, editor, sort):
    for number in range(9):
        locale = ("en", "es")[number % 2]
        building.published_faq(editor, question="Same?", position=number % 2, locale=locale)
    whole = data(client, "/faqs", sort=sort, locale="*")

    assert joined(client, "/faqs", limit=2, sort=sort, locale="*") == whole
    assert len({one["id"] for one in whole}) == 9


def test_faqs_are_found_by_tag_and_post(client, editor):
    tag = building.tag(editor)
    tagged = building.published_faq(editor, tag_ids=[tag["id"]])
    shown, post = building.published_faq(editor), building.post(editor)
    show(editor, post, [shown, tagged])
    building.published_faq(editor)

    assert slugs(data(client, "/faqs", tag=tag["slug"])) == slugs([tagged])
    assert set(slugs(data(client, "/faqs", post=post["slug"]))) == set(slugs([shown, tagged]))
    both = get(client, "/faqs", post=post["slug"], tag=tag["slug"], total="true")
    assert (slugs(both["data"]), both["meta"]["total"]) == (slugs([tagged]), 1)


def test_what_nothing_has_finds_no_faq(client, editor):
    building.published_faq(editor)

    for query in ({"tag": "nothing"}, {"post": "nothing"}):
        found = get(client, "/faqs", total="true", **query)
        assert (found["data"], found["meta"]["total"]) == ([], 0)


@pytest.mark.parametrize("query", ["sort=title", "x=x", "position=1", "locale=fr", "limit=0"])
def test_what_faqs_can_not_be_asked_is_named(client, query):
    assert refusal(client, f"/faqs?{query}") == (400, "bad_parameter", [query.split("=")[0]])


def test_a_faq_that_is_not_public_is_not_found(client, editor):
    draft = building.faq(editor)

    assert refusal(client, f"/faqs/{draft['slug']}")[:2] == (404, "not_found")
    assert data(client, "/faqs") == []


def test_a_former_slug_leads_to_the_present_one(client, editor):
    faq = building.published_faq(editor)
    url = f"/api/v1/manage/faqs/{faq['id']}"
    editor.patch(url, json={"slug": "new-slug"}, headers=building.ANY)
    building.publish(editor, faq)

    response = client.get(f"/api/v1/faqs/{faq['slug']}")

    assert response.status_code == 301
    assert response.headers["Location"] == "http://api.example.org/api/v1/faqs/new-slug"


def test_a_faq_of_another_locale_is_another_faq(client, editor):
    building.published_faq(editor, locale="es", slug="question")

    assert refusal(client, "/faqs/question")[0] == 404
    assert data(client, "/faqs/question", locale="es")["locale"] == "es"
