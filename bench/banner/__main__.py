"""`python -m bench.banner`: our banner and the others', measured in one run."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench.banner import explain
from bench.banner.contestants import BARE, CONTESTANTS, HERE, OURS, page, version
from bench.banner.report import lines
from bench.banner.rounds import as_json, measure
from bench.banner.serve import Pages, served
from tests.support import databases
from tests.support.browser import launched
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


def main() -> None:
    told = _arguments()
    _install()
    with _deployment() as (deployment, site), launched(whole=True) as browser:
        say = _nothing if told.json else _progress
        ours = f"{deployment.base_url}/w/{site['id']}.js?lang=fr"
        pages = _pages(_words(deployment.base_url, site["id"]), ours)
        with served(pages, deployment.port + 1):
            if told.explain:
                _explain(browser, site["origin"], told)
                return
            found = measure(browser, site["origin"], pages, ours, rounds=told.rounds, say=say)
        machine = {"cores": os.cpu_count(), "chromium": browser.version}
    if told.json:
        print(json.dumps({"machine": machine, "banners": as_json(found)}, indent=2))
        return
    print("\n".join(lines(found)))
    packages = ("vanilla-cookieconsent", "klaro", "tarteaucitronjs", "cookieconsent")
    versions = {
        each: version(each) for each in (*packages, "@mozmeao/consent-banner", "axe-core")
    }
    print(f"Chromium {machine['chromium']}, {told.rounds} rounds;", versions)


def _explain(browser: Browser, origin: str, told: argparse.Namespace) -> None:
    spent = {
        name: explain.explain(browser, f"{origin}/{name}", told.rounds)
        # The first is for nothing: the browser's own caches are filled.
        for name in (BARE, told.explain, BARE, told.explain)
    }
    print("\n".join(explain.lines(spent[told.explain], spent[BARE])))


def _install() -> None:
    """Fetch the others as locked, hashes and all; their own install scripts never run."""
    lock, done = HERE / "package-lock.json", HERE / "node_modules" / ".installed"
    if done.exists() and done.read_text() == lock.read_text():
        return
    words = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run(words, cwd=HERE, check=True, stdout=sys.stderr)
    done.write_text(lock.read_text())


@contextlib.contextmanager
def _deployment() -> Iterator[tuple[Deployment, dict[str, Any]]]:
    """Run the real server with the demonstration's organisations."""
    with tempfile.TemporaryDirectory(prefix="bench-banner-") as folder:
        data = Path(folder) / "data"
        with databases.fresh("sqlite", Path(folder), data) as database:
            deployment = Deployment(database, data)
            done = deployment.run("demo", "load", "--no-past")
            assert done.returncode == 0, done.stderr
            with deployment:
                told = json.loads((data / "demo.json").read_text("utf-8"))
                yield deployment, told["organisations"][0]["sites"][0]


def _words(server: str, site: str) -> dict[str, Any]:
    """Take the words that ours shows: the others show the same ones."""
    answer = httpx.get(f"{server}/v1/sites/{site}/experience?lang=fr", trust_env=False).json()
    purposes = [each for each in answer["purposes"] if not each["exempt"]]
    return {
        "title": answer["words"]["title"],
        "intro": answer["words"]["intro"],
        "purposes": [
            {name: each[name] for name in ("slug", "title", "text")} for each in purposes
        ],
    }


def _pages(told: dict[str, Any], ours: str) -> Pages:
    names = [BARE, *(each.name for each in CONTESTANTS)]
    return Pages({f"/{name}": page(name, told, ours) for name in names})


def _progress(what: str) -> None:
    print(what, file=sys.stderr)


def _nothing(_: str) -> None:
    """Say nothing: the answer is one JSON document."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.banner", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of every banner in turn")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--explain",
        nargs="?",
        const=OURS,
        choices=[each.name for each in CONTESTANTS],
        help="sum the browser's trace of one banner by what it did, instead of measuring",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
