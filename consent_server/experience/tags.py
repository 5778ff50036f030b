"""The settings of the modules that tell other companies' tags, or read others' markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    # What a site's file says under `signals` and `markup`, as the version in force has it.
    Tags = Mapping[str, Any]
    Settings = Mapping[str, Any]

_GOOGLE: Final = (
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
)


def google(tags: Tags) -> Settings | None:
    """Set Google Consent Mode v2; every signal is named, so that none is left to Google."""
    found = _signals(tags, "google")
    if found is None:
        return None
    return {
        "signals": {name: found[name] for name in _GOOGLE},
        "wait": int(found["wait_for_update"]),
        **({} if found["ads_data_redaction"] else {"redaction": False}),
        **_true(passthrough=found["url_passthrough"]),
    }


def google_advanced(tags: Tags) -> Settings | None:
    """Let Google's tags pass before the choice, where somebody answers for it (GCM-3)."""
    return {} if (_signals(tags, "google") or {}).get("advanced_signed_by") else None


def microsoft(tags: Tags) -> Settings | None:
    """Set Microsoft UET and Clarity."""
    found = _signals(tags, "microsoft")
    if found is None:
        return None
    return {
        "ad": found["ad_storage"],
        "analytics": found["analytics_storage"],
        **_true(uet=found["uet"], clarity=found["clarity"]),
    }


def meta(tags: Tags) -> Settings | None:
    """Set the Meta pixel."""
    return _signals(tags, "meta")


def matomo(tags: Tags) -> Settings | None:
    """Set Matomo."""
    found = _signals(tags, "matomo")
    return found and {"purposes": found["purposes"], **_true(cookies=found["cookies_only"])}


def piano(tags: Tags) -> Settings | None:
    """Set Piano Analytics."""
    found = _signals(tags, "piano")
    if found is None:
        return None
    return {
        "purposes": found["purposes"],
        "without": found["without_consent"],
        "queue": found["queue"],
    }


def data_layer(tags: Tags) -> Settings | None:
    """Set the events for tag managers."""
    return _signals(tags, "data_layer")


def markup(tags: Tags, vendor: str) -> Settings | None:
    """Give the purposes by what another banner calls them; None where it has no markup here."""
    for found in tags.get("markup") or ():
        if found["vendor"] == vendor:
            return {meaning["name"]: meaning["purpose"] for meaning in found["means"]}
    return None


def _signals(tags: Tags, company: str) -> Settings | None:
    found: Settings | None = (tags.get("signals") or {}).get(company)
    return found


def _true(**flags: bool) -> dict[str, bool]:
    return {name: flag for name, flag in flags.items() if flag}
