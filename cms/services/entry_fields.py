"""How each field of a working copy is checked and set, and what a revision keeps of it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app

from cms import content
from cms.errors import Invalid
from cms.models import (
    Author,
    Base,
    BodyFormat,
    Category,
    Entry,
    EntryTag,
    Faq,
    Media,
    Post,
    PostAuthor,
    PostFaq,
    RelatedExclusion,
    RelatedPick,
    Tag,
)
from cms.services import former, media_bodies, references, sources, translations
from cms.services.folding import fold

SHARED_FIELDS = ["title", "slug", "locale", "body_format", "body_source", "tag_ids"]
POST_FIELDS = ["excerpt", "category_id", "author_ids", "hero_media_id", "seo"]
POST_FIELDS += ["faq_ids", "related", "excluded", "sources"]
FAQ_FIELDS = ["position"]
# What is not frozen: a change of it shows at once, and is no other text.
AT_ONCE = {"comments_open", "translation_of"}
# Fields that name other things, and what they name.
TARGETS: dict[str, type[Base]] = {
    "category_id": Category,
    "tag_ids": Tag,
    "author_ids": Author,
    "faq_ids": Faq,
    "related": Post,
    "excluded": Post,
    "hero_media_id": Media,
}
OUTWARD = {(Faq, "title"): "question", (Faq, "body"): "answer"}


def snapshot(entry: Entry) -> dict[str, Any]:
    """Every editable field of an entry as JSON values, links as ids."""
    names = [*SHARED_FIELDS, *(POST_FIELDS if isinstance(entry, Post) else FAQ_FIELDS)]
    return {name: getattr(entry, name) for name in names}


def editable(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a snapshot keeps, by the names and in the shapes in which editors change it."""
    values = {name: value for name, value in kept.items() if not name.startswith("body_")}
    body_format = BodyFormat(kept["body_format"])
    return values | {"body": {"format": body_format, "source": kept["body_source"]}}


def target_of(link: str | Mapping[str, Any]) -> str:
    """The id in one item of a field that names other things; a pick has a note beside it."""
    return link if isinstance(link, str) else link["post_id"]


def outward(model: type[Entry], name: str) -> str:
    """What clients call a field."""
    return OUTWARD.get((model, name), name)


