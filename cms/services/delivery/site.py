"""What a frontend needs to know first."""

from functools import cache
from typing import Any

from sqlalchemy import Select, select

from cms.models import ONLY, SiteSettings
from cms.services.delivery.moment import Moment


def get(moment: Moment) -> dict[str, Any]:
    """Name, languages and addresses: what administrators said, else what the environment says."""
    config = moment.config
    name, description, logo = moment.row(_said()) or (None, None, None)
    return {
        "name": config.site_name if name is None else name,
        "description": config.site_description if description is None else description,
        "url": config.site_url,
        "api_url": config.api_url,
        "post_url": config.post_url_template,
        "locales": list(config.locales),
        "default_locale": config.default_locale,
        "logo": logo or config.logo_url or None,
    }


@cache
def _said() -> Select[Any]:
    row = select(SiteSettings.name, SiteSettings.description, SiteSettings.logo_url)
    return row.where(SiteSettings.id == ONLY)
