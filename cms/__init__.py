"""A headless CMS backend. `create_app` is the whole wiring, in order."""

from flask import Flask

from cms import api, database, logs, reading
from cms.api.application import Application
from cms.config import Config
from cms.extensions import db
from cms.services import token_uses
from cms.services.delivery import memory


def create_app(config: Config | None = None) -> Flask:
    """An application ready to serve. Raises ConfigError for settings that can not be used."""
    config = config or Config.from_env()
    logs.configure(config)
    app = Application(__name__, static_folder=None)
    app.config.update(
        CMS=config,
        SIGNING_KEY=config.signing_key,
        SQLALCHEMY_DATABASE_URI=config.database_uri,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(config),
        # One more than is taken: a body without a length is cut here, and must not pass for whole.
        MAX_CONTENT_LENGTH=config.max_body_bytes + 1,
    )
    db.init_app(app)
    database.init_app(app)
    reading.init_app(app)
    token_uses.init_app(app)
    memory.init_app(app)
    api.init_app(app)
    return app