def differing(entry: Entry, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes without those that say what is there already."""
    return {name: value for name, value in changes.items() if not _says(entry, name, value)}


def _says(entry: Entry, name: str, value: Any) -> bool:
    if name == "body":
        return value == {"format": entry.body_format, "source": entry.body_source}
    if name == "translation_of":
        return translations.is_linked(entry, value)
    return _present(name, value) == getattr(entry, name)


def _present(name: str, value: Any) -> Any:
    """What an old form, or an old revision, names by the id of a term that was merged since."""
    if name == "category_id":
        return former.present_id(Category, value)
    return former.present_ids(TARGETS[name], value) if name in {"tag_ids", "author_ids"} else value


def set_field(entry: Entry, name: str, value: Any) -> None:
    """Change one field. Raises Invalid naming what is wrong with the value."""
    SETTERS.get(name, setattr)(entry, name, value)


def _set_title(entry: Entry, _name: str, value: str) -> None:
    entry.title, entry.title_key = value, fold(value)


def rendered(model: type[Entry], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their body rendered already, outside any transaction.

    That may take seconds for a long body, and nobody else could write meanwhile. Raises Invalid.
    """
    if "body" not in values:
        return dict(values)
    body = values["body"]
    return values | {"body": RenderedBody(body, _rendered(model, body["format"], body["source"]))}


class RenderedBody(dict[str, str]):
    """A body as an editor sent it, and what the pipeline made of it."""

    def __init__(self, body: Mapping[str, str], result: content.Rendered) -> None:
        super().__init__(body)
        self.result = result


def _set_body(entry: Entry, _name: str, value: Mapping[str, str]) -> None:
    rendered = value.result if isinstance(value, RenderedBody) else None
    if rendered is None or not is_current(rendered):
        rendered = _rendered(type(entry), value["format"], value["source"])
    media_bodies.check(rendered, _pointer(type(entry)))
    entry.body_format, entry.body_source = value["format"], value["source"]
    keep_rendered(entry, rendered)


def is_current(rendered: content.Rendered) -> bool:
    """Whether the library still says what it said when a body was rendered.

    True to the commit where the caller holds `locks.share_filing`: who words an image anew owns it.
    """
    media = rendered.media
    return not media.ids or media_bodies.find(media.ids) == media.files


def keep_rendered(entry: Entry, rendered: content.Rendered) -> None:
    """Set what the pipeline made of a body's source."""
    entry.body_html, entry.toc = rendered.html, rendered.toc
    entry.word_count, entry.pipeline_version = rendered.word_count, content.PIPELINE_VERSION
    media_bodies.keep(entry, rendered.media.ids)


def _rendered(model: type[Entry], body_format: str, source: str) -> content.Rendered:
    try:
        rendered = media_bodies.render(body_format, source)
    except content.BodyTooLarge as error:
        raise Invalid(_pointer(model), str(error), reason="body_too_large") from None
    media_bodies.check(rendered, _pointer(model))
    return rendered


def _pointer(model: type[Entry]) -> str:
    return f"/{outward(model, 'body')}/source"


def _set_locale(entry: Entry, name: str, locale: str) -> None:
    known = current_app.config["CMS"].locales
    if locale not in known:
        detail = f"This site has only: {', '.join(known)}."
        raise Invalid(f"/{name}", detail, reason="unknown_locale")
    entry.locale = locale


def _set_translation(entry: Entry, _name: str, value: str | None) -> None:
    translations.link(entry, value)


def _set_category(entry: Entry, name: str, value: str | None) -> None:
    present = _present(name, value)
    references.check_one(Category, present, f"/{name}")
    setattr(entry, name, present)


def _set_hero(post: Post, name: str, value: str | None) -> None:
    references.check_image(value, f"/{name}")
    setattr(post, name, value)


def _set_tags(entry: Entry, name: str, ids: list[str]) -> None:
    ids = _present(name, ids)
    references.check(Tag, ids, f"/{name}")
    entry.tag_links = [EntryTag(tag_id=one, position=n) for n, one in enumerate(ids)]


def _set_authors(post: Post, name: str, ids: list[str]) -> None:
    ids = _present(name, ids)
    references.check(Author, ids, f"/{name}")
    post.author_links = [PostAuthor(author_id=one, position=n) for n, one in enumerate(ids)]


def _set_faqs(post: Post, name: str, ids: list[str]) -> None:
    references.check(Faq, ids, f"/{name}")
    post.faq_links = [PostFaq(faq_id=one, position=n) for n, one in enumerate(ids)]


def _set_picks(post: Post, name: str, picks: list[dict[str, Any]]) -> None:
    _check_neighbours(post, name, [pick["post_id"] for pick in picks])
    post.picks = [
        RelatedPick(related_id=pick["post_id"], note=pick.get("note"), position=n)
        for n, pick in enumerate(picks)
    ]


def _set_exclusions(post: Post, name: str, ids: list[str]) -> None:
    _check_neighbours(post, name, ids)
    post.exclusions = [RelatedExclusion(excluded_id=one) for one in ids]


def _check_neighbours(post: Post, name: str, ids: list[str]) -> None:
    references.check(Post, ids, f"/{name}")
    if post.id in ids:
        place = f"/{name}/{ids.index(post.id)}"
        raise Invalid(place, "A post can not name itself.", reason="self_link")


def _set_later(_entry: Entry, _name: str, _value: Any) -> None:
    """The slug is claimed when everything else is known."""


# A field without a row is set as it is.
SETTERS: dict[str, Callable[[Any, str, Any], None]] = {
    "title": _set_title,
    "slug": _set_later,
    "locale": _set_locale,
    "translation_of": _set_translation,
    "body": _set_body,
    "category_id": _set_category,
    "hero_media_id": _set_hero,
    "tag_ids": _set_tags,
    "author_ids": _set_authors,
    "faq_ids": _set_faqs,
    "related": _set_picks,
    "excluded": _set_exclusions,
    "sources": sources.set_sources,
}
