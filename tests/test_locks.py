"""What is installed: exact, hashed, without an address, and never older than it may be."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pysqlite3
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from consent_server.db import refuse_unsafe_sqlite
from consent_server.problems import RefusedToStart

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*(?:\[[\w,]+\])?)==(\S+)( ; [^\\]+)? \\$", re.MULTILINE)
# Below these a known fault opens the server (security.md, test 133).
FLOORS = {
    "flask": "3.1.1",
    "werkzeug": "3.1.4",
    "gunicorn": "22",
    "marshmallow": "4.1.2",
    "flask-cors": "6",
    "pysqlite3": "0.6.1",
}
# This wheel carries a SQLite that loses writes, under the name of the one that does not.
REFUSED = {"pysqlite3-binary"}


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text.partition("[")[0]).lower()


def pins(lock: Path) -> dict[str, Version]:
    return {
        name_of(match.group(1)): Version(match.group(2))
        for match in PIN.finditer(lock.read_text())
    }


def lock(name: str) -> dict[str, Version]:
    return pins(ROOT / "requirements" / f"{name}.txt")


def declared() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = project["project"]["dependencies"]
    dev = run + project["project"]["optional-dependencies"]["dev"]
    build = project["build-system"]["requires"]
    wanted = {"run": run, "dev": dev, "build": build}
    return {name: [Requirement(text) for text in texts] for name, texts in wanted.items()}


def test_there_are_three_lock_files() -> None:
    assert [path.stem for path in LOCKS] == ["build", "dev", "run"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_file_holds_no_address(path: Path) -> None:
    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url.*|--find-links.*", _body(path)) == []


@pytest.mark.parametrize("place", ["widget", "bench/banner"])
def test_what_npm_locks_holds_hashes_and_no_address(place: str) -> None:
    text = (ROOT / place / "package-lock.json").read_text("utf-8")
    assert text.count('"integrity"') > 1
    assert re.findall(r"\S*://\S*", text) == []


def _body(path: Path) -> str:
    # The first lines repeat the command that wrote the file; its options are not settings.
    return "\n".join(
        line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")
    )


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_locked_package_is_exact_and_hashed(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", _body(path).strip())
    assert len(entries) == len(pins(path)) > 0
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["run", "dev", "build"])
def test_a_lock_file_answers_all_that_the_project_declares(name: str) -> None:
    locked = lock(name)
    unmet = [
        str(wanted)
        for wanted in declared()[name]
        if name_of(wanted.name) not in locked
        or locked[name_of(wanted.name)] not in wanted.specifier
    ]
    assert unmet == []


@pytest.mark.parametrize("other", ["dev", "build"])
def test_the_tests_run_on_the_versions_that_are_served(other: str) -> None:
    run, tested = lock("run"), lock(other)
    assert {name for name in run.keys() & tested.keys() if run[name] != tested[name]} == set()


def test_what_is_locked_is_what_is_installed() -> None:
    locked = lock("dev")
    installed = {
        name_of(found.name): Version(found.version) for found in metadata.distributions()
    }
    wrong = {
        name: (str(installed.get(name)), str(version))
        for name, version in locked.items()
        if name in installed and installed[name] != version
    }
    assert wrong == {}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_sec_133_nothing_is_locked_below_its_floor(path: Path) -> None:
    locked = pins(path)
    assert {
        name
        for name, floor in FLOORS.items()
        if locked.get(name, Version("9999")) < Version(floor)
    } == set()
    assert locked.keys() & REFUSED == set()


def test_sec_133_the_sqlite_in_use_is_a_fixed_one() -> None:
    refuse_unsafe_sqlite(pysqlite3.sqlite_version_info)


@pytest.mark.parametrize(
    "version", ["3.7.0", "3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.0", "3.51.2"]
)
def test_sec_6_a_sqlite_that_may_lose_writes_is_refused(version: str) -> None:
    with pytest.raises(RefusedToStart, match=re.escape(version)):
        refuse_unsafe_sqlite(tuple(map(int, version.split("."))))


@pytest.mark.parametrize("version", ["3.44.6", "3.50.7", "3.51.3", "3.53.4", "4.0.0"])
def test_sec_6_a_fixed_sqlite_is_taken(version: str) -> None:
    refuse_unsafe_sqlite(tuple(map(int, version.split("."))))
