"""What all hostile input meets: one public post."""

import pytest

from tests import building
from tests.api.hostile import JSON
from tests.api.hostile_input.routes import ROUTES


@pytest.fixture
def heat(admin):
    return building.published_post(admin, slug="heat", title="Heat")


@pytest.fixture
def send(client, admin, heat):
    """Send raw bytes to one of `ROUTES`: as a stranger where strangers may."""

    def send(route, raw, content_type=JSON):
        method, path, _ = ROUTES[route]
        who = client if route in {"a comment", "signing in"} else admin
        return who.open(path, method=method, data=raw, content_type=content_type)

    return send
