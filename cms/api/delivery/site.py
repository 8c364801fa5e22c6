"""What a frontend needs to know first."""

from flask import current_app

from cms.api.conditional import Finished
from cms.api.delivery import answer, blp
from cms.api.delivery.schemas import SiteSchema
from cms.api.envelope import one
from cms.api.resources import Resource


@blp.route("/site")
class Site(Resource):
    @blp.delivers(one(SiteSchema))
    def get(self) -> Finished:
        """Read the site's name, languages and addresses"""
        config = current_app.config["CMS"]
        return answer(
            {
                "name": config.site_name,
                "description": config.site_description,
                "url": config.site_url,
                "api_url": config.api_url,
                "post_url": config.post_url_template,
                "locales": list(config.locales),
                "default_locale": config.default_locale,
                "logo": config.logo_url or None,
            }
        )
