"""A3: of a post that readers do not see, nobody sees, counts, leaves or answers a comment.

Every kind of reader, every way in which a post is hidden, every address that a thread has: the
answer is that of a post that never was.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, Publication
from cms.times import MILLISECOND, format_time, utc_now
from tests import building, commenting
from tests.api.auth.people import browse, join
from tests.building import ANY, NOWHERE
from tests.public_reading import seen, without_request_id

pytestmark = [
    *(pytest.mark.thorough, pytest.mark.threat("A3")),
    pytest.mark.usefixtures("unlimited"),
]

MANAGE = "/api/v1/manage/posts"
NONE = "no-such-post"


def discard(_app, admin, post):
    assert admin.delete(f"{MANAGE}/{post['id']}", headers=ANY).status_code == 200


def take_down(_app, admin, post):
    url = f"{MANAGE}/{post['id']}/publication"
    assert admin.delete(url, headers=ANY).status_code == 200


def wait(app, admin, post):
    take_down(app, admin, post)
    building.publish(admin, post, publish_at=format_time(utc_now() + timedelta(days=1)))


def end(app, _admin, post):
    """Its time is over, and nobody has written that down yet."""
    with app.app_context(), transaction():
        shown = db.session.scalars(select(Publication).filter_by(entry_id=post["id"])).one()
        shown.visible_until = shown.visible_from + MILLISECOND


def move(_app, admin, post):
    """To another language, where it is public."""
    changes = {"locale": "es"}
    assert admin.patch(f"{MANAGE}/{post['id']}", json=changes, headers=ANY).status_code == 200
    building.publish(admin, post)


HIDING = {"in the trash": discard, "offline": take_down, "scheduled": wait, "over": end}
HIDING |= {"in another language": move}
READERS = ["stranger", "viewer", "moderator", "editor", "admin", "cookie"]


@pytest.fixture
def reader(request, app, sign_in):
    who = request.param
    if who == "cookie":
        join(app, "editor")
        return browse(app).client
    return app.test_client() if who == "stranger" else sign_in(who)


@pytest.mark.parametrize("how", HIDING)
@pytest.mark.parametrize("reader", READERS, indirect=True)
def test_a_hidden_thread_is_answered_like_none(app, admin, reader, how):
    post = building.published_post(admin)
    comment_id = commenting.approved(admin, post)
    HIDING[how](app, admin, post)

    for ask in SHAPES:
        hidden, none = ask(reader, post["slug"], comment_id), ask(reader, NONE, comment_id)
        assert without(hidden, post["slug"]) == without(none, NONE), ask
    assert comment_id not in reader.get("/api/v1/comments.json").text
    with app.app_context():
        assert db.session.scalars(select(Comment.id)).all() == [comment_id]


def without(answer, slug):
    """What of an answer does not come from what was asked."""
    text = without_request_id(answer.text).replace(slug, "")
    return answer.status_code, answer.content_type, text


def reading(path):
    return lambda who, slug, comment_id: who.get(path.format(slug=slug, id=comment_id))


def writing(**fields):
    def write(who, slug, comment_id):
        given = {name: value.format(id=comment_id) for name, value in fields.items()}
        # The same words each time, so that only the address differs.
        words = commenting.words(author_email="a@example.org", body="Warm.") | given
        return who.post(f"/api/v1/posts/{slug}/comments", json=words)

    return write


SHAPES = [
    reading("/api/v1/posts/{slug}/comments"),
    reading("/api/v1/posts/{slug}/comments?sort=-created_at&limit=1"),
    reading("/api/v1/posts/{slug}/comments?parent={id}"),
    reading("/api/v1/posts/{slug}/comments.atom"),
    reading("/api/v1/posts/{slug}/comments.json"),
    reading("/api/v1/posts/{slug}/comment-form"),
    reading("/api/v1/posts/{slug}?include=comments"),
    reading("/api/v1/comments/counts?post={slug}"),
    writing(),
    writing(parent_id="{id}"),
    writing(parent_id=NOWHERE),
]


def test_a_thread_is_shown_again_with_its_post(client, admin):
    post = building.published_post(admin)
    comment_id = commenting.approved(admin, post)
    take_down(None, admin, post)

    building.publish(admin, post)

    assert [one["id"] for one in commenting.thread(client, post)["data"]] == [comment_id]


def test_a_comment_answers_none_of_another_post(client, admin):
    hidden, shown = building.published_post(admin), building.published_post(admin)
    comment_id = commenting.approved(admin, hidden)
    take_down(None, admin, hidden)

    answers = [commenting.send(client, shown, parent_id=one) for one in (comment_id, NOWHERE)]

    assert [one.status_code for one in answers] == [422, 422]
    assert seen(answers[0]) == seen(answers[1])
