"""The measure: bare Flask routes behind the same server, with the same settings.

One answers a constant; the others execute the statements of a journey, on the same
driver, in the same kind of transaction, and answer a constant too. Nothing is read,
checked, sealed, proved, counted or logged.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from flask import Flask

from bench.statements import Replay
from consent_server import db as database
from consent_server.config import Settings
from consent_server.db import db, swift_write
from consent_server.ids import new_id
from consent_server.serve import Server

READS = frozenset({"lookup"})


class BareServer(Server):
    """The same gunicorn, told the same things, with nothing to serve but bare routes."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._folder = folder
        super().__init__(settings)

    def load(self) -> Flask:
        app = bare_app(self.settings, self._folder)
        with app.app_context():
            db.engine.dispose()
        return app


def bare_app(settings: Settings, folder: Path) -> Flask:
    """Make the application; `folder` holds `<journey>.statements`."""
    app = Flask("bare", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(settings.database_url)
    db.init_app(app)
    with app.app_context():
        database.attach(db.engine)
    app.post("/constant")(_constant)
    for path in folder.glob("*.statements"):
        organisation, text = path.read_text("utf-8").split("\n", 1)
        _add(app, path.stem, int(organisation), Replay.read(text))
    return app


def _constant() -> dict[str, Any]:
    return {"allowed": False, "because": "never_asked"}


def _add(app: Flask, journey: str, organisation: int, replay: Replay) -> None:
    def reading() -> dict[str, Any]:
        return {"cells": replay.ask(db.engine)}

    def writing() -> dict[str, Any]:
        with swift_write(organisation, lock=new_id()) as tx:
            return {"rows": replay.execute(tx)}

    app.post(f"/{journey}", endpoint=journey)(reading if journey in READS else writing)


if __name__ == "__main__":
    BareServer(Settings.from_environment(), Path(sys.argv[1])).run()
