"""Journey 1: a choice on a banner becomes a proof that a stranger can check (design.md §4)."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import nursery

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    import httpx

    from tests.support.running import Running

# "Within a second" is the promise; a machine that runs other tests beside is slower.
SOON = 30.0
ADA = "ada.lindqvist@people.example"


def test_a_choice_becomes_a_receipt_and_a_proof_that_a_stranger_can_check(
    running: Running, tmp_path: Path
) -> None:
    # The page loads one small script that has everything in it.
    script = running.http.get(f"/w/{running.site}.js?lang=fr")
    assert script.status_code == 200
    assert running.banner in script.text

    # The visitor chooses, in one transaction; the answer is a receipt.
    asked = running.choice("save", choices=choices(analytics="granted"))
    answer = running.choose(asked)
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == running.origin
    written = answer.json()
    assert written["standing"] == choices(analytics="granted")

    # Within a second the entry is integrated under a signed checkpoint.
    record = wait_until_integrated(running, written["id"])
    assert record["choices"] == asked["choices"]
    assert record["receipt"] == written["receipt"]
    checkpoint = running.http.get("/log/checkpoint").text
    origin, size = checkpoint.splitlines()[:2]
    assert int(size) >= 1

    # `consent verify` checks the proof offline: no server, no settings, only file and key.
    proof = running.http.get(f"/v1/decisions/{written['id']}/proof", headers=running.headers)
    file = tmp_path / "proof.json"
    file.write_bytes(proof.content)
    vkey = key_of(running)
    assert vkey.startswith(origin)
    said = verify(file, vkey)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_receipt_is_readable_by_whoever_knows_its_name_and_names_nobody(
    running: Running,
) -> None:
    asked = running.choice()
    name = running.choose(asked).json()["receipt"]

    page = running.http.get(f"/v1/receipts/{name}", headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Cubalys" in page.text

    data = running.http.get(f"/v1/receipts/{name}", headers={"Accept": "application/json"})
    given = {each["purpose"]: each["answer"] for each in data.json()["choices"]}
    assert given == asked["choices"]
    assert asked["visitor"] not in page.text + data.text

    other = name[:-1] + ("0" if name[-1] != "0" else "1")
    assert running.http.get(f"/v1/receipts/{other}").status_code == 404


def test_a_flipped_byte_is_refused_and_the_refusal_says_where(
    running: Running, tmp_path: Path
) -> None:
    decision = running.choose(running.choice()).json()["id"]
    wait_until_integrated(running, decision)
    told = running.get(f"/v1/decisions/{decision}/proof")
    vkey = key_of(running)
    file = tmp_path / "proof.json"
    for part, where in (("record", "record"), ("entry", "entry"), ("tlog_proof", "proof")):
        text = told[part]
        middle = len(text) // 2
        letter = "A" if text[middle] != "A" else "B"
        file.write_text(json.dumps({**told, part: text[:middle] + letter + text[middle + 1 :]}))
        said = verify(file, vkey)
        assert said.returncode == 1, part
        assert where in said.stdout.lower(), said.stdout


def test_another_key_than_the_logs_proves_nothing(running: Running, tmp_path: Path) -> None:
    decision = running.choose(running.choice()).json()["id"]
    wait_until_integrated(running, decision)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(running.get(f"/v1/decisions/{decision}/proof")))
    name, number, secret = key_of(running).split("+", 2)
    assert verify(file, f"{name}+{number}+{secret[:-4]}AAA=").returncode != 0


def test_whoever_knows_the_address_can_check_that_the_proof_is_about_it(
    running: Running, tmp_path: Path
) -> None:
    written = running.agree(ADA)
    wait_until_integrated(running, written["id"])
    opened = running.get(f"/v1/decisions/{written['id']}/proof?opening=true")
    closed = running.get(f"/v1/decisions/{written['id']}/proof")
    assert "opening" in opened
    assert "opening" not in closed
    assert ADA not in json.dumps(opened) + json.dumps(closed)

    vkey = key_of(running)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(opened))
    assert verify(file, vkey, "--for", ADA).returncode == 0
    assert verify(file, vkey, "--for", "ben@people.example").returncode == 1


def test_a_retry_of_the_same_choice_is_answered_and_not_recorded_again(
    running: Running,
) -> None:
    asked = running.choice()
    first, again = running.choose(asked), running.choose(asked)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    refuse(running.choose({**running.choice("refuse_all"), "id": asked["id"]}), 422)
    wait_until_integrated(running, first.json()["id"])
    told = [each["decision"] for each in running.events_of(first.json()["subject"])]
    assert told == [first.json()["id"]] * len(asked["choices"])


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_page_but_the_sites_own_chooses_for_its_visitors(
    running: Running, origin: str
) -> None:
    path = f"/v1/sites/{running.site}/decisions"
    answer = running.http.post(path, json=running.choice(), headers={"Origin": origin})
    refuse(answer, 403)
    assert "Access-Control-Allow-Origin" not in answer.headers


def refuse(answer: httpx.Response, status: int) -> None:
    """Hold an answer to be a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def choices(**granted: str) -> dict[str, str]:
    """Give the choices of a visitor who refuses all but these."""
    return {**dict.fromkeys(("analytics", "advertising", "video"), "refused"), **granted}


def wait_until_integrated(running: Running, decision: str) -> Any:
    """Wait for the log to have a decision; gives its record."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        record = running.get(f"/v1/decisions/{decision}")
        if record["ledger"] == "integrated":
            return record
        time.sleep(0.05)
    raise AssertionError(f"still pending after {SOON} s")


def key_of(running: Running) -> str:
    """Give the log's public key as the operator publishes it."""
    return running.command("ledger", "key").strip()


def verify(file: Path, vkey: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run `consent verify` as a stranger would, on a machine that has nothing of ours."""
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return nursery.run(["verify", file, "--key", vkey, *more], environment)
