"""Who guesses what is hidden is answered as if it were not there.

All tests read one site full of secrets; what they send is refused.
"""

import itertools
import re
from urllib.parse import quote

import pytest

from tests import commenting
from tests.building import NOWHERE
from tests.canaries import OPEN, Site
from tests.emptying import emptied
from tests.public_reading import public_gets, seen, without_request_id

pytestmark = pytest.mark.thorough

LOCALES = ["en", "es"]


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def planted(app):
    site = Site(app)
    site.plant()
    return site


@pytest.mark.threat("A2", "A3")
class TestAnAddress:
    @pytest.mark.parametrize(
        "rest", ["", "/related", "/faqs", "/comments", "/comment-form", "/history"]
    )
    def test_of_a_hidden_post_is_like_that_of_none(self, client, planted, rest):
        places = [*HIDDEN_POSTS, "Spanish draft"]
        for place, name, locale in itertools.product(places, ("slug", "id"), LOCALES):
            word = planted.planted.get(f"{place} {name}", NOWHERE)
            hidden = client.get(f"/api/v1/posts/{word}{rest}?locale={locale}")
            assert hidden.status_code == 404
            assert seen(hidden) == seen(
                client.get(f"/api/v1/posts/{wrong(word)}{rest}?locale={locale}")
            )

    def test_of_a_hidden_faq_is_like_that_of_none(self, client, planted):
        for place in HIDDEN_FAQS:
            word = planted.planted[f"{place} slug"]
            hidden = client.get(f"/api/v1/faqs/{word}")
            assert hidden.status_code == 404
            assert seen(hidden) == seen(client.get(f"/api/v1/faqs/{wrong(word)}"))

    @pytest.mark.usefixtures("unlimited")
    def test_of_a_hidden_post_takes_no_comment(self, client, planted):
        for place in HIDDEN_POSTS:
            slug = planted.planted[f"{place} slug"]
            hidden = commenting.send(client, {"slug": slug})
            assert hidden.status_code == 404
            assert seen(hidden) == seen(commenting.send(client, {"slug": wrong(slug)}))

    @pytest.mark.usefixtures("unlimited")
    @pytest.mark.parametrize("status", ["pending", "rejected", "spam", "trashed"])
    def test_of_a_hidden_comment_is_like_that_of_none(self, client, planted, status):
        comment_id = planted.planted[f"{status} comment id"]
        url = f"/api/v1/posts/{OPEN}/comments?parent="

        listed, nothing = client.get(url + comment_id), client.get(url + NOWHERE)
        answered = commenting.send(client, planted.live, parent_id=comment_id)

        assert listed.text.replace(comment_id, NOWHERE) == nothing.text
        assert answered.status_code == 422
        assert seen(answered) == seen(commenting.send(client, planted.live, parent_id=NOWHERE))


HIDDEN_POSTS = ["draft", "filed draft", "offline", "changed", "scheduled", "scheduled change"]
HIDDEN_POSTS += ["trashed", "trashed draft"]
HIDDEN_FAQS = ["draft FAQ", "tagged draft FAQ", "offline FAQ", "changed FAQ", "scheduled FAQ"]


def wrong(word):
    """Another word of the same shape."""
    return word.translate(str.maketrans("0123456789", "1234567890"))


@pytest.mark.threat("A1")
class TestAQuestion:
    """A1: a field that is hidden is no filter, no sort and no search either."""

    def test_of_a_reader_is_answered_alike_for_right_and_wrong(self, client, planted):
        asker = Asker(client)
        for path, parameters in public_gets(client):
            if "{" in path or not parameters:
                continue
            names = [one["name"] for one in parameters]
            for name, word in itertools.product(names, guesses(planted)):
                answers = asker.ask(f"{path}?{name}=", word)
                assert answers[0] == answers[1], (path, name, word)

    def test_of_a_viewer_is_answered_alike_for_right_and_wrong(self, sign_in, planted):
        asker, private = Asker(sign_in("viewer")), re.compile(r"email$|user|hash|token|session")
        words = [word for place, word in planted.planted.items() if private.search(place)]
        words += [word for word in guesses(planted) if "@" in word]
        for kind, name, word in itertools.product(LISTS, ASKED, words):
            answers = asker.ask(f"/api/v1/manage/{kind}?limit=1&{name}=", word)
            assert answers[0] == answers[1], (kind, name, word)

    def test_of_a_reader_about_a_private_field_is_refused(self, client, planted):
        for query, place in itertools.product(private_questions(), ["", f"/{OPEN}"]):
            assert client.get(f"/api/v1/posts{place}?{query}").status_code == 400, query
            assert client.get(f"/api/v1/posts/{OPEN}/comments?{query}").status_code == 400, query

    def test_of_a_viewer_about_a_private_field_is_refused(self, sign_in, planted):
        viewer = sign_in("viewer")
        for query, kind in itertools.product(private_questions(), LISTS):
            # Moderators may look for an address, so there it is a question of rights.
            expected = 403 if (query, kind) == ("email=x", "comments") else 400
            answer = viewer.get(f"/api/v1/manage/{kind}?{query}")
            assert answer.status_code == expected, (query, kind)


def private_questions():
    for name, form in itertools.product(FIELDS, FORMS):
        for parameter in ("sort={}", "fields={}", "include={}", "{}=x"):
            yield parameter.format(quote(form.format(name)))


FORMS = ["{}", "-{}", "author.{}", "{}__startswith", "created_by.{}"]
# Columns that no reader knows, spelled as filters.
FIELDS = [
    *("email", "password_hash", "password", "digest", "token", "network", "user_agent", "note"),
    *("body_source", "body_html", "status_reason", "created_by.email", "author.email"),
    *("filter[email]", "email[startswith]", "filter[title][contains]", "where", "search"),
]
ASKED = ["q", "post", "tag", "author", "status", "sort", "cursor"]
LISTS = ["posts", "faqs", "tags", "categories", "authors", "comments"]


def guesses(site):
    """Each secret: it would match a filter for the whole, for a part, and for the beginning."""
    words = {place: word for place, word in site.planted.items() if "email, " not in place}
    addresses = [f"{word}@example.org" for place, word in words.items() if place.endswith("email")]
    return [*filter(str.isalnum, words.values()), *addresses]


class Asker:
    """One wrong guess of each shape is asked once only."""

    def __init__(self, client):
        self.client = client
        self.wrong = {}

    def ask(self, start, word):
        """The answers to a right and to a wrong guess, without what was asked."""
        key = start, re.sub("[a-f0-9]", "0", word)
        if key not in self.wrong:
            self.wrong[key] = self.answer(start, wrong(word))
        return self.answer(start, word), self.wrong[key]

    def answer(self, start, guess):
        answer = self.client.get(start + guess)
        return answer.status_code, without_request_id(answer.text).replace(guess, "")
