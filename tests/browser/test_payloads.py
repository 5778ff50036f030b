"""Nothing that an organisation types is ever more than text (test 75 of the security plan).

The organisation file refuses most of these; here they are put into the database behind its
back, so that what shows them stands alone.
"""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pysqlite3
import pytest

from consent_server.demo.sites import read_organisation
from consent_server.ids import public
from consent_server.organisations.document import document_as_json
from tests.browser.own_page import OLDER, TRAP, embed, serve
from tests.browser.payloads import EVIL, SHAPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration
    from tests.browser.visitor import Visitor

# Texts of a purpose in each of two languages, of its tracker, and of a controller.
_TEXTS_FOR_EACH_SHAPE: Final = 10
_LINKS: Final = """() => [...document.querySelectorAll('consent-banner, consent-placeholder')]
  .flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll('a')])
  .map(({ protocol }) => protocol)"""
_FOREIGN: Final = """() => {
  const roots = [document, ...[...document.querySelectorAll('*')]
    .map(({ shadowRoot }) => shadowRoot).filter(Boolean)]
  const bad = 'script:not([src*="/w/site_"]):not([type="text/plain"]), svg, math, object, '
    + 'embed, '
    + 'video, template, base, form, [onload], [onerror], [onfocus], [onmouseover], [ontoggle], '
    + '[srcdoc], meta[http-equiv], link[href*=evil], img'
  return roots.flatMap((root) => [...root.querySelectorAll(bad)].map((one) => one.outerHTML))
}"""


@dataclass(frozen=True)
class Hostile:
    """A site whose organisation types attacks."""

    origin: str
    script: str
    notice: str


