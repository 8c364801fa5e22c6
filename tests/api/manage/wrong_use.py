"""What editors can do wrong, as a table: who asks for what, and how that is refused.

Words in braces stand for what the site of `test_wrong_use` has. What is wrong with a file is in
`test_wrong_uploads`, what is wrong with any body at all in `hostile_input`.
"""

from dataclasses import dataclass, replace
from typing import Any

from tests.building import NOWHERE, markdown

PAST, LATER, LATEST = "2020-01-01T00:00:00Z", "2500-01-01T00:00:00Z", "2500-01-02T00:00:00Z"
INVALID = (422, "validation_failed")
WAITS = (409, "schedule_waiting")


@dataclass(frozen=True)
class Row:
    """A request, and the refusal that it gets."""

    method: str
    path: str
    body: Any
    refusal: tuple[int, str]
    who: str = "editor"


def put(path: str, body: Any, *refusal: Any) -> Row:
    return Row("PUT", path, body, refusal)


def patch(path: str, body: Any, *refusal: Any) -> Row:
    return Row("PATCH", path, body, refusal)


def post(path: str, body: Any, *refusal: Any) -> Row:
    return Row("POST", path, body, refusal)


def delete(path: str, *refusal: Any) -> Row:
    return Row("DELETE", path, None, refusal)


def look(path: str, *refusal: Any) -> Row:
    return Row("GET", path, None, refusal, who="stranger")


def unplanned(*plans: dict[str, Any]) -> list[Row]:
    """Plans by which no draft is published."""
    drafts = ("posts/{draft}", "faqs/{draft_faq}")
    return [put(f"{entry}/publication", plan, *INVALID) for plan in plans for entry in drafts]


def unmoved(plan: dict[str, Any], *entries: str) -> list[Row]:
    """Times to which what is live or waits can not move."""
    return [patch(f"{entry}/publication", plan, *INVALID) for entry in entries]


