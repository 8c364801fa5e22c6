"""What a frontend needs to know first."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer, blp, held
from cms.api.delivery.queries import LocaleSchema
from cms.api.delivery.schemas import SiteSchema
from cms.api.envelope import one
from cms.api.resources import Resource
from cms.services.delivery import site
from cms.services.delivery.moment import present


@blp.route("/site")
class Site(Resource):
    @blp.query(LocaleSchema)
    @blp.delivers(one(SiteSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the site's name, languages and addresses"""
        return answer(site.get(present(query["locale"])), held.SITE)
