"""The systems' doors: by which server mail leaves, and what became of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from ..db import write
from ..organisations import Scope, caller, look, requires
from ..web import Door, current, limit
from .schemas import MessagesOut, MessagesQuery, NewServer, ServerOut
from .server import MailServer, Security, remove_server, server_said, set_server
from .shown import messages_shown

door = Door("mail", __name__, description="By which server mail leaves, and whether it did.")

_NONE: Final = {"host": None, "password": False}


@door.post("/v1/mail/server")
@requires(Scope.CONFIGURE)
@door.takes(NewServer)
@door.answers(HTTPStatus.CREATED, ServerOut, description="The server, without its password.")
def use_server(body: dict[str, Any]) -> dict[str, Any]:
    """Let the organisation's mail leave by this server from now on."""
    who = caller()
    limit("writes", who.key_id)
    server = MailServer(**{**body, "security": Security(body["security"])})
    with write(who.organisation) as tx:
        return set_server(tx, who.organisation, server, actor=who.actor, now=current.now())


@door.get("/v1/mail/server")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, ServerOut, description="The server in force.")
def show_server() -> dict[str, Any]:
    """Show by which server mail leaves; without one, messages become files."""
    organisation = caller().organisation
    with write(organisation) as tx:
        look(tx, "mail.server_shown")
        return server_said(tx, organisation) or _NONE


@door.delete("/v1/mail/server")
@requires(Scope.CONFIGURE)
@door.answers(HTTPStatus.OK, ServerOut, description="The server in force now, if any.")
def drop_server() -> dict[str, Any]:
    """Let the deployment's server take over, or messages become files; the password goes."""
    who = caller()
    with write(who.organisation) as tx:
        remove_server(tx, who.organisation, actor=who.actor, now=current.now())
        return server_said(tx, who.organisation) or _NONE


@door.get("/v1/mail/messages")
@requires(Scope.CONFIGURE)
@door.takes_query(MessagesQuery)
@door.answers(HTTPStatus.OK, MessagesOut, description="The latest, newest first.")
def list_messages(query: dict[str, Any]) -> dict[str, Any]:
    """List what waits, what left and what was refused; nobody's address is in it."""
    organisation = caller().organisation
    with write(organisation) as tx:
        look(tx, "mail.messages_listed")
        return {"messages": messages_shown(tx, organisation, query["limit"])}
