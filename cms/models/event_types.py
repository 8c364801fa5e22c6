"""Every event that leaves the site: when it is sent, and what its data names. One table.

Webhooks choose among its kinds, the API's description tells clients of its types, and
`docs/events.md` shows it to people; tests hold it to what services record.
"""

from typing import NamedTuple

SAVED, NAMED, COMMENT = ("id", "revision"), ("id", "slug", "locale"), ("id", "post_id")
# Where it came of a time, and of nobody.
TIMED = ("at",)


class EventType(NamedTuple):
    """`data` are the names that are always there, `sometimes` those that may be."""

    name: str
    when: str
    data: tuple[str, ...]
    sometimes: tuple[str, ...] = ()


def _of_each(kinds: tuple[str, ...], *rows: EventType) -> list[EventType]:
    return [row._replace(name=f"{kind}.{row.name}") for kind in kinds for row in rows]


ENTRIES = _of_each(
    ("post", "faq"),
    EventType("created", "a working copy was begun", SAVED),
    EventType("saved", "a working copy was changed, or restored from an older revision", SAVED),
    EventType("published", "it became public: at once, or because its time came", NAMED, TIMED),
    EventType(
        "updated",
        "another text took the place of the public one, at once or because its time came",
        NAMED,
        TIMED,
    ),
    EventType(
        "unpublished",
        "it went offline, or its end came; of one that only waited, that it waits no more",
        NAMED,
        TIMED,
    ),
    EventType("scheduled", "a text was told to wait for its time", NAMED),
    EventType(
        "rescheduled", "the times of what waits, or the end of what is public, were changed", NAMED
    ),
    EventType("schedule_cancelled", "what waited was dropped", NAMED),
    EventType("trashed", "it was put into the trash", NAMED),
    EventType("restored", "it came back from the trash", NAMED),
    EventType("removed", "it was removed for good", NAMED),
    EventType(
        "rebuilt",
        "its body was rendered again and came out differently, with no change by an editor:"
        " after a fix of the sanitiser, other words for an image, another address of the site",
        NAMED,
    ),
)
OF_POSTS = [
    EventType("post.reviewed", "a professional review of its text was recorded", SAVED),
    EventType(
        "post.history_redacted", "a past text was taken out of its public history", ("id", "text")
    ),
]
COMMENTS = _of_each(
    ("comment",),
    EventType("submitted", "a reader left a comment, whatever became of it", COMMENT),
    EventType(
        "approved",
        "it is public: by a moderator, at once by the rules, or as an answer by staff",
        COMMENT,
    ),
    EventType("flagged", "its wording, or that of an edit, is urgent", (*COMMENT, "flag")),
    EventType("moderated", "it has another status, and is not public", COMMENT),
    EventType("edited", "its writer changed it, or asks for a change of what is public", COMMENT),
    EventType(
        "updated",
        "readers see other words of it: a moderator let an edit in, or put the version without"
        " personal data in its place",
        COMMENT,
    ),
    EventType("withdrawn", "its writer took it back", COMMENT),
    EventType("promoted", "a draft FAQ was made from it", ("id", "faq_id")),
    EventType("imported", "it came from a file", COMMENT),
    EventType("removed", "old spam or trash was removed for good; demo content, too", COMMENT),
)
MEDIA = _of_each(
    ("media",),
    EventType("created", "a file was uploaded", ("id", "mime_type")),
    EventType("changed", "what is said of a file was changed", ("id",)),
    EventType("removed", "a file was removed", ("id",)),
)
TERMS = _of_each(
    ("tag", "category", "author"),
    EventType("created", "it was made", ("id",)),
    EventType("saved", "it was changed", ("id",)),
    EventType("merged", "it became part of another, and is gone", ("id", "into")),
    EventType("removed", "it was removed", ("id",)),
)
OTHERS = [
    EventType(
        "review.due",
        "a post is due for another review; once for each due day",
        (*NAMED, "due_on"),
    ),
    EventType(
        "cache.purge",
        "what readers see was changed, and `CMS_SURROGATE_KEYS` is on",
        ("keys", "generation"),
    ),
]
CHOSEN = [*ENTRIES, *OF_POSTS, *COMMENTS, *MEDIA, *TERMS, *OTHERS]
# What a webhook may name. Of users, settings and previews nobody outside is told.
KINDS = list(dict.fromkeys(one.name.partition(".")[0] for one in CHOSEN))
# All that a webhook may name.
NAMES = ["*", *(f"{kind}.*" for kind in KINDS), *(one.name for one in CHOSEN)]
# To one webhook alone, whatever it names.
PING = EventType(
    "webhook.ping",
    "an admin tries the way, by `POST …/ping`; to that webhook alone, whatever it names",
    ("id",),
)
SENT = [*CHOSEN, PING]
