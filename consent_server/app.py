"""The application: read top to bottom, it is the table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from . import db as database
from .clock import Clock, system_clock
from .config import Settings
from .db import db
from .keyring import Keyring

if TYPE_CHECKING:
    pass


def create_app(settings: Settings, *, clock: Clock = system_clock) -> Flask:
    """Build the application; refuses to start on weak secrets or an unsafe database."""
    app = Flask("consent_server", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(settings.database_url)
    app.extensions["consent.settings"] = settings
    app.extensions["consent.clock"] = clock
    app.extensions["consent.keyring"] = Keyring.open(settings.keys)
    db.init_app(app)
    with app.app_context():
        database.attach(db.engine)
    return app
