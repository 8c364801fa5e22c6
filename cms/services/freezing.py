"""What a publication keeps of a working copy: its own words, and the ids of what it links to.

The names behind those ids, and whether they are public, are looked up when it is read.
"""

from datetime import datetime
from typing import Any

import orjson

from cms import content
from cms.models import Entry, Faq, Kind, LinkKind, Post, Publication, PublicationLink
from cms.models.publication import SHOWN
from cms.services import media_bodies, sources
from cms.times import format_time


def freeze(
    entry: Entry, *, published_at: datetime, visible_from: datetime
) -> tuple[Publication, str]:
    """A row that is ready to be shown from `visible_from` on, with no end; and its body as text."""
    part = _post if isinstance(entry, Post) else _faq
    times = {"published_at": published_at, "updated_at": visible_from}
    markdown, text = content.to_markdown_and_text(entry.body_html)
    summary, body, details, links = part(
        entry, text, {name: format_time(value) for name, value in times.items()}
    )
    row = Publication(
        kind=entry.kind,
        entry_id=entry.id,
        revision=entry.revision,
        locale=entry.locale,
        translation_group=entry.translation_group,
        slug=entry.slug,
        title_key=entry.title_key,
        position=getattr(entry, "position", 0),
        published_at=published_at,
        visible_from=visible_from,
        summary=_json(summary),
        details=_json(details),
        names=_names(links),
        body=_json(body),
        links=[*links, *_links(LinkKind.MEDIA, media_bodies.kept(entry))],
        body_markdown=markdown,
        pipeline_version=entry.pipeline_version,
    )
    return row, text


def freeze_times_again(row: Publication, published_at: datetime) -> None:
    """Replace the times that a frozen row says, after its interval has moved."""
    times = {"published_at": published_at, "updated_at": row.visible_from}
    said = {name: format_time(value) for name, value in times.items()}
    row.published_at = published_at
    row.summary = _json(orjson.loads(row.summary) | said)


def freeze_body_again(row: Publication, rendered: content.Rendered) -> bool:
    """Replace what was rendered in a frozen row, nothing else; say whether that changed it."""
    before = row.summary, row.body, row.body_markdown
    if row.kind is Kind.POST:
        row.summary = _json(orjson.loads(row.summary) | _length(rendered.word_count))
        row.body = _json(_body(rendered.html, rendered.toc))
    else:
        answer = _answer(rendered.html, content.to_text(rendered.html))
        row.body = _json(answer)
        row.details = _json(orjson.loads(row.details) | {"answer": answer})
    row.body_markdown = rendered.markdown
    row.pipeline_version = content.PIPELINE_VERSION
    return before != (row.summary, row.body, row.body_markdown)


# Summary, body, details, links.
Parts = tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[PublicationLink]]


def _post(post: Post, _text: str, times: dict[str, str]) -> Parts:
    summary = {
        "id": post.id,
        "slug": post.slug,
        "locale": post.locale,
        "title": post.title,
        "excerpt": post.excerpt,
        **_length(post.word_count),
        **times,
    }
    links = [
        *_links(LinkKind.CATEGORY, [post.category_id] if post.category_id else []),
        *_links(LinkKind.TAG, post.tag_ids),
        *_links(LinkKind.AUTHOR, post.author_ids),
        *_links(LinkKind.FAQ, post.faq_ids),
        *_links(LinkKind.EXCLUDED, post.excluded),
        *_links(LinkKind.HERO, [post.hero_media_id] if post.hero_media_id else []),
        *_picks(post),
    ]
    details = {"sources": sources.numbered(post.sources), "seo": seo(post)}
    return summary, _body(post.body_html, post.toc), details, links


def _faq(faq: Faq, text: str, times: dict[str, str]) -> Parts:
    summary = {
        "id": faq.id,
        "slug": faq.slug,
        "locale": faq.locale,
        "question": faq.title,
        "position": faq.position,
        **times,
    }
    answer = _answer(faq.body_html, text)
    card = {"id": faq.id, "slug": faq.slug, "question": faq.title, "answer": answer}
    return summary, answer, card, _links(LinkKind.TAG, faq.tag_ids)


def _picks(post: Post) -> list[PublicationLink]:
    links = _links(LinkKind.RELATED, [pick.related_id for pick in post.picks])
    for link, pick in zip(links, post.picks, strict=True):
        link.note = pick.note
    return links


def _links(kind: LinkKind, ids: list[str]) -> list[PublicationLink]:
    return [PublicationLink(kind=kind, target_id=one, position=n) for n, one in enumerate(ids)]


def _names(links: list[PublicationLink]) -> str:
    """As `sql.names_in_order` says them."""
    shown = [link for link in links if link.kind in SHOWN]
    shown.sort(key=lambda link: (link.kind, link.position))
    return ",".join([f"{link.kind}:{link.target_id}" for link in shown])


def _length(word_count: int) -> dict[str, int]:
    return {"word_count": word_count, "reading_minutes": content.reading_minutes(word_count)}


def _body(html: str, toc: list[dict[str, Any]]) -> dict[str, Any]:
    return {"html": html, "toc": toc}


def _answer(html: str, text: str) -> dict[str, str]:
    return {"html": html, "text": text}


def seo(post: Post) -> dict[str, Any]:
    """The editor's SEO fields, with what a frontend would fall back to filled in."""
    given = post.seo
    return {
        "title": given.get("title") or post.title,
        "description": given.get("description") or post.excerpt,
        "canonical_url": given.get("canonical_url"),
        "noindex": bool(given.get("noindex")),
    }


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
