"""How a folder of seeds is read, and what is refused."""

from datetime import UTC, datetime

import pytest

from cms.errors import CmsError
from cms.importers.seeds import SeedComment, SeedError, SeedPick, SeedSeo, SeedSet, read

FILES = {
    "taxonomy.yaml": """\
categories: [{slug: care, name: Care}, {slug: home, name: Home, parent: care}]
tags: [{slug: sleep, name: Sleep}]
authors: [{slug: team, name: The team, credentials: null}]
""",
    "faqs/why.md": """\
---
slug: why
question: Why?
locale: en
tags: [sleep]
position: 1
---
Because.
""",
    "posts/one.md": """\
---
slug: one
title: One
locale: en
category: home
tags: [sleep]
authors: [team]
excerpt: First.
published_at: 2026-01-12T10:00:00+01:00
faqs: [why]
related: [{slug: two, note: Next}]
seo: {title: First}
---
The text.
""",
    "posts/two.md": """\
---
slug: two
title: Two
locale: en
category: care
authors: [team]
excerpt: Second.
published: false
---
More text.
""",
    "related.yaml": "two: [{slug: one}]\n",
    "comments.yaml": """\
- {key: a, post: one, author_name: A, author_email: a@example.org, body: Hello,
   status: approved, created_at: 2026-02-01T00:00:00Z}
- {key: b, post: one, author_name: B, author_email: b@example.org, body: Hi,
   status: pending, created_at: 2026-02-02T00:00:00Z, reply_to: a}
""",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def edit(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


class TestRead:
    def test_a_post_has_its_fields_and_its_body(self, folder):
        post = read(folder).posts[0]

        assert (post.slug, post.body, post.faqs) == ("one", "The text.", ("why",))
        assert post.published_at == datetime(2026, 1, 12, 9, tzinfo=UTC)
        assert post.seo == SeedSeo(title="First")

    def test_a_draft_needs_no_date(self, folder):
        draft = read(folder).posts[1]

        assert (draft.published, draft.published_at) == (False, None)

    def test_picks_come_from_posts_and_from_the_file_of_picks(self, folder):
        picks = read(folder).picks

        assert picks == {
            "one": (SeedPick(slug="two", note="Next"),),
            "two": (SeedPick(slug="one"),),
        }

    def test_a_reply_names_the_comment_above_it(self, folder):
        assert read(folder).comments[1] == SeedComment(
            key="b",
            post="one",
            author_name="B",
            author_email="b@example.org",
            body="Hi",
            status="pending",
            created_at=datetime(2026, 2, 2, tzinfo=UTC),
            reply_to="a",
        )

    def test_an_empty_folder_is_an_empty_set(self, tmp_path):
        assert read(tmp_path) == SeedSet()

    def test_a_set_may_name_what_the_known_set_holds(self, folder, tmp_path_factory):
        more = tmp_path_factory.mktemp("more")
        (more / "related.yaml").write_text("two: [{slug: one}]")

        assert read(more, known=read(folder)).picks["two"] == (SeedPick(slug="one"),)

    def test_a_set_may_not_repeat_what_the_known_set_holds(self, folder):
        with pytest.raises(SeedError, match=r"taxonomy\.yaml: categories: slug: 'care' .*twice"):
            read(folder, known=read(folder))


# File, what stands there, what to write in its place, and the fault that is named.
FAULTS = [
    ("posts/one.md", "title: One\n", "", "posts/one.md: title: is missing"),
    ("posts/one.md", "title: One", "title: 1", "posts/one.md: title: must be text"),
    ("posts/one.md", "title: One", "title: ' '", "posts/one.md: title: must be text"),
    ("posts/one.md", "title: One", "titel: One", "posts/one.md: titel: unknown field"),
    ("posts/one.md", "title: One", "body: One", "posts/one.md: body: unknown field"),
    ("posts/one.md", "title: One", "title: [", "posts/one.md: while parsing"),
    ("posts/one.md", "The text.", "", "posts/one.md: body: must be text"),
    ("posts/one.md", "slug: one", "slug: One!", "posts/one.md: slug: must be a slug"),
    ("posts/one.md", "slug: one", "slug: two", "posts/one.md: slug: must be the name"),
    ("posts/one.md", "locale: en", "locale: English", "posts/one.md: locale: must be a locale"),
    ("posts/one.md", "+01:00", "", "posts/one.md: published_at: must be a time with"),
    ("posts/one.md", "T10:00:00+01:00", "", "posts/one.md: published_at: must be a time with"),
    ("posts/one.md", "2026-01-12T", "2026-13-12T", "posts/one.md: month must be"),
    ("posts/two.md", "published: false", "", "posts/two.md: published_at: is missing"),
    ("posts/two.md", ": false", ": maybe", "posts/two.md: published: must be true or false"),
    ("posts/one.md", "[sleep]", "sleep", "posts/one.md: tags: must be a list"),
    ("posts/one.md", "[sleep]", "[sleep, sleep]", "posts/one.md: tags: 'sleep' is there twice"),
    ("posts/one.md", "[sleep]", "[slep]", "posts/one.md: tags: there is no 'slep'"),
    ("posts/one.md", "[team]", "[crew]", "posts/one.md: authors: there is no 'crew'"),
    ("posts/one.md", "[why]", "[how]", "posts/one.md: faqs: there is no 'how'"),
    ("posts/one.md", ": home", ": hoem", "posts/one.md: category: there is no 'hoem'"),
    ("posts/one.md", "slug: two", "slug: six", "posts/one.md: related: slug: there is no 'six'"),
    ("posts/one.md", "slug: two", "slug: one", "posts/one.md: related: slug: a post can not"),
    ("posts/one.md", "note:", "why:", "posts/one.md: related: entry 1: why: unknown field"),
    ("posts/one.md", "{title: First}", "First", "posts/one.md: seo: must be fields"),
    ("faqs/why.md", "Because.", "", "faqs/why.md: answer: must be text"),
    ("faqs/why.md", ": 1", ": first", "faqs/why.md: position: must be a whole number"),
    ("faqs/why.md", ": 1", ": true", "faqs/why.md: position: must be a whole number"),
    ("faqs/why.md", "[sleep]", "[slep]", "faqs/why.md: tags: there is no 'slep'"),
    ("taxonomy.yaml", "tags:", "tag:", "taxonomy.yaml: tag: unknown field"),
    ("taxonomy.yaml", ", name: Sleep", "", "taxonomy.yaml: tags: entry 1: name: is missing"),
    ("taxonomy.yaml", "slug: home", "slug: care", "taxonomy.yaml: categories: slug: 'care' is"),
    ("taxonomy.yaml", "parent: care", "parent: home", "taxonomy.yaml: categories: home: parent"),
    ("related.yaml", "two:", "six:", "related.yaml: six: slug: there is no 'six'"),
    ("related.yaml", "two:", "one:", "related.yaml: one: the post names its"),
    ("related.yaml", "{slug: one}", "one", "related.yaml: two: entry 1: must be fields"),
    ("comments.yaml", "key: b", "key: a", "comments.yaml: key: 'a' is there twice"),
    ("comments.yaml", "post: one", "post: six", "comments.yaml: a: post: there is no 'six'"),
    ("comments.yaml", ": pending", ": new", "comments.yaml: entry 2: status: must be one of"),
    ("comments.yaml", "a@example.org", "a", "comments.yaml: entry 1: author_email: must be an"),
    ("comments.yaml", "body: Hi,", "", "comments.yaml: entry 2: body: is missing"),
    ("comments.yaml", "00Z}", "00}", "comments.yaml: entry 1: created_at: must be a time"),
    ("comments.yaml", "reply_to: a", "reply_to: c", "comments.yaml: b: reply_to: must be"),
    ("comments.yaml", "reply_to: a", "reply_to: b", "comments.yaml: b: reply_to: must be"),
]


class TestRefusals:
    @pytest.mark.parametrize(("name", "old", "new", "fault"), FAULTS)
    def test_a_fault_is_named_with_its_file_and_field(self, folder, name, old, new, fault):
        edit(folder, name, old, new)

        with pytest.raises(SeedError) as refusal:
            read(folder)

        assert str(refusal.value).startswith(f"{folder}: {fault}")

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(SeedError, match="there is no such folder"):
            read(tmp_path / "nowhere")

    def test_a_file_that_is_not_utf_8_is_refused(self, folder):
        (folder / "posts/one.md").write_bytes(b"\xff\xfe\x00")

        with pytest.raises(SeedError, match=r"posts/one\.md: .*utf-8"):
            read(folder)

    def test_a_refusal_is_in_the_words_of_the_domain(self, tmp_path):
        with pytest.raises(CmsError) as refusal:
            read(tmp_path / "nowhere")

        assert refusal.value.reason == "seed_invalid"