@pytest.fixture(scope="module")
def hostile(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """Give a site every text of whose banner is an attack."""
    slug = f"hostile-{secrets.token_hex(3)}"
    origin = f"http://{slug}.localhost:8009"
    document = document_as_json(read_organisation("cubalys", origin=origin))
    document["organisation"]["slug"] = slug
    file = tmp_path_factory.mktemp("hostile") / "organisation.yaml"
    file.write_text(json.dumps(document), "utf-8")
    done = demonstration.deployment.run("organisations", "apply", str(file), "--json")
    assert done.returncode == 0, done.stderr
    version, site = spoil(demonstration.deployment.data / "consent.db", slug)
    return Hostile(
        origin, f"{demonstration.server}/w/{site}.js", f"{demonstration.server}/n/{version}"
    )


def spoil(database: Path, slug: str) -> tuple[str, str]:
    """Put attacks into the words that are in force; gives version and site."""
    with closing(pysqlite3.connect(str(database), timeout=20)) as connection:
        rows = connection.execute("SELECT organisation_id, id, body FROM notice_version")
        found = [(who, number, json.loads(body)) for who, number, body in rows]
        who, number, body = next(
            row
            for row in found
            if row[2]["organisation"]["slug"] == slug
            and row[2]["notice"]["surface"] == "banner"
        )
        connection.execute(
            "UPDATE notice_version SET body = ? WHERE organisation_id = ? AND id = ?",
            (json.dumps(spoilt(body)), who, number),
        )
        connection.commit()
    return public("ntv", number), str(body["site"]["id"])


def spoilt(body: dict[str, Any]) -> dict[str, Any]:
    """Give the same notice with one purpose, one tracker and one controller for each shape."""
    all_of_them = " ".join(SHAPES)
    purpose, tracker, controller = (
        body["purposes"][1],
        body["trackers"][1],
        body["controllers"][0],
    )
    made = deepcopy(body)
    made["purposes"], made["trackers"], made["controllers"] = [], [], []
    for at, shape in enumerate(SHAPES):
        words = {"fr": shape, "en": shape}
        own = {"slug": f"p{at}", "trackers": [f"t{at}"], "title": words, "text": words}
        made["purposes"].append({**purpose, **own, "id": public("pur", 1000 + at)})
        told: dict[str, Any] = {"slug": f"t{at}", "name": shape, "privacy_url": shape}
        told["provider"] = shape
        told["cookies"] = [{**tracker["cookies"][0], "name": shape}]
        made["trackers"].append({**tracker, **told, "id": public("trk", 2000 + at)})
        links = {"fr": shape, "en": shape}
        made["controllers"].append({**controller, "name": shape, "privacy_url": links})
    for lang in ("fr", "en"):
        made["words"][lang] |= {"title": all_of_them, "intro": all_of_them}
    made["organisation"] |= {"privacy_url": {"fr": SHAPES[-7], "en": SHAPES[-7]}, "dpo": None}
    made["organisation"]["contact"] |= {"email": all_of_them, "name": all_of_them}
    made["scope"]["sites"] = [
        {"slug": f"s{at}", "name": each} for at, each in enumerate(SHAPES)
    ]
    return made


def nothing_ran(visitor: Visitor) -> None:
    """See that no trap was sprung, nothing left for elsewhere, and no markup was made."""
    assert visitor.page.evaluate("() => window.trapped") == []
    assert [each.url for each in visitor.requests if each.url.startswith(EVIL)] == []
    assert visitor.page.evaluate(_FOREIGN) == []
    assert set(visitor.page.evaluate(_LINKS)) <= {"http:", "https:"}


def is_shown_as_text(visitor: Visitor, *, times: int) -> None:
    """See every shape, letter by letter, in what the banner says."""
    said: str = visitor.banner.evaluate("element => element.textContent")
    assert {shape: said.count(shape) >= times for shape in SHAPES} == dict.fromkeys(
        SHAPES, True
    )


def test_75_there_are_more_than_three_hundred_attacks() -> None:
    assert len(set(SHAPES)) == len(SHAPES)
    assert len(SHAPES) * _TEXTS_FOR_EACH_SHAPE > 300


@pytest.mark.parametrize("markup", [SHAPES[0], SHAPES[2], SHAPES[3], SHAPES[8], SHAPES[12]])
def test_75_the_traps_do_spring(
    hostile: Hostile, demonstration: Demonstration, visit: Visits, markup: str
) -> None:
    visitor = visit(demonstration.site("cubalys"))
    visitor.expects("net::ERR_")
    visitor.page.add_init_script(TRAP)
    visitor.goes_to(serve(visitor.context, hostile.origin, body=markup))
    visitor.waits()
    with pytest.raises(AssertionError):
        nothing_ran(visitor)


@pytest.mark.parametrize(("lang", "browser_has"), [("fr", ""), ("en", OLDER)])
def test_75_in_the_banner_every_attack_is_read_and_none_runs(
    hostile: Hostile, demonstration: Demonstration, visit: Visits, lang: str, browser_has: str
) -> None:
    visitor = visit(demonstration.site("cubalys"), lang)
    # A browser with a sanitizer, and one without.
    visitor.page.add_init_script(f"{TRAP}\n{browser_has}")
    frames = "".join(
        f'<iframe data-purpose=p{at} data-src="/own-page?{at}" title="Film"></iframe>'
        for at in range(len(SHAPES))
    )
    head = embed(f"{hostile.script}?lang={lang}")
    address = serve(visitor.context, hostile.origin, head=head, body=frames)
    visitor.arrives(address)
    is_shown_as_text(visitor, times=2)
    nothing_ran(visitor)
    visitor.presses("choose")
    visitor.sees("second_layer")
    for summary in visitor.banner.locator("summary").all():
        summary.evaluate("element => element.click()")
    is_shown_as_text(visitor, times=7)
    for link in visitor.banner.locator("a").all():
        link.dispatch_event("mouseover")
    visitor.waits()
    nothing_ran(visitor)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_75_on_the_notices_own_page_every_attack_is_read_and_none_runs(
    hostile: Hostile, demonstration: Demonstration, visit: Visits, lang: str
) -> None:
    visitor = visit(demonstration.site("cubalys"), lang)
    visitor.page.add_init_script(TRAP)
    visitor.goes_to(hostile.notice)
    said = visitor.page.evaluate("() => document.body.textContent")
    assert [shape for shape in SHAPES if said.count(shape) < 4] == []
    visitor.waits()
    nothing_ran(visitor)
