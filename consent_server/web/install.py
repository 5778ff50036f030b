"""All of the web room's wiring, in the order in which it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import PackageLoader, StrictUndefined

from . import contract, errors, front, limits, log, machines, manners
from .addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from ..config import Settings


def install(
    app: Flask,
    api: Any,
    *,
    ready: Callable[[], list[str]],
    remarks: Callable[[], Mapping[str, str]] = dict,
    may_see_metrics: Callable[[], bool],
) -> None:
    """Give an application its manners; before any room is registered with the API.

    `ready` names what is still waited for, `remarks` what else wants looking at;
    `may_see_metrics` judges the caller's key.
    """
    settings: Settings = app.extensions["consent.settings"]
    clock = app.extensions["consent.clock"]
    log.configure(settings.log_level, clock)
    app.config["MAX_CONTENT_LENGTH"] = settings.limits.body_bytes
    # Forms of people's pages are a few fields; a form of ten thousand parts is an attack.
    app.config["MAX_FORM_PARTS"] = 50
    machines.use_our_json(app)
    app.url_rule_class = Address
    app.jinja_loader = PackageLoader(__package__ or "", "templates")
    app.jinja_env.undefined = StrictUndefined
    limits.install(app, settings, clock, app.extensions["consent.keyring"])
    errors.install(app)
    metrics = manners.install(app, settings)
    contract.prepare(app, api)
    machines.install(
        app, metrics, ready=ready, remarks=remarks, may_see_metrics=may_see_metrics
    )
    front.install(app, api)
