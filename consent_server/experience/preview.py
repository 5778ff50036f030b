"""A look at a banner before, or without, being asked: whoever holds the link, for a while."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from itsdangerous import BadData, URLSafeSerializer

from .. import notices
from ..db import read
from ..notices.built_in import built_in_words
from ..organisations import sites_of
from ..problems import NotFound, Problem
from ..web import current
from .assemble import assembled
from .compose import Made
from .head import head_line
from .present import experience, language_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ..db import Transaction
    from ..notices import VersionShown
    from ..organisations import SiteInForce
    from .head import HeadLine

# One salt per use: a token of one is no token of another (standards.md TOK-3).
_SALT: Final = b"preview.v1"
# No site has this name: should a decision ever leave a preview, nobody takes it.
_NO_SITE: Final = "preview"
# There is nothing to open before the code has said that it is ready.
OPENS: Final = b'\ndocument.addEventListener("consent:ready",()=>consent.open(),{once:!0})'
LAYOUTS: Final = ("bar", "card", "dialog")
COLOURS: Final = ("auto", "light", "dark")


class LinkEnded(Problem):
    """The link was ours, and its time is over."""

    status = HTTPStatus.GONE
    code = "link_ended"
    title = "The link has ended"


@dataclass(frozen=True)
class Previewed:
    """What a link shows: the draft of a notice (no version), or one of its versions."""

    organisation: int
    notice: int
    version: int | None


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the banner is looked at: each setting in the place of the site's own."""

    language: str
    layout: str | None = None
    colours: str | None = None
    modal: bool | None = None
    second_layer: bool = False


def preview_token(what: Previewed, *, lasts: timedelta) -> str:
    """Sign what is shown and until when; the link needs no log-in and no cookie."""
    until = int((current.now() + lasts).timestamp())
    told: str = _signer().dumps([what.organisation, what.notice, what.version or 0, until])
    return told


def read_preview_token(token: str, now: datetime) -> Previewed:
    """Read a token; raises `NotFound` for what is not ours, `LinkEnded` for what was."""
    try:
        organisation, notice, version, until = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        raise NotFound from None
    if now.timestamp() >= until:
        raise LinkEnded
    return Previewed(organisation, notice, version or None)


def shown_by(tx: Transaction, what: Previewed) -> VersionShown:
    """Give the version, or the draft as publishing it now would make it."""
    if what.version is not None:
        found = notices.version(tx, what.organisation, what.version)
        if found is None:
            raise NotFound
        return found
    row = _notice(tx, what)
    made = notices.preview(tx, what.organisation, row)
    return notices.VersionShown(
        id=0,
        notice_id=row.id,
        number=made.number,
        surface=row.surface,
        site_id=row.site_id,
        purposes=(),
        languages=tuple(made.body["languages"]),
        content_hash="",
        recorded_at=0,
        body=made.body,
    )


def preview_script(what: Previewed, look: Look) -> bytes:
    """Give the banner's own script, dressed as asked, which can tell nobody anything."""
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
        found = notices.configuration(tx, what.organisation)
        site = _site(tx, what, shown)
    told = experience(found, site, shown, language_of(shown, look.language))
    told["banner"] = {**told["banner"], **_dressed(look)}
    # The person looking has no choice to make: nobody else's tags are told of one.
    code = assembled(_NO_SITE, Made(told, shown.body, tags={}))
    return code + OPENS if look.second_layer else code


def head_shown(what: Previewed) -> HeadLine | None:
    """Give the line that the pages of the site begin with, where it has a use for one."""
    with read(what.organisation) as tx:
        shown = shown_by(tx, what)
        found = notices.configuration(tx, what.organisation)
        site = _site(tx, what, shown)
    told = experience(found, site, shown, language_of(shown, ""))
    tags = shown.body.get("tags", {}).get(site.slug, {})
    return head_line(Made(told, shown.body, tags), site.origins)


def languages_of(shown: VersionShown) -> list[str]:
    """List the languages a banner speaks, the organisation's own first."""
    own = list(shown.languages)
    built_in = {**built_in_words("banner"), **shown.body["built_in"]}
    return own + sorted(tongue for tongue in built_in if tongue not in own)


def _dressed(look: Look) -> dict[str, Any]:
    chosen = {"layout": look.layout, "colours": look.colours, "modal": look.modal}
    return {name: value for name, value in chosen.items() if value is not None}


def _notice(tx: Transaction, what: Previewed) -> notices.NoticeRow:
    for row in notices.notices(tx, what.organisation):
        if row.id == what.notice:
            return row
    raise NotFound


def _site(tx: Transaction, what: Previewed, shown: VersionShown) -> SiteInForce:
    for site in sites_of(tx, what.organisation):
        if site.id == shown.site_id:
            return site
    raise NotFound


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(
        list(current.keyring().token_keys),
        salt=_SALT,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
