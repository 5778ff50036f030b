"""The application: read top to bottom, it is the table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from . import db as database
from . import organisations, ready, web
from .clock import Clock, system_clock
from .db import db
from .decisions import banner as banner_routes
from .decisions import frequency_door, receipt_page, statistics
from .decisions import routes as decision_routes
from .decisions.door import SwiftDoor as SwiftDecisions
from .experience import declaration, preview_pages
from .experience import routes as experience_routes
from .exports import routes as export_routes
from .imports import routes as import_routes
from .keyring import Keyring
from .ledger import routes as ledger_routes
from .ledger.witness import routes as witness_routes
from .mail import routes as mail_routes
from .newsletters import pages as newsletter_pages
from .newsletters import report_routes
from .newsletters import routes as newsletter_routes
from .newsletters.centre import door as preference_links
from .newsletters.centre import pages as preference_pages
from .newsletters.checker import door as message_tools
from .newsletters.signup import ask
from .newsletters.signup import pages as confirmation_pages
from .newsletters.tracking import door as tracking_links
from .newsletters.tracking import pages as tracking_pages
from .newsletters.tracking import record as tracking
from .notices import pages as notice_pages
from .notices import routes as notice_routes
from .organisations import Scope, holds
from .organisations import routes as organisation_routes
from .outbox import renewals
from .outbox import routes as outbox_routes
from .permissions import asked
from .permissions import routes as permission_routes
from .permissions.bulk import job_routes as list_routes
from .permissions.bulk import routes as campaign_routes
from .permissions.bulk import snapshot_routes
from .permissions.door import SwiftDoor as SwiftPermissions
from .proofs import routes as proof_routes
from .rights import own as own_routes
from .rights import routes as right_routes
from .sandbox import routes as sandbox_routes
from .subjects import contact_routes, suppression_routes
from .subjects import routes as subject_routes
from .webhooks import routes as webhook_routes

if TYPE_CHECKING:
    from .config import Settings

DOORS = (
    organisation_routes.door,
    sandbox_routes.door,
    notice_routes.door,
    notice_pages.door,
    experience_routes.door,
    declaration.door,
    preview_pages.door,
    subject_routes.door,
    contact_routes.door,
    suppression_routes.door,
    banner_routes.door,
    decision_routes.door,
    frequency_door.door,
    receipt_page.door,
    statistics.door,
    permission_routes.door,
    campaign_routes.door,
    list_routes.door,
    snapshot_routes.door,
    mail_routes.door,
    newsletter_routes.door,
    newsletter_pages.door,
    ask.door,
    confirmation_pages.door,
    preference_links.door,
    preference_pages.door,
    message_tools.door,
    tracking_links.door,
    tracking_pages.door,
    import_routes.door,
    export_routes.door,
    report_routes.door,
    own_routes.door,
    right_routes.door,
    proof_routes.door,
    outbox_routes.door,
    renewals.door,
    webhook_routes.door,
    ledger_routes.door,
    witness_routes.door,
)


def create_app(settings: Settings, *, clock: Clock = system_clock) -> Flask:
    """Build the application; refuses to start on weak secrets or an unsafe database."""
    app = Flask("consent_server", static_folder=None, template_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(settings.database_url)
    app.extensions["consent.settings"] = settings
    app.extensions["consent.clock"] = clock
    app.extensions["consent.keyring"] = Keyring.open(settings.keys)
    db.init_app(app)
    with app.app_context():
        database.attach(db.engine)
    api = web.Contract()
    web.install(
        app,
        api,
        ready=lambda: ready.waiting_for(settings),
        remarks=lambda: ready.remarks(settings),
        may_see_metrics=lambda: holds(Scope.METRICS),
    )
    organisations.install(app)
    asked.install(app)
    tracking.install(app)
    for door in DOORS:
        api.register_blueprint(door)
    # In front of Flask: what they do not answer themselves comes through as it came.
    app.wsgi_app = SwiftDecisions(app)  # type: ignore[method-assign] # Flask documents it so
    web.believe_proxies(app, settings)
    app.wsgi_app = SwiftPermissions(app)  # type: ignore[method-assign]
    return app
