"""Public translations, by how many locales the site has."""

from dataclasses import replace

from cms import create_app
from cms.reading import reader
from tests import building
from tests.api.delivery.reading import data


def test_a_site_that_has_one_locale_left_names_no_translation(config, client, admin):
    post = building.published_post(admin, slug="warmth")
    other = building.published_post(admin, locale="es", translation_of=post["id"])
    alone = create_app(replace(config, locales=("en",)))

    both, left = (data(one, "/posts/warmth") for one in (client, alone.test_client()))

    with alone.app_context():
        reader().close()
    assert both["translations"] == [{"locale": "es", "slug": other["slug"]}]
    assert left == both | {"translations": []}