LIVE, WAITING, BOTH = "posts/{live}", "posts/{waiting}", "posts/{both}"
WAITING_FAQ = "faqs/{waiting_faq}"
PASSED = [
    *unplanned({"publish_at": PAST}, {"unpublish_at": PAST}, {"published_at": LATER}),
    *unmoved({"publish_at": PAST}, WAITING, BOTH, WAITING_FAQ),
    *unmoved({"unpublish_at": PAST}, LIVE, WAITING, BOTH, WAITING_FAQ),
]
BACKWARDS = [
    *unplanned({"publish_at": LATEST, "unpublish_at": LATER}),
    *unplanned({"publish_at": LATER, "unpublish_at": LATER}),
    # What waits begins at LATER, and ends never; the FAQ ends at LATEST.
    *unmoved({"unpublish_at": LATER}, WAITING, BOTH, WAITING_FAQ),
    *unmoved({"publish_at": LATEST, "unpublish_at": LATER}, WAITING, BOTH, WAITING_FAQ),
    *unmoved({"publish_at": LATEST}, WAITING_FAQ),
]
OUT_OF_BOUNDS = [
    *("1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
    *("12500-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00", "2999-12-31T23:59:59-01:00"),
    *("2500-01-01T00:00:00+24:00", "2500-01-01T00:00:00-99:99", "2500-01-01T00:00:00+00:60"),
    *("2500-01-01T00:00:00", "2500-01-01", "2500-13-01T00:00:00Z", "2500-02-30T00:00:00Z"),
    *("2500-01-01T24:00:00Z", "", "now", 16_000_000_000, True, [LATER]),
]
UNBOUNDED = [
    row
    for time in OUT_OF_BOUNDS
    for row in [
        *unplanned({"publish_at": time}, {"unpublish_at": time}, {"published_at": time}),
        *unmoved({"publish_at": time}, WAITING, WAITING_FAQ),
        *unmoved({"unpublish_at": time}, LIVE),
    ]
]
UNKNOWN, DOUBLED, SELF = (422, "unknown_id"), (422, "doubled_id"), (422, "self_link")
FAQS, RELATED = "posts/{draft}/faqs", "posts/{draft}/related"
LINKS = [
    put(FAQS, {"faq_ids": [NOWHERE]}, *UNKNOWN),
    put(FAQS, {"faq_ids": ["{live}"]}, *UNKNOWN),
    put(FAQS, {"faq_ids": ["{faq}", "{faq}"]}, *DOUBLED),
    put(RELATED, {"related": [{"post_id": NOWHERE}]}, *UNKNOWN),
    put(RELATED, {"related": [{"post_id": "{faq}"}]}, *UNKNOWN),
    put(RELATED, {"related": [{"post_id": "{draft}"}]}, *SELF),
    put(RELATED, {"related": [{"post_id": "{live}"}, {"post_id": "{live}"}]}, *DOUBLED),
    put(RELATED, {"excluded": [NOWHERE]}, *UNKNOWN),
    put(RELATED, {"excluded": ["{draft}"]}, *SELF),
    put(RELATED, {"excluded": ["{live}", "{live}"]}, *DOUBLED),
    put(RELATED, {"related": [{"post_id": "{live}"}], "excluded": ["{live}"]}, *DOUBLED),
    patch("posts/{draft}", {"tag_ids": ["{tag}", NOWHERE]}, *UNKNOWN),
    patch("posts/{draft}", {"tag_ids": ["{tag}", "{tag}"]}, *DOUBLED),
    patch("posts/{draft}", {"author_ids": ["{tag}"]}, *UNKNOWN),
    patch("posts/{draft}", {"author_ids": ["{writer}", "{writer}"]}, *DOUBLED),
    patch("posts/{draft}", {"category_id": "{tag}"}, *UNKNOWN),
    patch("posts/{draft}", {"hero_media_id": NOWHERE}, *UNKNOWN),
    patch("posts/{draft}", {"translation_of": "{faq}"}, *UNKNOWN),
    patch("posts/{draft}", {"translation_of": "{draft}"}, *SELF),
    patch("posts/{draft}", {"body": markdown(f"![](media:{NOWHERE})")}, 422, "unknown_media"),
    patch("faqs/{draft_faq}", {"tag_ids": [NOWHERE]}, *UNKNOWN),
    patch("faqs/{draft_faq}", {"tag_ids": ["{tag}", "{tag}"]}, *DOUBLED),
    patch("authors/{writer}", {"photo_media_id": NOWHERE}, *UNKNOWN),
    patch("categories/{top}", {"parent_id": "{tag}"}, *UNKNOWN),
    post("posts", {"title": "x", "tag_ids": ["{tag}", "{tag}"]}, *DOUBLED),
    post("faqs", {"question": "x", "answer": markdown("x"), "tag_ids": [NOWHERE]}, *UNKNOWN),
    post("tags/{tag}/merge", {"into": "{top}"}, *UNKNOWN),
    post("tags/{tag}/merge", {"into": "{tag}"}, *SELF),
    post("posts/{draft}/review", {"reviewed_by": "{tag}", "reviewed_on": "2024-05-01"}, *UNKNOWN),
]
CYCLE = (422, "category_cycle")
CYCLES = [
    patch("categories/{top}", {"parent_id": "{top}"}, *CYCLE),
    patch("categories/{top}", {"parent_id": "{middle}"}, *CYCLE),
    patch("categories/{top}", {"parent_id": "{bottom}"}, *CYCLE),
    patch("categories/{middle}", {"parent_id": "{bottom}", "name": "Other"}, *CYCLE),
    post("categories/{top}/merge", {"into": "{bottom}"}, *CYCLE),
]
CROWDED = [
    row
    for entry in (WAITING, BOTH, WAITING_FAQ)
    for row in [
        put(f"{entry}/publication", {}, *WAITS),
        put(f"{entry}/publication", {"published_at": PAST}, *WAITS),
        put(f"{entry}/publication", {"publish_at": LATEST}, *WAITS),
        put(f"{entry}/publication", {"publish_at": LATEST, "schedule": "keep"}, *WAITS),
        put(f"{entry}/publication", {"schedule": "both"}, *INVALID),
    ]
]
USED = [
    *(delete(f"{path}", 409, "in_use") for path in ("tags/{tag}", "categories/{bottom}")),
    *(delete(f"categories/{{{one}}}", 409, "in_use") for one in ("top", "middle")),
    *(delete(f"authors/{{{one}}}", 409, "in_use") for one in ("writer", "reviewer")),
    *(delete(f"media/{{{one}}}", 409, "media_in_use") for one in ("hero", "inline", "photo")),
]


EDIT, PUBLISH = (403, "entry_edit"), (403, "entry_publish")


def not_theirs(url: str, title: str) -> list[Row]:
    """What no author may do with this entry."""
    rows = [
        patch(url, {title: "Mine"}, *EDIT),
        post(f"{url}/revisions/1/restore", {}, *EDIT),
        delete(url, 403, "entry_trash"),
        delete(f"{url}?permanent=true", 403, "entry_remove"),
        put(f"{url}/publication", {}, *PUBLISH),
        patch(f"{url}/publication", {"unpublish_at": LATEST}, *PUBLISH),
        delete(f"{url}/publication", *PUBLISH),
        delete(f"{url}/publication/scheduled", *PUBLISH),
    ]
    return [replace(row, who="author") for row in rows]


def no_post_of_theirs(url: str) -> list[Row]:
    """The same of what a post alone has."""
    reviewed = {"reviewed_by": "{reviewer}", "reviewed_on": "2024-05-01"}
    rows = [
        put(f"{url}/faqs", {"faq_ids": []}, *EDIT),
        put(f"{url}/related", {"related": []}, *EDIT),
        post(f"{url}/review", reviewed, *PUBLISH),
    ]
    return [*not_theirs(url, "title"), *(replace(row, who="author") for row in rows)]


# Another's, and their own: live, or about to be.
POSTS = ("posts/{draft}", "posts/{authors_live}", "posts/{authors_waiting}")
QUESTIONS = ("faqs/{draft_faq}", "faqs/{faq}", "faqs/{authors_live_faq}")
QUESTIONS += ("faqs/{authors_waiting_faq}",)
AUTHORS = [row for url in POSTS for row in no_post_of_theirs(url)]
AUTHORS += [row for url in QUESTIONS for row in not_theirs(url, "question")]
GONE = (410, "preview_over")
PREVIEWS = [
    *(look(f"{{{one}}}", 404, "not_found") for one in ("tampered", "cut", "two_halves")),
    *(look(f"{{{one}}}", *GONE) for one in ("expired", "revoked")),
    *(look(f"{{{one}}}/posts", *GONE) for one in ("expired_site", "revoked_site")),
    # A link of one post shows no other, and a link of the site no working copy.
    *(
        look(f"{{link}}/{path}", 404, "not_found")
        for path in ("posts", "posts/live", "posts/draft")
    ),
    look("{site_link}", 404, "not_found"),
    look("{site_link}/posts/draft", 404, "not_found"),
    look("{site_link}/posts?at=2020-01-01T00:00:00Z", 400, "bad_parameter"),
]

# Bodies that changes would take, where they do not take an empty one: by the end of the path.
BODIES: dict[str, Any] = {
    "/publication": {"unpublish_at": LATEST},
    "/faqs": {"faq_ids": []},
    "/review": {"reviewed_by": "{reviewer}", "reviewed_on": "2024-05-01"},
}
NOT_A_VERSION = [
    ({}, 428, "version_required"),
    ({"If-Match": '"99"'}, 412, "stale_version"),
    ({"If-Match": 'W/"99"'}, 412, "stale_version"),
    *(({"If-Match": given}, 400, "bad_if_match") for given in ("1", '""', '"1", "2"', '"01"')),
]

WRONG: dict[str, list[Row]] = {
    "times that have passed": PASSED,
    "an end before its beginning": BACKWARDS,
    "years and offsets out of bounds": UNBOUNDED,
    "unknown, doubled and self links": LINKS,
    "categories inside themselves": CYCLES,
    "publishing while another waits": CROWDED,
    "removing what is in use": USED,
    "what is another's, or live": AUTHORS,
    "previews that show nothing": PREVIEWS,
}
