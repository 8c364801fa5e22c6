"""What a frontend needs to know first."""

from flask import Response, current_app
from flask.views import MethodView

from cms.api.delivery import answer, blp
from cms.api.delivery.schemas import SiteSchema
from cms.api.envelope import one


@blp.route("/site")
class Site(MethodView):
    @blp.delivers(one(SiteSchema))
    def get(self) -> Response:
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
