"""Who may call us: one decorator, before anything of the request is read."""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast
from urllib.parse import unquote

from flask import current_app, g, request

from ..db import TROUBLE, write
from ..ids import public
from ..problems import MissingScope, NoKey, Problem
from ..web import client_prefix, current
from ..web.door import secured
from ..web.limits import OWN_RATES
from . import key_text, use
from .api_keys import expose_key
from .audit import audit
from .known import holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from ..db import Transaction
    from .values import Caller, Scope

P = ParamSpec("P")
R = TypeVar("R")

_SCHEME: Final = "bearer "
_ASK: Final = {"WWW-Authenticate": 'Bearer realm="consent"'}
_REFUSE: Final = {"WWW-Authenticate": 'Bearer realm="consent", error="invalid_token"'}


class KeyInAddress(Problem):
    """A key was written into an address, where logs and histories keep it."""

    code = "key_in_address"
    title = "A key belongs in the Authorization header"


def install(app: Flask) -> None:
    """Refuse keys in addresses at every door, and make room for what is noted of keys."""
    use.install(app)
    app.before_request(_refuse_keys_in_addresses)


def requires(scope: Scope | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only callers with this scope in; `caller()` then says who it is.

    None: whoever holds a key that is in force.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.caller = _admit(scope)
            return view(*args, **kwargs)

        return secured(guarded, scope.value if scope else "")

    return wrap


def caller() -> Caller:
    """Tell who calls, inside a view that `requires` guards."""
    return cast("Caller", g.caller)


def holds(scope: Scope) -> bool:
    """Tell whether the request carries a key with this scope, refusing nobody."""
    text = _given_key()
    known = holder(text, now=current.now()) if text else None
    return known is not None and scope in known.scopes


def look(tx: Transaction, action: str, target: str = "") -> None:
    """Note in the audit trail that the caller looks at the organisation, or a part of it."""
    known = caller()
    audit(
        tx,
        organisation=known.organisation,
        actor=known.actor,
        action=action,
        target=target or public("org", known.organisation),
        now=current.now(),
    )


def _admit(scope: Scope | None) -> Caller:
    text = _given_key()
    if text is None:
        raise NoKey("send Authorization: Bearer cs_live_…", headers=_ASK)
    now = current.now()
    known = holder(text, now=now)
    if known is None:
        raise NoKey("this key is not known, or no longer", headers=_REFUSE)
    use.note_use(_application(), known, now, client_prefix())
    setattr(g, OWN_RATES, known.quotas)
    if scope is not None and scope not in known.scopes:
        raise MissingScope(f"the scope {scope.value} is needed")
    return known


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return] # Flask's own word


def _refuse_keys_in_addresses() -> None:
    """Refuse a key in a path or a query, wherever it was sent, and tell its holder's staff.

    Nothing of the address is repeated; whoever reads the list of keys sees that this one
    was exposed, and when.
    """
    environ = request.environ
    address = f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"
    if "%" in address:
        address = unquote(address)
    if not key_text.looks_like_key(address):
        return
    now = current.now()
    for text in key_text.found_in(address):
        # The refusal does not hang on whether that could be written.
        with suppress(*TROUBLE):
            known = holder(text, now=now)
            if known is not None:
                with write(known.organisation) as tx:
                    expose_key(tx, known, now=now)
    raise KeyInAddress("revoke this key: an address is kept in logs and histories")


def _given_key() -> str | None:
    return bearer(request.environ.get("HTTP_AUTHORIZATION", ""))


def bearer(header: str) -> str | None:
    """Read the key out of an `Authorization` header; None for any other scheme."""
    if header[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return header[len(_SCHEME) :].strip()
