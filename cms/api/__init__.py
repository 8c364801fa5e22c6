"""HTTP: read a request, call one service, build the reply."""

from flask import Flask

from cms.api import (
    auth,
    bodies,
    delivery,
    exchange,
    files,
    framing,
    front,
    health,
    identity,
    index,
    manage,
    methods,
    observing,
    openapi,
    problems,
    reasons,
    unanswered,
)
from cms.api.json import OrjsonProvider

# Each audience, under its own address.
AUDIENCES = [
    (delivery.blp, "/api/v1"),
    (auth.blp, "/api/v1/auth"),
    (manage.blp, "/api/v1/manage"),
    (files.blp, "/media"),
    (health.blp, ""),
    (index.blp, ""),
    (reasons.blp, "/problems"),
]


def init_app(app: Flask) -> None:
    app.json = OrjsonProvider(app)
    # `//` and a trailing slash are other addresses, not ours with a redirect.
    app.url_map.merge_slashes = False
    problems.init_app(app)
    bodies.init_app(app)
    methods.init_app(app)
    framing.init_app(app)
    exchange.init_app(app)
    identity.init_app(app)
    described = openapi.init_app(app)
    for blueprint, prefix in AUDIENCES:
        described.register_blueprint(blueprint, url_prefix=prefix)
    unanswered.init_app(app)
    front.init_app(app)
    observing.init_app(app)
