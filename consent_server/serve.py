"""Serving: gunicorn with threads and keep-alive, the application loaded before it forks."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING, Any

import click
import structlog
from gunicorn.app.base import BaseApplication

from . import ledger
from .app import create_app
from .config import Settings
from .db import TROUBLE, db, revision_now
from .permissions.bulk import host as lists
from .web.batches import batches_of
from .web.metrics import start_anew
from .web.shares import shares

if TYPE_CHECKING:
    from flask import Flask

    from .keyring import Keyring

_log = structlog.get_logger()


class Server(BaseApplication):  # type: ignore[misc] # it publishes no types
    """gunicorn told by our settings instead of by its own files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings over."""
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application once, in the master."""
        start_anew(self.settings.data)
        app = create_app(self.settings)
        batches_of(app).by_itself()
        with app.app_context():
            refuse_unsafe(app)
            # A connection must not be shared by two processes: each worker opens its own.
            db.engine.dispose()
        # What exists now lives as long as the server: the collector need not look at it
        # again, and so does not write on pages that the workers share.
        gc.collect()
        gc.freeze()
        lists.begin(app)
        return app


def refuse_unsafe(app: Flask) -> None:
    """Refuse a database that is not durable, not walled, or older than what was signed.

    One that does not answer is waited for instead: `/readyz` says so.
    """
    settings: Settings = app.extensions["consent.settings"]
    ledger.refuse_bad_witnesses(settings)
    keyring: Keyring = app.extensions["consent.keyring"]
    try:
        if revision_now() is not None:
            ledger.refuse_other_history(ledger.LogSigner.of(settings, keyring))
    except TROUBLE as error:
        _log.warning("the database does not answer", error=type(error).__name__)


def _leave_the_terminal_to_the_master(_worker: object) -> None:
    # Ctrl-C reaches every process of the terminal's group; a worker that hears it from there
    # and then from its master too can lock up in its own handler.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_what_waits(_server: object, worker: Any) -> None:
    app = getattr(worker, "application", None)
    if app is not None:
        batches_of(app).finish()


def options(settings: Settings) -> dict[str, Any]:
    """Give gunicorn's options."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "consent_server.web.threads.Threads",
        "preload_app": True,
        "keepalive": 75,
        "graceful_timeout": 30,
        "timeout": 60,
        # The access log is ours (web.log): theirs writes whole addresses.
        "accesslog": None,
        # Their warnings of unreadable requests name the caller's address.
        "loglevel": "error",
        "limit_request_line": 4094,
        "limit_request_fields": 100,
        "limit_request_field_size": 8190,
        "control_socket_disable": True,
        "child_exit": lambda _server, worker: shares.leave(worker.age),
        "post_worker_init": _leave_the_terminal_to_the_master,
        "worker_exit": _write_what_waits,
    }


@click.command("serve")
def serve_command() -> None:
    """Serve on CONSENT_HOST and PORT until told to stop."""
    Server(Settings.from_environment()).run()
