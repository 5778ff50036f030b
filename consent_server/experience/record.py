"""The visitor's own record in the banner: code and words fetched when it is asked for.

Most visitors never open it, so the banner's one response carries nothing of it but where to
fetch it. A strict site, whose page checks the code, has it in that code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..notices.built_in import built_in_words
from ..web import current
from .script import literal, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .compose import Made

MODULE: Final = "record"
_WORDS: Final = (
    "record", "record_none", "record_away", "download", "erase", "erase_sure", "erased",
    "receipt", "on", "off", "new_tab",
)  # fmt: skip


def record_script(site: str, made: Made) -> bytes:
    """Give the module that the banner imports; it acts once, whoever imports it again."""
    told = literal(record_settings(site, made))
    return (
        f"const made={module(MODULE)};let there;"
        f"export default core=>{{there||=made(core,{told})||1}}\n"
    ).encode()


def record_settings(site: str, made: Made) -> dict[str, Any]:
    """Say what the module is told; named in full, as it may be newer than the banner."""
    told = made.told
    words = built_in_words("banner")[told["language"]]
    cookie = told["banner"].get("cookie", {})
    settings = {
        "url": current.settings().base_url,
        "site": site,
        "cookie": cookie.get("name", "consent"),
        "domain": cookie.get("domain"),
        "words": {name: words[name] for name in _WORDS},
    }
    return {name: value for name, value in settings.items() if value is not None}


def checked(modules: Mapping[str, Any], settings: Any) -> dict[str, Any]:
    """Give the modules of code that a page checks: all of it, nothing fetched as code."""
    return {MODULE: settings, **modules}
