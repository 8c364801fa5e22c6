"""What each writing route leaves behind: a line of the audit, an event, keys of public changes.

Signing in and out, and tokens, are audited and announce nothing: they concern nobody outside.
Neither do webhooks, but for a ping.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from cms.extensions import db
from cms.models import AuditEvent, Change, OutboxEvent
from tests import building, commenting
from tests.api.auth.people import browse, join
from tests.building import ANY, PASSWORD, markdown
from tests.recorded_things import LATER, MAKERS, NEW, PERSON, TOKEN, WHY

EVEN_LATER = {"publish_at": "2600-01-01T00:00:00Z"}

pytestmark = pytest.mark.thorough

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
PARAMETER = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True)
class Record:
    """A request about a thing, and what is recorded of it.

    Several actions or events are parted by spaces. `{id}` and the like, in `body` and `keys`, are
    of the thing, or of what the answer shows.
    """

    route: str
    about: str
    body: dict[str, Any] | str | None
    action: str | None = None
    event: str | None = None
    keys: str = ""
    query: str = ""

    def __str__(self) -> str:
        return f"{self.route} {self.about} {','.join(self.body or [])}".strip()


def both(route: str, about: str, body: Any, name: str, keys: str = "", query: str = "") -> Record:
    """The audit and the event have one name."""
    return Record(route, about, body, name, name, keys, query)


def of_terms(path: str, kind: str) -> list[Record]:
    """A term is public as soon as it is there."""
    name, keys = {"name": "Warmth"}, f"{kind}:{{id}} list:{kind}"
    one = f"/manage/{path}/<id:term_id>"
    merged = f"{kind}:{{old_id}} {kind}:{{into_id}} list:{kind}"
    return [
        both(f"POST /manage/{path}", "", name, f"{kind}.created", keys),
        both(f"PATCH {one}", kind, name, f"{kind}.saved", keys),
        Record(f"PATCH {one}", kind, {}),
        both(f"DELETE {one}", kind, None, f"{kind}.removed", keys),
        both(f"POST {one}/merge", f"two {path}", INTO, f"{kind}.merged", merged),
    ]


def of_publications(path: str, kind: str) -> list[Record]:
    keys, one = f"{kind}:{{id}} list:{kind}", f"/manage/{path}/<id:entry_id>/publication"
    return [
        both(f"PUT {one}", kind, {}, f"{kind}.published", keys),
        both(f"PUT {one}", f"changed {kind}", {}, f"{kind}.updated", keys),
        Record(f"PUT {one}", f"live {kind}", {}),
        both(f"DELETE {one}", f"live {kind}", None, f"{kind}.unpublished", keys),
        Record(f"DELETE {one}", kind, None),
        both(f"PUT {one}", f"changed {kind}", LATER, f"{kind}.scheduled", keys),
        both(f"PATCH {one}", f"waiting {kind}", EVEN_LATER, f"{kind}.rescheduled", keys),
        both(
            f"DELETE {one}/scheduled", f"waiting {kind}", None, f"{kind}.schedule_cancelled", keys
        ),
        Record(f"DELETE {one}/scheduled", f"live {kind}", None),
    ]


def of_restores(path: str, kind: str) -> list[Record]:
    route = f"POST /manage/{path}/<id:entry_id>/revisions/<number:number>/restore"
    return [
        Record(route, f"changed {kind}", {}, f"{kind}.revision_restored", f"{kind}.saved"),
        Record(route, kind, {}),
    ]


def of_trash(route: str, kind: str) -> list[Record]:
    return [
        both(f"DELETE {route}", kind, None, f"{kind}.trashed"),
        both(f"POST {route}/restore", f"trashed {kind}", None, f"{kind}.restored"),
    ]


INTO = {"into": "{into_id}"}
POST, FAQ = "/manage/posts/<id:post_id>", "/manage/faqs/<id:faq_id>"
MEDIA, SHOWN = "/manage/media/<id:media_id>", "post:{post_id} list:post media:{id}"
BY = "author:{author_id} list:author"
CATEGORY, USER = "/manage/categories/<id:term_id>", "/manage/users/<id:user_id>"
WEBHOOK = "/manage/webhooks/<id:webhook_id>"
SENT = f"{WEBHOOK}/deliveries/<id:delivery_id>"
COMMENT, THREAD = "/manage/comments/<id:comment_id>", "comments:{post_id} post:{post_id}"
APPROVE, REFUSE = {"status": "approved"}, {"status": "spam"}
MANY, SAID = {"ids": ["{id}"], "status": "approved"}, {"body": "Thank you."}
PROMOTED = Record(
    f"POST {COMMENT}/faq",
    "comment",
    {},
    "comment.promoted faq.created",
    "comment.promoted faq.created",
)
REPLIED = ("comment.replied", "comment.approved")
NOBODY = {"email": "nobody@example.org"}
QUESTION = {"question": "Why?", "answer": markdown("So.")}
SIGN_IN = {"email": "mia@example.org", "password": PASSWORD}
PASSWORDS = {"current_password": PASSWORD, "new_password": NEW}
UNDER = {"parent_id": "{above_id}"}
MOVED = "category:{above_id} category:{id} list:category"
RECEIPT = "/comments/<id:comment_id>/receipt"
OPENED = "comments:{id} post:{id}"
REVIEW = {"reviewed_by": "{author_id}", "reviewed_on": "2024-05-01"}
TEXT = f"{POST}/history/<id:text_id>"

# What is sent as a file: its bytes, and its name.
FILES = {
    "a file": lambda _: [building.picture()],
    "an archive": lambda post: [orjson.dumps([commenting.archived(post)]), "comments.json"],
    "an empty archive": lambda _: [b"[]", "comments.json"],
}

RECORDS = [
    both("POST /manage/posts", "", {"title": "Heat"}, "post.created"),
    both(f"PATCH {POST}", "live post", {"title": "Heat"}, "post.saved"),
    both(f"PATCH {POST}", "changed post", {"comments_open": False}, "post.saved", OPENED),
    Record(f"PATCH {POST}", "post", {}),
    both(f"PUT {POST}/faqs", "post", {"faq_ids": ["{other_id}"]}, "post.saved"),
    both(f"PUT {POST}/related", "live post", {"excluded": ["{other_id}"]}, "post.saved"),
    both(f"POST {POST}/review", "post", REVIEW, "post.reviewed"),
    both(f"POST {POST}/review", "live post", REVIEW, "post.reviewed", "list:post post:{id}"),
    both(f"POST {POST}/review", "changed post", REVIEW, "post.reviewed"),
    both(f"DELETE {TEXT}", "corrected post", None, "post.history_redacted", "post:{id}", WHY),
    both(f"DELETE {TEXT}", "offline post", None, "post.history_redacted", "", WHY),
    Record(f"DELETE {TEXT}", "redacted post", None, query=WHY),
    both("POST /manage/media", "", "a file", "media.created"),
    both(f"PATCH {MEDIA}", "media", {"alt": "Hands"}, "media.changed"),
    both(f"PATCH {MEDIA}", "shown media", {"focal_x": 0.1}, "media.changed", f"{SHOWN} {BY}"),
    both(f"PATCH {MEDIA}", "named media", {"alt": "Hands"}, "media.changed", SHOWN),
    Record(f"PATCH {MEDIA}", "media", {"focal_x": 0.5}),
    both(f"DELETE {MEDIA}", "media", None, "media.removed"),
    both("POST /manage/faqs", "", QUESTION, "faq.created"),
    both(f"PATCH {FAQ}", "live faq", {"position": 7}, "faq.saved"),
    Record(f"PATCH {FAQ}", "faq", {}),
    *of_publications("posts", "post"),
    *of_trash(POST, "post"),
    *of_trash(FAQ, "faq"),
    both(f"POST {POST}/preview-links", "post", {}, "preview.made"),
    both("POST /manage/site/preview-links", "", {}, "preview.made"),
    both("DELETE /manage/preview-links/<id:link_id>", "preview", None, "preview.revoked"),
    *of_publications("faqs", "faq"),
    *of_restores("posts", "post"),
    *of_restores("faqs", "faq"),
    *of_terms("tags", "tag"),
    *of_terms("categories", "category"),
    *of_terms("authors", "author"),
    both(f"PATCH {CATEGORY}", "filled category", UNDER, "category.saved", MOVED),
    both("POST /posts/<slug:slug>/comments", "live post", commenting.words(), "comment.submitted"),
    Record(f"PATCH {COMMENT}", "comment", APPROVE, "comment.moderated", "comment.approved", THREAD),
    both(f"PATCH {COMMENT}", "approved comment", REFUSE, "comment.moderated", THREAD),
    both(f"PATCH {COMMENT}", "comment", REFUSE, "comment.moderated"),
    Record(f"PATCH {COMMENT}", "comment", {"note": "Known"}, "comment.moderated"),
    Record(f"PATCH {COMMENT}", "comment", {"status": "pending"}),
    both(f"PATCH {RECEIPT}", "own comment", {"body": "Other words"}, "comment.edited"),
    both(f"DELETE {RECEIPT}", "own comment", None, "comment.withdrawn"),
    both(f"DELETE {RECEIPT}", "own approved comment", None, "comment.withdrawn", THREAD),
    Record(
        f"PATCH {COMMENT}",
        "edited comment",
        {"edit": "accept"},
        "comment.moderated",
        "comment.updated",
        THREAD,
    ),
    Record(
        "POST /manage/comments/bulk",
        "comment",
        MANY,
        "comment.moderated",
        "comment.approved",
        THREAD,
    ),
    Record("POST /manage/comments/export", "", {}, "comments.exported"),
    both("POST /manage/comments/import", "live post", "an archive", "comment.imported", OPENED),
    Record("POST /manage/comments/import", "live post", "an empty archive"),
    Record(f"POST {COMMENT}/reply", "approved comment", SAID, *REPLIED, THREAD),
    PROMOTED,
    both(f"POST {COMMENT}/undo", "spam comment", None, "comment.moderated"),
    Record("POST /manage/privacy/export", "", NOBODY, "privacy.exported"),
    both("POST /manage/privacy/erase", "", NOBODY, "privacy.erased"),
    both("PUT /manage/comment-rules", "", {"most_links": 7}, "comment_rules.saved"),
    Record("PUT /manage/comment-rules", "", {}),
    Record("POST /manage/comment-rules/backtest", "", {"rules": {"closed": True}}),
    both("PATCH /manage/settings", "", {"name": "Warm hands"}, "settings.saved", "site"),
    Record("PATCH /manage/settings", "", {}),
    Record("POST /manage/webhooks", "", {"url": building.OUTSIDE}, "webhook.created"),
    Record(f"PATCH {WEBHOOK}", "webhook", {"events": ["post.*"]}, "webhook.saved"),
    Record(f"PATCH {WEBHOOK}", "webhook", {}),
    Record(f"POST {WEBHOOK}/secret", "webhook", {}, "webhook.secret_changed"),
    Record(f"POST {WEBHOOK}/ping", "webhook", None, "webhook.pinged", "webhook.ping"),
    Record(f"POST {SENT}/redeliver", "pinged webhook", None, "webhook.redelivered"),
    Record(f"DELETE {WEBHOOK}", "webhook", None, "webhook.removed"),
    both("POST /manage/users", "", PERSON, "user.created"),
    both(f"PATCH {USER}", "user", {"name": "Jo", "password": NEW}, "user.saved"),
    Record(f"PATCH {USER}", "user", {}),
    both(f"DELETE {USER}", "user", None, "user.deleted"),
    Record("POST /auth/login", "", SIGN_IN, "session.started"),
    Record("POST /auth/logout", "", None, "session.ended"),
    both("POST /auth/password", "", PASSWORDS, "user.saved"),
    both("PATCH /auth/me", "", {"comment_mail": "daily"}, "user.saved"),
    Record("PATCH /auth/me", "", {}),
    Record("POST /auth/password-reset", "", {"email": "mia@example.org"}),
    both("POST /auth/password-reset/<token:token>", "forgotten", {"password": NEW}, "user.saved"),
    Record(
        "POST /auth/comment-links/<token:token>/<verb:verb>",
        "mailed comment",
        None,
        "comment.moderated",
        "comment.approved",
        THREAD,
    ),
    Record("POST /auth/tokens", "", TOKEN, "token.created"),
    Record("DELETE /auth/tokens/<id:token_id>", "token", None, "token.revoked"),
]


@pytest.fixture
def mia(app):
    """An administrator at a browser: nobody else may call every route."""
    join(app, "admin")
    return browse(app)


def call(browser, record, thing):
    method, _, path = record.route.partition(" ")
    named = {"slug": thing.get("slug"), "text_id": thing.get("text_id"), "number": "1"}
    named |= {"delivery_id": thing.get("delivery_id"), "verb": "approve"}
    named["token"] = thing.get("link")
    url = PARAMETER.sub(lambda found: named.get(found[1]) or thing["id"], f"/api/v1{path}")
    headers = ANY | {"X-CSRF-Token": browser.csrf_token}
    if "receipt" in thing:
        headers["Authorization"] = f"Receipt {thing['receipt']}"
    kind, body = "json", filled(record.body, thing)
    if isinstance(record.body, str):
        kind, body = "data", building.upload(*FILES[record.body](thing))
    sent = {kind: body, "query_string": record.query, "headers": headers}
    response = browser.client.open(url, method=method, **sent)
    assert response.status_code < 300, response.json
    shown = (response.json or {}).get("data", {}) if method == "POST" else {}
    return thing | (shown if isinstance(shown, dict) else {})


def filled(value, thing):
    """A body with the ids of what it names."""
    if isinstance(value, dict):
        return {name: filled(one, thing) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, thing) for one in value]
    return value.format(**thing) if isinstance(value, str) else value


def recorded(app):
    """The primary key and the name of all that was recorded so far."""
    with app.app_context():
        lines = db.session.execute(select(AuditEvent.id, AuditEvent.action)).all()
        events = db.session.execute(select(OutboxEvent.id, OutboxEvent.type)).all()
        keys = db.session.execute(select(Change.generation, Change.key)).all()
    return {tuple(row) for row in lines}, {tuple(row) for row in events}, {tuple(r) for r in keys}


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_write_is_recorded_once_by_its_names(app, admin, mia, record):
    thing = MAKERS[record.about](admin)
    before = recorded(app)

    shown = call(mia, record, thing)

    new = [after - old for after, old in zip(recorded(app), before, strict=True)]
    lines, events, keys = (sorted(name for _, name in rows) for rows in new)
    assert lines == (record.action or "").split()
    assert events == (record.event or "").split()
    assert keys == sorted(record.keys.format(**shown).split())


def test_no_writing_route_is_left_out(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    routes = {
        f"{method} {rule.rule.removeprefix('/api/v1')}"
        for rule in rules
        for method in rule.methods & WRITING
    }

    assert routes == {record.route for record in RECORDS}
