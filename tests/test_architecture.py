"""The shape of the house: imports go one way, and each rule about it can go red."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "consent_server"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
LONGEST_FILE = 350


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the house that a test may spoil."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        PACKAGE,
        tmp_path / "consent_server",
        ignore=shutil.ignore_patterns("__pycache__", "static"),
    )
    return tmp_path


def add(line: str, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    with to.open("a") as file:
        file.write(f"\n{line}\n")


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Name the top-level packages that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").partition(".")[0])
    return names


def test_every_contract_between_the_rooms_is_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("line", "to", "contract"),
    [
        pytest.param(
            "from consent_server import app", "ledger/merkle.py", "Rooms stack", id="upwards"
        ),
        pytest.param(
            "import sqlalchemy",
            "decisions/rules.py",
            "Rules are pure",
            id="a rule that queries",
        ),
        pytest.param(
            "from consent_server import db",
            "permissions/rules/judge.py",
            "Rules are pure",
            id="a rule that reaches the database",
        ),
        pytest.param(
            "import flask",
            "ledger/canonical.py",
            "Rules are pure",
            id="hashing that knows HTTP",
        ),
        pytest.param(
            "from consent_server.ledger import merkle",
            "verify/again.py",
            "stand alone",
            id="a verifier that trusts the server",
        ),
        pytest.param(
            "import flask",
            "subjects/models.py",
            "do not speak HTTP",
            id="a table that knows HTTP",
        ),
        pytest.param("", "newroom/__init__.py", "Rooms stack", id="a room without a place"),
    ],
)
def test_a_planted_violation_is_seen(copy: Path, line: str, to: str, contract: str) -> None:
    add(line, to=copy / "consent_server" / to)
    done = lint_imports(copy)
    assert done.returncode != 0
    assert [row for row in done.stdout.splitlines() if contract in row and "BROKEN" in row]


def test_importing_the_package_imports_nothing() -> None:
    assert imported(PACKAGE / "__init__.py") == set()


def test_no_file_has_grown_into_two() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}
    assert {path for path, length in lengths.items() if length > LONGEST_FILE} == set()


def test_the_verifier_needs_only_the_standard_library_signatures_and_time_stamps() -> None:
    allowed = sys.stdlib_module_names | {"cryptography", "rfc3161_client", "consent_server"}
    checking = [path for path in PACKAGE.glob("verify/**/*.py") if path.name != "cli.py"]
    assert {name for path in checking for name in imported(path)} <= allowed


def test_the_server_starts_without_anything_only_tests_need() -> None:
    testing = {"pytest", "hypothesis", "schemathesis", "playwright", "time_machine", "tests"}
    assert {name for path in sources() for name in imported(path)} & testing == set()
