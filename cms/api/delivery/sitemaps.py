"""The sitemap of public posts."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import blp, held
from cms.api.delivery.queries import SitemapQuerySchema
from cms.api.resources import Resource
from cms.content.sitemap import sitemap, sitemap_index
from cms.services.delivery import sitemaps
from cms.services.delivery.moment import EVERY_LOCALE, Moment, present

XML = "application/xml"


@blp.route("/sitemap.xml")
class Sitemap(Resource):
    @blp.query(SitemapQuerySchema)
    @blp.delivers({"type": "string"}, XML)
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the addresses of all public posts, or above 50,000 an index of parts"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        document = _document(moment, query["part"])
        return Finished(document, content_type=XML, keys=held.SITEMAP)


def _document(moment: Moment, part: int | None) -> bytes:
    if part is not None:
        return sitemap(sitemaps.part(moment, part))
    number = len(sitemaps.parts(moment))
    if not number:
        return sitemap(sitemaps.whole(moment))
    here = f"{moment.config.api_url}/api/v1/sitemap.xml"
    # A part is one of those that the index was cut into: of every locale, or of one.
    of = "" if moment.locale == EVERY_LOCALE else f"&locale={moment.locale}"
    return sitemap_index(f"{here}?part={n}{of}" for n in range(1, number + 1))
