"""The second way, for strict sites: code that never changes under its name, and JSON.

The page names the code by its hash and checks it (`integrity`); the configuration comes as
JSON, from a tag of the page or from us. A name answers as long as this server makes those
very bytes: after an update, or when the site needs other modules, the old name is 404 and
the page's line is to be renewed (`consent sites embed`). Until then the page has no banner,
and what is marked stays off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ..web.assets import Asset
from .assemble import configured
from .compose import modules_of
from .record import checked
from .script import code_around, folded

if TYPE_CHECKING:
    from .compose import Made

_TYPE: Final = "text/javascript; charset=utf-8"
_PLACE: Final = "__consentConfiguration"
# The core asks which script it is, for the page's nonce; once the answer from the network is
# there the browser no longer says, so it is said for it, for the moment of the call.
# JSON brings its folded part as it is, a script as what gives it: the core asks for the latter.
_BEFORE: Final = (
    "(own=>{if(!(own instanceof HTMLScriptElement))return;"
    f"const run={_PLACE}=>{{const{{FOLDED:folded}}={_PLACE};{_PLACE}.FOLDED=()=>folded;"
    'Object.defineProperty(document,"currentScript",{value:own,configurable:true});try{'
)
_AFTER: Final = (
    "}finally{delete document.currentScript}};"
    'const held=document.querySelector("script[type=\\"application/json\\"]'
    '[data-consent-configuration]");'
    "Promise.resolve(held?JSON.parse(held.textContent):"
    'fetch(own.src.replace(/\\.js(?=\\?|$)/,".json"),{credentials:"omit"})'
    ".then(answer=>answer.ok?answer.json():Promise.reject(Error(answer.status))))"
    ".then(run).catch(error=>document.dispatchEvent("
    'new CustomEvent("consent:problem",{detail:error})))'
    "})(document.currentScript)\n"
)


@dataclass(frozen=True)
class Strict:
    """The code of a site without its configuration, as a page may name and check it."""

    asset: Asset

    @property
    def digest(self) -> str:
        """The name: 64 bits of its SHA-256."""
        return self.asset.digest

    @property
    def integrity(self) -> str:
        """What the page's `integrity` says (Subresource Integrity, SHA-384)."""
        return self.asset.integrity


def strict_code(made: Made) -> Strict:
    """Give the code that a site's banner is made of, the same for every language."""
    return _strict(tuple(checked(modules_of(made), {})))


@cache
def _strict(modules: tuple[str, ...]) -> Strict:
    before, after = code_around(modules)
    code = f"{_BEFORE.replace('FOLDED', folded())}{before}{_PLACE}{after}{_AFTER}"
    return Strict(Asset(code.encode(), _TYPE))


def strict_configuration(site: str, made: Made) -> bytes:
    """Give the JSON that this code, and no other, reads."""
    return configured(site, made)
