"""The room's door: receivers of events, and what was tried with them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response

from .. import db
from ..organisations import Scope, caller, look, requires
from ..outgoing import RefusedAddress, read_url
from ..problems import Unprocessable
from ..web import Door, current, limit
from . import hooks, queue, schemas
from .attempts import log_of_tries

if TYPE_CHECKING:
    from ..db import Transaction

door = Door("webhooks", __name__, description="Events, signed, at your own address.")

_EMPTY = HTTPStatus.NO_CONTENT


def refuse_unfit(url: str, already: int) -> None:
    """Refuse an address we would not call, and one receiver too many."""
    try:
        read_url(url, allowed=current.settings().callable)
    except RefusedAddress as error:
        raise Unprocessable.at("/url", str(error)) from None
    if already >= schemas.MOST_HOOKS:
        raise Unprocessable.at("/url", f"close one first: {schemas.MOST_HOOKS} are the most")


def _hook(tx: Transaction, webhook: str) -> hooks.Hook:
    return hooks.find(tx, caller().organisation, webhook)


@door.post("/v1/webhooks")
@requires(Scope.WEBHOOKS)
@door.takes(schemas.NewWebhook)
@door.answers(HTTPStatus.CREATED, schemas.WebhookMade, description="The receiver, its secret.")
def make_webhook(body: dict[str, Any]) -> dict[str, Any]:
    """Declare a receiver of events; its secret is shown this once."""
    limit("writes", caller().key_id)
    organisation = caller().organisation
    with db.write(organisation) as tx:
        refuse_unfit(body["url"], len(hooks.hooks_of(tx, organisation)))
        return hooks.add(
            tx,
            organisation,
            body["url"],
            body.get("events", ()),
            actor=caller().actor,
            now=current.now(),
        )


@door.get("/v1/webhooks")
@requires(Scope.WEBHOOKS)
@door.answers(HTTPStatus.OK, schemas.WebhooksOut)
def list_webhooks() -> dict[str, Any]:
    """List the receivers, what waits for each, and which were given up."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        found = hooks.shown(tx, caller().organisation)
        look(tx, "webhooks.listed")
    return {"webhooks": found}


@door.delete("/v1/webhooks/<webhook>")
@requires(Scope.WEBHOOKS)
@door.answers(_EMPTY)
@door.refuses(HTTPStatus.NOT_FOUND)
def close_webhook(webhook: str) -> Response:
    """Send nothing more to a receiver, for good."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        hooks.close(tx, _hook(tx, webhook), actor=caller().actor, now=current.now())
    response = Response(status=_EMPTY)
    del response.headers["Content-Type"]
    return response


@door.post("/v1/webhooks/<webhook>/secret")
@requires(Scope.WEBHOOKS)
@door.takes(schemas.ReplaceSecret)
@door.answers(HTTPStatus.CREATED, schemas.WebhookMade)
@door.refuses(HTTPStatus.NOT_FOUND)
def replace_secret(body: dict[str, Any], webhook: str) -> dict[str, Any]:
    """Make a new secret; for a day both sign, unless the old one must stop at once."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        return hooks.replace_secret(
            tx,
            _hook(tx, webhook),
            at_once=body["at_once"],
            actor=caller().actor,
            now=current.now(),
        )


@door.post("/v1/webhooks/<webhook>/test")
@requires(Scope.WEBHOOKS)
@door.takes(schemas.Nothing)
@door.answers(HTTPStatus.ACCEPTED, schemas.WebhookOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def send_test(_: dict[str, Any], webhook: str) -> dict[str, Any]:
    """Send a test message; what came of it stands in the deliveries."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        hook = _hook(tx, webhook)
        queue.add_test(tx, hook, actor=caller().actor, now=current.now())
        return hook.said(queue.count(tx, hook))


@door.post("/v1/webhooks/<webhook>/replay")
@requires(Scope.WEBHOOKS)
@door.takes(schemas.Replay)
@door.answers(HTTPStatus.ACCEPTED, schemas.WebhookOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def send_again(body: dict[str, Any], webhook: str) -> dict[str, Any]:
    """Send again what follows a number in the feed, each under the id it had."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        hook = _hook(tx, webhook)
        queue.replay(tx, hook, body["after"], actor=caller().actor, now=current.now())
        return _hook(tx, webhook).said(queue.count(tx, hook))


@door.post("/v1/webhooks/<webhook>/enable")
@requires(Scope.WEBHOOKS)
@door.takes(schemas.Nothing)
@door.answers(HTTPStatus.OK, schemas.WebhookOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def enable_webhook(_: dict[str, Any], webhook: str) -> dict[str, Any]:
    """Set a receiver going again that was given up; nothing that waited was lost."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        hooks.go_on(tx, _hook(tx, webhook), actor=caller().actor, now=current.now())
        hook = _hook(tx, webhook)
        return hook.said(queue.count(tx, hook))


@door.get("/v1/webhooks/<webhook>/deliveries")
@requires(Scope.WEBHOOKS)
@door.takes_query(schemas.TriesAsked)
@door.answers(HTTPStatus.OK, schemas.TriesOut)
@door.refuses(HTTPStatus.NOT_FOUND)
def list_deliveries(asked: dict[str, Any], webhook: str) -> dict[str, Any]:
    """List what was tried: when, how long it took, the status; never the answer's words."""
    limit("writes", caller().key_id)
    with db.write(caller().organisation) as tx:
        hook = _hook(tx, webhook)
        found = log_of_tries(tx, hook, asked["limit"])
        look(tx, "webhook.deliveries_listed", webhook)
    return {"deliveries": found}
