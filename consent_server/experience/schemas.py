"""What the room's doors take and answer."""

from __future__ import annotations

import marshmallow

from ..web import Schema, fields


class LanguageAsked(Schema):
    """In which language; without it, what the browser accepts decides.

    What else an address carries is nobody's: a website's own system may append its version
    to every script (`?ver=6.4`), and the banner must still come.
    """

    class Meta:
        """Open, unlike every body."""

        unknown = marshmallow.EXCLUDE

    lang = fields.Text(
        least=2,
        most=35,
        pattern=r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}",
        metadata={"description": "A language such as `fr`; an unknown one falls back."},
    )


class ScopeShown(Schema):
    """The sites on which one choice counts."""

    name = fields.Text(required=True)
    sites = fields.Items(fields.Text(), required=True)
    devices = fields.Choice(("last_choice", "account_choice"))


class ControllerShown(Schema):
    """Who decides what the data are used for."""

    name = fields.Text(required=True)
    role = fields.Text(required=True)
    privacy_url = fields.Text(required=True, allow_none=True)


class PurposeShown(Schema):
    """One use that is asked about, or told of."""

    id = fields.Text(required=True, metadata={"description": "`pur_…`"})
    slug = fields.Text(required=True)
    title = fields.Text(required=True, most=8000)
    text = fields.Text(required=True, most=8000)
    kind = fields.Text(required=True)
    basis = fields.Text(required=True)
    exempt = fields.Flag(required=True)
    floor = fields.Integer(
        required=True, metadata={"description": "The lowest version whose yes still counts."}
    )
    trackers = fields.Items(fields.Text(), required=True)
    lang = fields.Text(metadata={"description": "When not in the language of the answer."})


class CookieShown(Schema):
    """What a tracker writes on the device, and for how long."""

    name = fields.Text(required=True)
    lifetime = fields.Text(required=True, metadata={"description": "ISO 8601, or `session`."})


class TrackerShown(Schema):
    """A service that reads or writes on the device."""

    id = fields.Text(required=True, metadata={"description": "`trk_…`"})
    name = fields.Text(required=True)
    provider = fields.Text(required=True)
    country = fields.Text(required=True)
    safeguard = fields.Text(required=True, allow_none=True)
    privacy_url = fields.Text(required=True, allow_none=True)
    exemption_reason = fields.Text(required=True, allow_none=True)
    cookies = fields.Items(fields.Part(CookieShown), required=True)


class CookieSettings(Schema):
    """The cookie that keeps the choice."""

    name = fields.Text(required=True)
    domain = fields.Text(metadata={"description": "Shares the choice among sub-domains."})


class BannerShown(Schema):
    """How the banner stands on the page; what is left out is the default."""

    layout = fields.Text(metadata={"description": "`bar` unless said; `card`, `dialog`."})
    modal = fields.Flag()
    colours = fields.Text(metadata={"description": "`auto` unless said; `light`, `dark`."})
    logo = fields.Text(metadata={"description": "A path on the site itself."})
    cookie = fields.Part(CookieSettings)
    auto_block = fields.Flag()
    network_guard = fields.Flag()
    debug = fields.Flag()
    statistics = fields.Flag()


class HeadShown(Schema):
    """The line for a page's head, without which nothing holds what comes before our script."""

    line = fields.Text(required=True, most=8000)
    hash = fields.Text(
        required=True, metadata={"description": "For `script-src`; the same on every site."}
    )
    hosts = fields.Items(fields.Text(), required=True)


class ExperienceShown(Schema):
    """All that a site's banner shows, in one language."""

    notice_version = fields.Text(required=True, metadata={"description": "`ntv_…`"})
    version = fields.Integer(required=True)
    language = fields.Text(required=True)
    scope = fields.Part(ScopeShown, required=True, allow_none=True)
    controllers = fields.Items(fields.Part(ControllerShown), required=True)
    privacy_url = fields.Text(required=True, allow_none=True)
    contact = fields.Text(required=True)
    purposes = fields.Items(fields.Part(PurposeShown), required=True)
    trackers = fields.Items(fields.Part(TrackerShown), required=True)
    words = fields.Table(fields.Text(), fields.Text(most=8000), required=True)
    theme = fields.Anything(required=True)
    banner = fields.Part(BannerShown, required=True)
    ask_again_after = fields.Text(required=True)
    signals = fields.Table(fields.Text(), fields.Text(), required=True)
    head = fields.Part(
        HeadShown,
        required=True,
        allow_none=True,
        metadata={"description": "Null where the site has no use for one."},
    )
