"""A site's banner carries the modules of what it uses, with their settings, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server.experience.compose import Made, modules_of
from consent_server.notices.built_in import WIDGET
from consent_server.organisations.document import document_as_json
from tests.support.document import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping


def composed(gpc: str = "record", **said: Any) -> dict[str, Mapping[str, Any]]:
    """Compose the banner of a site that says this in its file."""

    def change(document: dict[str, Any]) -> None:
        document["sites"][0].update({"signals": None, **said})

    (site,) = document_as_json(parsed(change))["sites"]
    told = {"signals": {"gpc": gpc}, "banner": site["banner"] or {}}
    body: dict[str, Any] = {"purposes": [], "trackers": []}
    return modules_of(Made(told, body, {name: site[name] for name in ("signals", "markup")}))


USES = ["advertising"]
TABLE = [
    pytest.param(
        {"google": {"ad_storage": USES, "security_storage": ["necessary"]}},
        "google",
        {
            "signals": {
                "ad_storage": USES,
                "ad_user_data": [],
                "ad_personalization": [],
                "analytics_storage": [],
                "functionality_storage": [],
                "personalization_storage": [],
                "security_storage": ["necessary"],
            },
            "wait": 500,
        },
        id="GCM-1 all seven signals are named",
    ),
    pytest.param(
        {"microsoft": {"ad_storage": USES, "clarity": False}},
        "microsoft",
        {"ad": USES, "analytics": [], "uet": True},
        id="UET-1",
    ),
    pytest.param({"meta": {"purposes": USES}}, "meta", {"purposes": USES}, id="META-1"),
    pytest.param(
        {"matomo": {"purposes": ["analytics"], "cookies_only": True}},
        "matomo",
        {"purposes": ["analytics"], "cookies": True},
        id="Matomo",
    ),
    pytest.param(
        {"piano": {"purposes": ["analytics"], "without_consent": "essential"}},
        "piano",
        {"purposes": ["analytics"], "without": "essential", "queue": "_paq"},
        id="Piano",
    ),
    pytest.param({"data_layer": {}}, "data_layer", {"name": "dataLayer"}, id="tag managers"),
]


@pytest.mark.parametrize(("signals", "module", "settings"), TABLE)
def test_a_signal_is_a_module_with_its_settings(
    signals: dict[str, Any], module: str, settings: dict[str, Any]
) -> None:
    assert composed(signals=signals)[module] == settings
    assert module not in composed()


def test_gcm_2_and_gcm_3_what_the_site_asks_for_is_what_the_module_is_told() -> None:
    google = {
        "url_passthrough": True,
        "ads_data_redaction": False,
        "wait_for_update": "900",
        "advanced_signed_by": "Jeanne Martin, 24 November 2026",
    }
    told = composed(signals={"google": google})["google"]
    assert {name: told[name] for name in told if name != "signals"} == {
        "wait": 900,
        "redaction": False,
        "passthrough": True,
    }


@pytest.mark.parametrize(
    ("signed", "auto_block", "passes"),
    [("", True, False), ("Jeanne Martin", True, True), ("Jeanne Martin", False, False)],
)
def test_gcm_3_googles_tags_pass_where_something_holds_them_and_somebody_signed(
    signed: str, *, auto_block: bool, passes: bool
) -> None:
    google = {"advanced_signed_by": signed or None}
    used = composed(banner={"auto_block": auto_block}, signals={"google": google})
    assert ("google_advanced" in used) is passes
    if passes:
        names = list(used)
        assert names.index("recognise") < names.index("google_advanced")


@pytest.mark.parametrize(("setting", "used"), [("record", False), ("refuse", True)])
def test_gpc_2_the_rule_is_carried_where_the_organisation_asks_for_it(
    setting: str, *, used: bool
) -> None:
    assert ("gpc" in composed(setting)) is used


@pytest.mark.parametrize(
    "vendor", ["vanilla-cookieconsent", "klaro", "tarteaucitron", "cookiebot", "onetrust"]
)
def test_the_markup_of_another_banner_is_a_module_with_its_meanings(vendor: str) -> None:
    markup = [{"vendor": vendor, "means": [{"name": "Marketing", "purpose": "advertising"}]}]
    module = vendor.replace("-", "_")
    assert composed(markup=markup)[module] == {"Marketing": "advertising"}
    assert module not in composed()


def test_tag_managers_hear_after_the_signals_and_every_module_is_built() -> None:
    signals = {"data_layer": {}, "google": {}, "meta": {"purposes": USES}}
    names = list(composed(signals=signals))
    assert names.index("google") < names.index("data_layer")
    assert names.index("meta") < names.index("data_layer")
    assert all((WIDGET / "modules" / f"{name}.js").is_file() for name in names)
