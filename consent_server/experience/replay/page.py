"""The page that shows a banner again: one file with the very code, words and looks of its day.

It asks nobody and keeps nothing; `#second` opens the second layer.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from ..compose import modules_of
from ..now import made_of
from ..preview import OPENS, Look, Previewed, preview_script
from ..script import script_hash

if TYPE_CHECKING:
    from ...notices import Configuration, VersionShown
    from ...organisations import SiteInForce

_OPENS = b'\nif(location.hash==="#second")' + OPENS.strip()
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
</head>
<body>
<script>{script}</script>
</body>
</html>
"""


def replay_page(organisation: int, shown: VersionShown, language: str) -> bytes:
    """Make the page of a version's banner in a language."""
    what = Previewed(organisation, shown.notice_id, shown.id)
    script = preview_script(what, Look(language=language)) + _OPENS
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    own = shown.body["words"].get(language) or next(iter(shown.body["words"].values()))
    return _PAGE.format(
        language=language,
        policy=policy,
        title=escape(str(own["title"])),
        script=script.decode(),
    ).encode()


def code_of(site: SiteInForce, found: Configuration, shown: VersionShown, language: str) -> str:
    """Name the code that asks on the site itself, as each decision names it."""
    return script_hash(modules_of(made_of(site, found, shown, language)))
