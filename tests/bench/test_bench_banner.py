"""The banners are measured on one page, as locked; how fast any is, is no test's matter."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from bench.banner.contestants import BARE, CONTESTANTS, HERE, OURS, page
from bench.banner.measure import Cost, Moments, Under
from bench.banner.report import ROWS, lines
from bench.banner.rounds import Measured
from bench.banner.serve import Pages, served
from tests.support.server import free_port

TOLD: dict[str, Any] = {
    "title": "Une question",
    "intro": "Deux mots </script> et rien d’autre.",
    "purposes": [{"slug": "analytics", "title": "Mesurer", "text": "Compter."}],
}
SCRIPT = "https://consent.example/w/site_x.js?lang=fr"


def pages() -> dict[str, str]:
    names = [BARE, *(each.name for each in CONTESTANTS)]
    return {name: page(name, TOLD, SCRIPT) for name in names}


def measured(*, cpu: float, rules: list[list[str]]) -> Measured:
    cost = Cost(cpu=cpu, script=1, layouts=1, styles=2, heap=1024, requests=1)
    seen = Moments(first_paint=50, painted=60, gone=5, frames=1, analytics=9, shift=0)
    return Measured([cost], {under: [seen] for under in Under}, 100, 10, 30, rules)


def test_every_banner_is_measured_on_the_same_page() -> None:
    written = pages()
    main = re.compile(r"<header>.*</footer>", re.DOTALL)
    found = {name: main.search(text) for name, text in written.items()}
    assert len({match[0] for match in found.values() if match}) == 1
    assert len(written) == 1 + len(CONTESTANTS) == 7
    assert not [name for name, text in written.items() if "{{" in text or "<!--" in text]
    assert SCRIPT in written[OURS]
    assert all("/analytics.js" in text for text in written.values())


def test_words_cannot_leave_the_script_they_are_put_into() -> None:
    for name, text in pages().items():
        assert "mots </script>" not in text, name


def test_the_others_are_locked_with_hashes_and_no_address() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    packages = {path: each for path, each in lock["packages"].items() if path}
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert [path for path, each in packages.items() if "integrity" not in each] == []
    assert [path for path, each in packages.items() if "resolved" in each] == []


def test_files_are_served_compressed_and_none_from_elsewhere() -> None:
    port = free_port()
    served_pages = Pages({"/one": "<p>page</p>"})
    with (
        served(served_pages, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        answer = client.get("/one")
        assert (answer.status_code, answer.text) == (200, "<p>page</p>")
        assert answer.headers["content-encoding"] == "br"
        for path in (
            "/npm/../package.json",
            "/npm/%2e%2e/package.json",
            "/package.json",
            "/npm/",
        ):
            assert client.get(path).status_code == 404


def test_the_table_says_of_each_figure_whether_it_is_reached() -> None:
    found = {
        BARE: measured(cpu=10, rules=[]),
        OURS: measured(cpu=20, rules=[[], ["color-contrast"]]),
        "klaro": measured(cpu=90, rules=[["label"]]),
    }
    table = {line[:34].strip(): line for line in lines(found)}
    cpu = table["main-thread CPU added, ms"].split()
    assert cpu[-5:] == ["10.0", "≤", "15.0", "yes", "80.0"]
    assert "NO" in table["axe, second layer"]
    assert table["axe, second layer"].endswith("–")
    assert "yes" in table["languages"]
    assert {row.name for row in ROWS} <= set(table)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_figure_that_never_came_is_not_reached(row: Any) -> None:
    assert not row.reached({OURS: float("nan")})
