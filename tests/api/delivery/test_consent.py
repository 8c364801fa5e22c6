"""What readers agree to when they comment: shown by the form, and kept with the comment."""

from tests import building
from tests.building import ANY
from tests.commenting import leave

SETTINGS = "/api/v1/manage/settings"


def say(admin, consent):
    answer = admin.patch(SETTINGS, json={"comment_consent": consent}, headers=ANY)
    assert answer.status_code == 200, answer.json
    assert answer.json["data"]["comment_consent"] == consent


def form(client, post, locale="en"):
    url = f"/api/v1/posts/{post['slug']}/comment-form?locale={locale}"
    return client.get(url).json["data"]


def agreed(admin, comment_id):
    return admin.get(f"/api/v1/manage/comments/{comment_id}").json["data"]["consent"]


def test_the_wording_that_the_form_showed_is_kept_with_the_comment(admin, client, post):
    assert form(client, post)["consent"] is None
    before = leave(client, post)
    say(admin, {"en": "First wording."})
    shown = form(client, post)
    assert shown["consent"] == "First wording."
    say(admin, {"en": "Second wording.", "es": "Acepto."})
    late = leave(client, post, form_token=shown["form_token"])
    new = leave(client, post, form_token="forged")
    say(admin, None)
    after = leave(client, post)
    told = [agreed(admin, one) for one in (before, late, new, after)]
    assert told == [None, "First wording.", "Second wording.", None]
    assert form(client, post)["consent"] is None


def test_a_language_without_a_wording_reads_the_sites(admin, client, editor, post):
    other = building.published_post(editor, locale="es")
    say(admin, {"en": "I agree."})
    assert form(client, other, "es")["consent"] == "I agree."
    say(admin, {"en": "I agree.", "es": "Acepto."})
    assert form(client, other, "es")["consent"] == "Acepto."
    assert form(client, other, "es")["title"] == "Deja un comentario"
    assert form(client, post)["consent"] == "I agree."


def test_a_wording_is_a_text_in_a_language_of_the_site(admin):
    for wrong in ({"xx": "I agree."}, {"en": ""}, {"en": 7}, {"en": "x" * 2001}, [], "I agree."):
        answer = admin.patch(SETTINGS, json={"comment_consent": wrong}, headers=ANY)
        assert answer.status_code == 422, wrong
