"""What a publication keeps of a working copy: its own words, and the ids of what it links to.

The names behind those ids, and whether they are public, are looked up when it is read.
"""

from datetime import datetime
from typing import Any

import orjson

from cms import content
from cms.models import Entry, Faq, Post, Publication
from cms.times import format_time


def freeze(entry: Entry, *, published_at: datetime, visible_from: datetime) -> Publication:
    """A row that is ready to be shown from `visible_from` on, with no end."""
    part = _post if isinstance(entry, Post) else _faq
    times = {"published_at": published_at, "updated_at": visible_from}
    summary, document, links = part(entry, {k: format_time(v) for k, v in times.items()})
    return Publication(
        kind=entry.kind,
        entry_id=entry.id,
        revision=entry.revision,
        locale=entry.locale,
        slug=entry.slug,
        title_key=entry.title_key,
        position=getattr(entry, "position", 0),
        published_at=published_at,
        visible_from=visible_from,
        links=_json(links),
        summary=_json(summary),
        document=_json(document),
        body_markdown=content.to_markdown(entry.body_format, entry.body_source, entry.body_html),
    )


Parts = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def _post(post: Post, times: dict[str, str]) -> Parts:
    summary = {
        "id": post.id,
        "slug": post.slug,
        "locale": post.locale,
        "title": post.title,
        "excerpt": post.excerpt,
        "word_count": post.word_count,
        "reading_minutes": content.reading_minutes(post.word_count),
        **times,
    }
    document = {"body": {"html": post.body_html, "toc": post.toc}, "seo": seo(post)}
    links = {
        "category": post.category_id,
        "tags": post.tag_ids,
        "authors": post.author_ids,
        "faqs": post.faq_ids,
        "related": post.related,
        "excluded": post.excluded,
    }
    return summary, document, links


def _faq(faq: Faq, times: dict[str, str]) -> Parts:
    summary = {
        "id": faq.id,
        "slug": faq.slug,
        "locale": faq.locale,
        "question": faq.title,
        "position": faq.position,
        **times,
    }
    answer = {"html": faq.body_html, "text": content.to_text(faq.body_html)}
    return summary, {"answer": answer}, {"tags": faq.tag_ids}


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
