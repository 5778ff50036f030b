"""`consent filter`, and campaigns against real processes: nothing that broke looks whole."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench.processes import tree
from consent_server.permissions.bulk.hands import processors
from tests.support.running import Running, settled, somebody
from tests.support.server import Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.server import Deployment

BULK = "/v1/permissions/bulk?purpose=newsletter"


@pytest.fixture
def running(deployment: Deployment) -> Iterator[Running]:
    with settled(deployment) as made:
        yield made


def test_a_person_with_a_spreadsheet_gets_those_who_agreed(
    running: Running, tmp_path: Path
) -> None:
    yes, no = somebody(), somebody()
    running.agree(yes)
    asked = tmp_path / "contacts.csv"
    asked.write_text(f"\ufeffNom;E-mail\nÉloïse;{yes}\nBen;{no}\nNul;personne\n", "utf-8")
    goal = tmp_path / "allowed.csv"
    words = ("filter", str(asked), "--purpose", "newsletter", "-o", str(goal))
    told = running.command(*words)
    assert "never_asked" in told
    assert goal.read_text("utf-8").splitlines()[1].startswith(f"Éloïse;{yes};true;consent;")
    assert len(goal.read_text("utf-8").splitlines()) == 2
    clearance = json.loads((tmp_path / "allowed.csv.clearance.json").read_text("utf-8"))
    assert clearance["counts"] == {"consent": 1, "never_asked": 1, "unreadable": 1}
    assert clearance["answer_sha256"] == hashlib.sha256(goal.read_bytes()).hexdigest()
    # Another server's answer is the same; its key stands in a file.
    key = tmp_path / "key"
    key.write_text(running.key)
    there = ("--url", running.deployment.base_url, "--key-file", str(key), "--json")
    again = json.loads(running.command(*words[:-1], str(tmp_path / "b.csv"), *there))
    assert again["clearance"]["counts"] == clearance["counts"]
    assert (tmp_path / "b.csv").read_bytes() == goal.read_bytes()


def test_a_long_spreadsheet_is_answered_by_several_in_its_own_order(
    running: Running, tmp_path: Path
) -> None:
    yes, goal = somebody(), tmp_path / "all.csv"
    running.agree(yes)
    question = _long(tmp_path, yes)
    words = ("filter", str(question), "--purpose", "newsletter", "--only", "all")
    told = json.loads(running.command(*words, "-o", str(goal), "--json"))["clearance"]
    assert told["counts"] == {"consent": LINES // 10, "never_asked": LINES - LINES // 10}
    assert told["question_sha256"] == hashlib.sha256(question.read_bytes()).hexdigest()
    assert told["answer_sha256"] == hashlib.sha256(goal.read_bytes()).hexdigest()
    rows = [line.split(",") for line in goal.read_text("utf-8").splitlines()[1:]]
    assert [int(number) for _, number, *_ in rows] == list(range(LINES))
    assert [row[3] for row in rows[:11]] == ["true", *["false"] * 9, "true"]


def test_a_long_spreadsheet_of_whose_helpers_one_is_killed_leaves_nothing_behind(
    running: Running, tmp_path: Path
) -> None:
    goal, log = tmp_path / "all.csv", tmp_path / "log"
    words = ("filter", str(_long(tmp_path, somebody(), 20)), "--purpose", "newsletter")
    environment = running.deployment.environment
    asking = Process(*words, "-o", str(goal), environment=environment, log=log)
    end = time.monotonic() + 30
    while len(own := tree(asking.pid)) < 1 + processors():
        assert asking.running(), log.read_text()
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(own[-1], signal.SIGKILL)
    end = time.monotonic() + 60
    while asking.running():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert asking.stop() == 1
    assert log.read_text() == "The list is not answered any more.\n"
    assert [each.name for each in tmp_path.iterdir() if "all.csv" in each.name] == []


def test_a_clearance_never_lies_beside_a_list_that_it_is_not_of(
    running: Running, tmp_path: Path
) -> None:
    asked, goal = tmp_path / "contacts.csv", tmp_path / "allowed.csv"
    asked.write_text(f"email\n{somebody()}\n", "utf-8")
    words = ("filter", str(asked), "--purpose", "newsletter", "-o")
    running.command(*words, str(goal))
    beside = tmp_path / "allowed.csv.clearance.json"
    # The second clearance finds no place: a full disk would do the same.
    (tmp_path / f".{beside.name}.part").mkdir()
    said = running.deployment.run(*words, str(goal))
    assert (said.returncode, said.stderr[:15]) == (74, "Is a directory:")
    assert goal.exists()
    assert not beside.exists()
    running.command(*words, str(tmp_path / "nowhere" / "allowed.csv"), status=74)


LINES = 6_000


def _long(folder: Path, yes: str, times: int = 1) -> Path:
    """Write a list of more than a megabyte: every tenth line names who agreed."""
    path, more = folder / "long.csv", "of the fair in spring " * 9
    with path.open("w") as file:
        file.write("email,number,more\n")
        for number in range(LINES * times):
            email = f"p{number}@people.example" if number % 10 else yes
            file.write(f"{email},{number},{more}\n")
    return path


def test_a_list_that_cannot_be_read_leaves_nothing_behind(
    running: Running, tmp_path: Path
) -> None:
    asked = tmp_path / "contacts.csv"
    asked.write_text("somebody@example.org\n", "utf-8")
    goal = tmp_path / "allowed.csv"
    words = ("filter", str(asked), "--purpose", "newsletter", "-o", str(goal))
    running.command(*words, status=1)
    running.command("filter", str(asked), "--purpose", "x", "-o", str(asked), status=2)
    assert [each.name for each in tmp_path.iterdir() if "allowed" in each.name] == []


def test_answers_come_while_the_question_is_sent_and_kill_9_leaves_no_clearance(
    running: Running,
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.deployment.port, timeout=30)
    connection.putrequest("POST", f"{BULK}&duplex=true")
    for name, value in {
        **running.headers,
        "Content-Type": "text/csv",
        "Transfer-Encoding": "chunked",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    first = b"email\n" + b"".join(f"{somebody()}\n".encode() for _ in range(9000))
    connection.send(b"%x\r\n%s\r\n" % (len(first), first))
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.readline().startswith(b"email,allowed")
    assert answer.readline().endswith(b",false,never_asked,,,,\n")
    name = answer.headers["Consent-Clearance"]
    running.deployment.kill()
    with closing(connection), answer, pytest.raises((http.client.HTTPException, OSError)):
        answer.read()
    running.deployment.start()
    assert (
        running.http.get(f"/v1/clearances/{name}", headers=running.headers).status_code == 404
    )


def test_a_client_that_goes_away_gives_its_place_back(running: Running) -> None:
    body = gzip.compress(b"email\n" + b"".join(b"%d@example.org\n" % n for n in range(20000)))
    headers = {**running.headers, "Content-Type": "text/csv", "Content-Encoding": "gzip"}
    for _ in range(6):
        connection = http.client.HTTPConnection("127.0.0.1", running.deployment.port)
        connection.request("POST", BULK, body, headers)
        connection.close()
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = running.http.post(BULK, content=body, headers=headers)
        if answer.status_code == 200:
            break
        assert answer.headers["Retry-After"]
        time.sleep(0.2)
    answer = running.http.post(BULK, content=body, headers=headers)
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 20001
