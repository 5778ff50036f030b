"""Who may call us: one decorator, before anything of the request is read."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast

from flask import g, request

from ..ids import public
from ..problems import MissingScope, NoKey, Problem
from ..web import current
from ..web.door import secured
from . import key_text
from .api_keys import holder
from .audit import audit

if TYPE_CHECKING:
    from collections.abc import Callable

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


def requires(scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only callers with this scope in; `caller()` then says who it is."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.caller = _admit(scope)
            return view(*args, **kwargs)

        return secured(guarded, scope.value)

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


def _admit(scope: Scope) -> Caller:
    if request.query_string and any(
        key_text.looks_like_key(text)
        for pair in request.args.items(multi=True)
        for text in pair
    ):
        raise KeyInAddress("revoke this key: an address is kept in logs and histories")
    text = _given_key()
    if text is None:
        raise NoKey("send Authorization: Bearer cs_live_…", headers=_ASK)
    known = holder(text, now=current.now())
    if known is None:
        raise NoKey("this key is not known, or no longer", headers=_REFUSE)
    if scope not in known.scopes:
        raise MissingScope(f"the scope {scope.value} is needed")
    return known


def _given_key() -> str | None:
    return bearer(request.environ.get("HTTP_AUTHORIZATION", ""))


def bearer(header: str) -> str | None:
    """Read the key out of an `Authorization` header; None for any other scheme."""
    if header[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return header[len(_SCHEME) :].strip()
