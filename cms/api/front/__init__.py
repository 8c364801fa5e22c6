"""Answers from memory, before Flask sees a request: exactly as fresh as answers built anew."""

from flask import Flask

from cms.api.front.application import Front

# Where the application keeps it.
EXTENSION = "cms_front"

__all__ = ["EXTENSION", "Front", "front_of", "init_app"]


def init_app(app: Flask) -> None:
    """Stand before all that the application's other layers do."""
    app.extensions[EXTENSION] = None
    if app.config["CMS"].response_cache:
        app.extensions[EXTENSION] = app.wsgi_app = Front(app, app.wsgi_app)


def front_of(app: Flask) -> Front | None:
    """None where the setting says that there is none."""
    return app.extensions[EXTENSION]
