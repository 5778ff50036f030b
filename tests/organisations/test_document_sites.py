"""A site's colours can be read and its banner's settings agree, or the file is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.organisations.document import (
    DEFAULT_BANNER,
    DocumentInvalid,
    as_plain,
    diff_documents,
    document_as_json,
    parse_document,
    render_diff,
)
from consent_server.organisations.document.contrast import contrast, nearest_readable
from tests.support.document import parsed, plain

if TYPE_CHECKING:
    from collections.abc import Callable

COLOURS = st.builds("#{:06x}".format, st.integers(0, 0xFFFFFF))


def banner(**settings: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["banner"] = settings

    return change


def theme(**colours: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["theme"].update(colours)

    return change


def mistakes(change: Callable[[dict[str, Any]], object]) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as caught:
        parsed(change)
    return {error.path: error.detail for error in caught.value.errors}


def test_a_banner_left_out_is_the_default_one() -> None:
    assert parsed().sites[0].banner is None
    assert parsed(banner()).sites[0].banner == DEFAULT_BANNER


def test_every_setting_of_a_banner_is_read_and_written_again() -> None:
    said = {
        "layout": "dialog",
        "modal": True,
        "colours": "dark",
        "logo": "/img/logo.svg",
        "cookie": {"name": "choix", "domain": "cubalys.localhost"},
        "auto_block": True,
        "network_guard": True,
        "debug": True,
        "statistics": False,
        "gpc": "refuse",
    }
    document = parsed(banner(**said))
    assert as_plain(document.sites[0].banner) == said
    assert parse_document(document_as_json(document)) == document


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"layout": "popup"}, "layout", "one of bar, card, dialog"),
        ({"layuot": "bar"}, "layuot", "did you mean `layout`?"),
        ({"modal": "yes"}, "modal", "true or false"),
        ({"colours": "blue"}, "colours", "one of auto, light, dark"),
        ({"logo": "https://cdn.example/logo.svg"}, "logo", "a path on the site itself"),
        ({"logo": "//cdn.example/logo.svg"}, "logo", "a path on the site itself"),
        ({"logo": '/logo.svg?a="><b>'}, "logo", "a path on the site itself"),
        ({"cookie": {"name": "a;b"}}, "cookie/name", "a letter, then at most 63"),
        ({"cookie": {"name": "__Host-consent"}}, "cookie/name", "a letter, then at most 63"),
        ({"cookie": {"domain": "com"}}, "cookie/domain", "a domain such as example.com"),
        ({"cookie": {"domain": ".cubalys.localhost"}}, "cookie/domain", "a domain such as"),
        ({"cookie": {"domain": "shop.example"}}, "cookie/domain", "all origins of the site"),
        ({"cookie": {"domain": "ubalys.localhost"}}, "cookie/domain", "all origins"),
        ({"gpc": "ignore"}, "gpc", "record or refuse"),
    ],
)
def test_a_setting_that_will_not_do_is_named_with_what_would(
    settings: dict[str, object], path: str, words: str
) -> None:
    found = mistakes(banner(**settings))
    assert list(found) == [f"/sites/0/banner/{path}"]
    assert words in found[f"/sites/0/banner/{path}"]


def second_site(scope: str, **settings: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        first = document["sites"][0]
        first["banner"] = {"cookie": {"domain": "cubalys.localhost"}}
        document["sites"].append(
            {
                **first,
                "slug": "shop",
                "origins": ["https://shop.cubalys.localhost"],
                "scope": scope,
                "banner": settings,
            }
        )

    return change


def test_sites_that_share_choices_keep_them_under_one_name() -> None:
    parsed(second_site("www", cookie={"domain": "cubalys.localhost"}))
    found = mistakes(second_site("www", cookie={"name": "other"}))
    assert "shares its choices" in found["/sites/1/banner/cookie/name"]


def test_sites_that_do_not_share_choices_are_not_mixed_up_by_a_browser() -> None:
    parsed(second_site("shop", cookie={"name": "shop"}))
    found = mistakes(second_site("shop"))
    assert "mix up its choices" in found["/sites/1/banner/cookie"]


def test_a11y_5_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can() -> None:
    found = mistakes(theme(accent="#9a94e0"))
    detail = found["/sites/0/theme/accent"]
    mended = detail.split('"')[1]
    assert contrast(mended, "#ffffff") >= 4.5
    parsed(theme(accent=mended))


def test_a11y_5_the_dark_colours_are_held_to_the_same() -> None:
    dark = {"accent": "#4338ca", "text": "#ecebf5", "background": "#1b1c2e"}
    assert list(mistakes(theme(dark=dark))) == ["/sites/0/theme/dark/accent"]


@given(colour=COLOURS, background=COLOURS)
def test_a11y_5_every_colour_can_be_mended_on_every_background(
    colour: str, background: str
) -> None:
    mended = nearest_readable(colour, background, 4.5)
    assert contrast(mended, background) >= 4.5
    if contrast(colour, background) >= 4.5:
        assert contrast(mended, background) == pytest.approx(
            contrast(colour, background), rel=0.02
        )


@pytest.mark.parametrize("name", ["accept", "refuse_background", "reject", "button_text"])
@pytest.mark.parametrize("dark", [False, True])
def test_cnil_3_a_theme_has_no_colour_for_one_answer_alone(name: str, *, dark: bool) -> None:
    def change(document: dict[str, Any]) -> None:
        where = document["sites"][0]["theme"]
        (where["dark"] if dark else where)[name] = "#cccccc"

    (detail,) = mistakes(change).values()
    assert "refusing is as easy as accepting" in detail


def test_a_change_of_a_banner_is_shown_setting_by_setting() -> None:
    changed = plain(banner(layout="card"))
    whole = document_as_json(parse_document(changed))
    again = document_as_json(parsed(banner(layout="bar")))
    said = render_diff(diff_documents(again, whole))
    assert said == "~ sites[www].banner.layout\n    - bar\n    + card"
