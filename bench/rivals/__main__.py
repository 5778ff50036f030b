"""`python -m bench.rivals`: what a user has today instead of us, on the same made people.

Two bare files, those who may not be asked and a list in random order; out comes who is left.
No reasons, no proof, nothing of what was said since the files were written. Each program runs
in a process of its own, from its start to its last byte, in a virtual environment that is made
here and thrown away; what it costs is the processor time of that process.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from statistics import median
from typing import Any, Final

from consent_server.bench.people import email_of

HERE: Final = Path(__file__).parent
RIVALS: Final = ("duckdb", "polars", "pandas")


def main() -> None:
    told = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        python = _environment(place / "environment")
        denied, asked = place / "denied.csv", place / "asked.csv"
        left = _write(denied, asked, told.subjects, told.lines)
        for rival in RIVALS:
            found = [_run(python, rival, denied, asked, left) for _ in range(told.rounds)]
            own, wall = (median(each[at] for each in found) for at in range(2))
            print(
                f"{rival:<11}{told.subjects:>10,} people  {told.lines:>10,} lines"
                f"{own / told.lines * 1e6:>8.2f} us a line, all told{wall:>8.2f} s of the wall",
                flush=True,
            )


def _environment(place: Path) -> Path:
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    words = ("-m", "pip", "install", "-qq", "--disable-pip-version-check")
    locked = ("--only-binary", ":all:", "--require-hashes", "-r", HERE / "requirements.txt")
    subprocess.run([python, *words, *locked], check=True)
    return python


def _write(denied: Path, asked: Path, subjects: int, lines: int) -> int:
    """Write both files; gives how many of the list may be asked."""
    with denied.open("w") as file:
        file.write("email\n")
        file.writelines(f"{email_of(number)}\n" for number in range(0, subjects, 3))
    chance, left = random.Random(7), 0
    with asked.open("w") as file:
        file.write("email,name\n")
        for _ in range(lines):
            number = chance.randrange(subjects)
            left += number % 3 > 0
            file.write(f"{email_of(number)},x\n")
    return left


def _run(python: Path, rival: str, denied: Path, asked: Path, left: int) -> tuple[float, float]:
    goal = denied.with_name("allowed.csv")
    goal.unlink(missing_ok=True)
    before, begun = _children(), time.perf_counter()
    subprocess.run([python, HERE / "join.py", rival, denied, asked, goal], check=True)
    own, wall = _children() - before, time.perf_counter() - begun
    with goal.open("rb") as file:
        found = sum(1 for _ in file) - 1
    if found != left:
        sys.exit(f"{rival} let {found} lines through, not {left}")
    return own, wall


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.rivals", description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
