"""The addresses of all public posts, or of those in one locale, for search engines.

Parts are cut by the order of publishing, over an index alone. What of a part is public is asked of
its rows, as of any list; so a part may hold less than it could, and never more. What would hold
nothing names the site's front page: by the protocol, a sitemap has one address at least.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Integer, Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from cms.content.sitemap import MOST_URLS, Page
from cms.errors import NotFound
from cms.models import Kind, Publication
from cms.models.publication import EVERY_ROW
from cms.reading import Row
from cms.services import published
from cms.services.delivery import list_statements
from cms.services.delivery.columns import translations_of
from cms.services.delivery.moment import Moment
from cms.services.published import LOCALE, is_public, not_past
from cms.services.sql import time_text

# Of an index. The protocol allows five times as many, which would keep a thread for seconds.
PART = 10_000
KEYS = (Publication.published_at, Publication.entry_id)
# As it stands in frozen JSON; a text could only hold it escaped.
HIDDEN = '%"noindex":true%'
# What has no translation.
ALONE = "[]"
SIZE = bindparam("size", type_=Integer())


def parts(moment: Moment) -> list[tuple[str, int]]:
    """The locale and the place of each part; none where one sitemap holds everything."""
    counted = list_statements.counters(published.round_size(1))
    rows = moment.rows(counted, kind=Kind.POST, **published.padded("term", [EVERY_ROW]))
    totals = {locale: total for locale, _, total in rows if locale in moment.locales}
    if sum(totals.values()) <= MOST_URLS:
        return []
    return [(one, start) for one in sorted(totals) for start in range(0, totals[one], PART)]


def whole(moment: Moment) -> Iterator[Page]:
    """Every page of what has no parts."""
    found = (_pages(moment, one, _all_rows(), size=MOST_URLS) for one in moment.locales)
    return _or_home(moment, chain.from_iterable(found))


def part(moment: Moment, number: int) -> Iterator[Page]:
    """The pages of a part; the first is 1. Raises NotFound."""
    found = parts(moment)[number - 1 : number]
    if not found:
        raise NotFound("There is no such part of the sitemap.", reason="not_found")
    locale, start = found[0]
    return _or_home(moment, _pages(moment, locale, _rows_of_part(), start=start, size=PART))


def _or_home(moment: Moment, pages: Iterator[Page]) -> Iterator[Page]:
    first = next(pages, None) or _home(moment)
    return chain([first], pages)


def _home(moment: Moment) -> Page:
    address = urlsplit(moment.config.site_url)
    # As it is asked for, and as long as the protocol wants an address to be.
    return Page(url=address._replace(path=address.path or "/").geturl())


def _pages(moment: Moment, locale: str, rows: Select[Any], **place: int) -> Iterator[Page]:
    """One at a time: there may be many."""
    return (_page(moment, locale, row) for row in moment.rows(rows, locale=locale, **place))


def _page(moment: Moment, locale: str, row: Row) -> Page:
    slug, modified, others = row
    url = moment.url({"locale": locale, "slug": slug})
    if others == ALONE:
        return Page(url=url, modified=modified)
    there = [(one["locale"], moment.url(one)) for one in orjson.loads(others)]
    return Page(url=url, modified=modified, languages=((locale, url), *there))


def _shown(row: Any) -> Select[Any]:
    """`(slug, updated_at, translations)` of what is public."""
    found = select(row.slug, time_text(row.visible_from), translations_of(row))
    mine = (row.kind == Kind.POST, row.locale == LOCALE, is_public(row))
    return found.where(*mine, row.details.not_like(HIDDEN))


@cache
def _all_rows() -> Select[Any]:
    """The first `:size`."""
    row = aliased(Publication)
    return _shown(row).order_by(row.published_at, row.entry_id).limit(SIZE)


@cache
def _rows_of_part() -> Select[Any]:
    """Those among `:size` rows from `:start` on."""
    # Once each: what is live and has a schedule has two rows.
    cut = (
        select(*KEYS)
        .distinct()
        .where(Publication.kind == Kind.POST, Publication.locale == LOCALE, not_past())
        .order_by(*KEYS)
        .limit(SIZE)
        .offset(bindparam("start", type_=Integer()))
        .subquery()
    )
    row = aliased(Publication)
    same = and_(row.published_at == cut.c.published_at, row.entry_id == cut.c.entry_id)
    return _shown(row).join(cut, same).order_by(cut.c.published_at, cut.c.entry_id)
