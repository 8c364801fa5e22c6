"""The token of the form: bound to a post, good from two seconds to a day."""

from datetime import UTC, datetime, timedelta

import pytest

from cms.api.delivery.comment_schemas import NewCommentSchema
from cms.services import comment_form
from cms.services.form_words import WORDS
from cms.times import format_time

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def fault_after(seconds, *, post="post", token=None):
    given = comment_form.make_token("post", NOW) if token is None else token
    return comment_form.fault_of(given, post, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [2, 60, 24 * 3600])
def test_a_token_is_good_from_two_seconds_to_a_day(context, seconds):
    assert fault_after(seconds) is None


@pytest.mark.parametrize("seconds", [-(10**9), -1, 0, 1.999, 24 * 3600 + 1, 10**9])
def test_a_token_is_faulty_outside_that_and_a_clock_set_back_is_no_accident(context, seconds):
    assert fault_after(seconds)


def test_a_token_of_another_post_is_faulty(context):
    assert fault_after(60, post="another")


@pytest.mark.parametrize("token", ["", "x", ".", "1.2", "9" * 99 + ".x", "٣.abc", "é" * 99999])
def test_what_is_no_token_is_faulty_and_never_raises(context, token):
    assert fault_after(60, token=token)


def test_no_character_of_a_token_can_be_changed(context):
    token = comment_form.make_token("post", NOW)
    for place, letter in enumerate(token):
        forged = token[:place] + ("1" if letter != "1" else "2") + token[place + 1 :]
        assert fault_after(60, token=forged), forged


def test_the_form_names_exactly_the_fields_that_a_comment_may_have(context):
    form = comment_form.form("post", is_open=True, now=format_time(NOW))
    named = {field["name"] for field in form["fields"]} | {form["honeypot"]}
    accepted = {field.data_key or name for name, field in NewCommentSchema().fields.items()}
    assert accepted == named | {"form_token", "parent_id", "receipt"}


@pytest.mark.parametrize("locale", ["en", "es", "de", "fr", "de-AT", "pt-BR"])
def test_the_form_speaks_the_language_of_the_post(context, locale):
    form = comment_form.form("post", is_open=True, now=format_time(NOW), locale=locale)
    words = {"title": form["title"], "notice": form["notice"]}
    words |= {field["name"]: field["label"] for field in form["fields"]}
    assert words == WORDS.get(locale[:2], WORDS["en"])
    assert "*" in words["notice"]
    assert set(words) == set(WORDS["en"])


def test_the_form_says_what_is_required_and_how_long(context):
    form = comment_form.form("post", is_open=False, now=format_time(NOW))
    limits = {one["name"]: (one["required"], one["max_length"]) for one in form["fields"]}
    assert limits == {
        "author_name": (True, 80),
        "author_email": (True, 254),
        "author_url": (False, 500),
        "body": (True, 5000),
    }
    assert (form["open"], form["title"]) == (False, "Leave a Reply")
