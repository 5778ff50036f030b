"""Erasure meets proof: the vault keeps what a ground keeps, until its date, then nothing."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
from base64 import b64decode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server import ledger
from consent_server.clock import parse_rfc3339, to_micros
from consent_server.db import Sql, read, write
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.ledger.canonical import canonical_bytes
from consent_server.rights.vault import destroy_ended, in_vault
from consent_server.rights.vault_cli import vault_commands
from consent_server.subjects import identify
from consent_server.verify import verify_bundle
from consent_server.web import current
from tests.newsletters.world import dump
from tests.rights.world import ADA, CRM, erase, know

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.support.clock import HandClock
    from tests.support.house import House

BEA = {"email": "bea@people.example"}
FIVE_YEARS = timedelta(days=5 * 366)
GUESSES = 1_000_000 if os.environ.get("CONSENT_TEST_MILLION") else 20_000


def run(*words: str) -> Result:
    return CliRunner().invoke(vault_commands, list(words))


def listed(*words: str) -> list[dict[str, Any]]:
    answer = run("list", "--organisation", "cubalys", "--json", *words)
    assert answer.exit_code == 0, answer.output
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def key(house: House) -> str:
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with read(house.organisation) as tx:
        return ledger.key_of_log(tx, signer, ledger.MAIN_LOG).vkey


def test_er_4_the_proof_lives_on_apart_and_shows_whom_it_is_about(
    house: House, tmp_path: Path
) -> None:
    know(house, ADA, CRM)
    hers = house.tell(ADA).get_json()["id"]
    objection = {"subject": ADA, "choices": {"prospecting.post": "refused"}, "source": "email"}
    unkept = house.post("/v1/decisions", objection).get_json()["id"]
    house.integrate()
    told = erase(house, ADA)
    # The objection's purpose keeps no proof: it went at once.
    assert told["vaulted"] == 1
    assert told["vaulted_until"].startswith(str(house.clock().year + 5))
    assert house.get(f"/v1/decisions/{hers}/proof").get_json()["code"] == "erased"
    assert [each["decision"] for each in listed("--for", ADA["email"])] == [hers]
    assert listed("--for", BEA["email"]) == []
    target = tmp_path / "proof.json"
    done = run("prove", hers, "--organisation", "cubalys", "--to", str(target))
    assert done.exit_code == 0, done.output
    verdict = verify_bundle(target.read_bytes(), keys=[key(house)], identifier=ADA["email"])
    assert verdict.holds, verdict.refusal
    for missing in (unkept, "dec_zzzzzzzzzzzzz", "x"):
        target = tmp_path / "none.json"
        assert run("prove", missing, "--to", str(target)).exit_code != 0
        assert not target.exists()


def test_what_is_in_the_vault_names_nobody_and_answers_no_question(house: House) -> None:
    house.tell(ADA)
    house.integrate()
    erase(house, ADA, suppress=False)
    text = dump(house)
    assert ADA["email"] not in text
    assert not house.ask(ADA)["allowed"]
    assert list(check_all()) == []


def test_the_visitors_own_erasure_leaves_nothing_as_the_banner_says(house: House) -> None:
    visitor = "visitor-of-22-letters-"
    house.choose(house.choice(visitor=visitor))
    house.integrate()
    with read(house.organisation) as tx:
        assert in_vault(tx, house.organisation, None) == []
    answer = house.client.post(
        f"/v1/sites/{house.site}/record",
        json={"visitor": visitor, "do": "erase"},
        headers={"Origin": "http://cubalys.localhost:8001"},
    )
    assert answer.get_json()["erased"]
    assert listed() == []


def test_after_its_date_it_is_not_given_whether_or_not_the_worker_has_run(
    house: House, clock: HandClock, tmp_path: Path
) -> None:
    hers = house.tell(ADA).get_json()["id"]
    house.integrate()
    erase(house, ADA)
    clock.advance(days=FIVE_YEARS.days)
    target = str(tmp_path / "late.json")
    assert run("prove", hers, "--organisation", "cubalys", "--to", target).exit_code != 0


@pytest.mark.timeout(900)
def test_118_after_the_vaults_end_the_leaf_means_nothing_and_every_other_proof_holds(
    house: House, clock: HandClock
) -> None:
    hers = house.tell(ADA).get_json()["id"]
    others = [house.tell({"email": f"p{n}@people.example"}).get_json()["id"] for n in range(20)]
    house.integrate()
    known = _everything_about(house, hers)
    erase(house, ADA, suppress=False)
    house.integrate()
    clock.advance(days=FIVE_YEARS.days)
    with write(house.organisation) as tx:
        assert destroy_ended(tx, house.organisation, to_micros(clock())) == 1
    with read(house.organisation) as tx:
        assert in_vault(tx, house.organisation, None) == []
        (sealed,) = tx.run(
            Sql("SELECT sealed FROM ledger_record WHERE id = :id"), {"id": parse("dec", hers)}
        )[0]
        assert sealed is None
        left = {
            bytes(row[0])
            for row in tx.run(
                Sql("SELECT commitment FROM ledger_entry WHERE record_id = :id"),
                {"id": parse("dec", hers)},
            )
        }
    assert len(left) == 1
    assert ADA["email"] not in dump(house)
    vkey = key(house)
    for each in others:
        proof = house.get(f"/v1/decisions/{each}/proof").get_json()
        assert verify_bundle(proof, keys=[vkey]).holds
    assert list(check_all()) == []
    # That the guesser would find it, if the salt were one that can be guessed.
    weak = hmac.digest(bytes(32), known.encode(), "sha256")
    assert weak in set(_digests(known.encode()))
    assert left.isdisjoint(_digests(known.encode())), "not even with the very record in hand"
    assert _matched(known, left) == 0


def _everything_about(house: House, decision: str) -> str:
    """Give the very record, as somebody might have kept it from an earlier proof file."""
    proof = house.get(f"/v1/decisions/{decision}/proof?opening=true").get_json()
    assert b64decode(proof["salt"]) != bytes(32)
    return str(proof["record"])


def _matched(known: str, left: set[bytes]) -> int:
    """Guess (address, purpose, minute), the true ones among them; count what matches."""
    record = json.loads(known)
    addresses = [ADA["email"], *(f"person{n}@people.example" for n in range(999))]
    purposes = ["newsletter", "prospecting.email", "prospecting.phone", "analytics"]
    minutes = [
        record["recorded_at"][:16] + "Z",
        *(f"2026-11-23T{n // 60:02}:{n % 60:02}Z" for n in range(249)),
    ]
    every = itertools.product(minutes, purposes, addresses)
    found = 0
    for minute, purpose, address in itertools.islice(every, GUESSES):
        given = identify("email", address, region="") if address == ADA["email"] else None
        guess = canonical_bytes(
            {
                "address": given.match if given else address,
                "minute": minute,
                "choices": {purpose: "granted"},
            }
        )
        found += not left.isdisjoint(_digests(guess))
    return found


def _digests(guess: bytes) -> list[bytes]:
    """Hash a guess in the ways of somebody who has no salt."""
    return [
        hashlib.sha256(guess).digest(),
        hashlib.sha256(b"\0" + guess).digest(),
        hmac.digest(b"", guess, "sha256"),
        hmac.digest(bytes(32), guess, "sha256"),
    ]


def sha256(who: dict[str, str]) -> dict[str, str]:
    return {"sha256_email": hashlib.sha256(who["email"].encode()).hexdigest()}


def in_a_list(house: House, who: dict[str, str]) -> str:
    ((kind, text),) = who.items()
    answer = house.client.post(
        "/v1/permissions/bulk?purpose=newsletter",
        data=f"{kind}\n{text}\n",
        headers={**house.headers, "Content-Type": "text/csv"},
    )
    return answer.get_data(as_text=True).splitlines()[1].split(",")[2]


def test_as_long_as_the_vault_keeps_proof_every_way_of_asking_says_erased(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    house.tell(BEA)
    house.integrate()
    before = house.at(clock())
    clock.advance(hours=1)
    assert house.why(ADA) == "consent"
    assert erase(house, ADA, suppress=False)["suppressions"] == 0
    clock.advance(hours=1)
    now = house.at(clock())
    for who in (ADA, sha256(ADA)):
        assert house.ask(who)["erased"] is True
        assert house.why(who, "prospecting.post") == "erased"
        assert house.why(who, at=now) == house.why(who, at=before) == "erased"
        assert house.why(who, at=now, known="now") == "erased"
        assert house.why(who, at=before, known="now") == "erased"
        assert in_a_list(house, who) == "erased"
    told = house.ask(ADA, explain="full")
    assert [step["about"] for step in told["chain"]] == ["erased"]
    assert "effacées" in told["chain"][0]["fr"]
    # Nobody else is meant by it.
    assert house.why(BEA) == in_a_list(house, BEA) == "consent"
    assert house.why({"email": "nobody@people.example"}) == "never_asked"


def test_known_again_under_the_address_she_is_answered_as_anybody(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    erase(house, ADA, suppress=False)
    between = house.at(clock())
    clock.advance(days=1)
    house.tell(ADA, choices={"prospecting.post": "granted"})
    for who in (ADA, sha256(ADA)):
        assert house.why(who) == in_a_list(house, who) == "never_asked"
        assert house.why(who, at=between) == "erased"
    house.tell(ADA)
    assert house.why(ADA) == "consent"


def test_after_the_vaults_day_nobody_remembers_her_whether_or_not_the_worker_has_run(
    house: House, clock: HandClock
) -> None:
    house.tell(ADA)
    clock.advance(days=100)
    # The later proof counts.
    house.tell(ADA, choices={"newsletter": "refused"})
    until = erase(house, ADA, suppress=False)["vaulted_until"]
    with write(house.organisation) as tx:
        # The no is kept as a suppression; here it is the vault alone that is asked.
        tx.run(Sql("DELETE FROM suppression"))
    clock.advance(seconds=(parse_rfc3339(until) - clock()).total_seconds() - 1)
    assert house.why(ADA) == in_a_list(house, ADA) == "erased"
    clock.advance(seconds=1)
    for _ in range(2):
        for who in (ADA, sha256(ADA)):
            assert house.why(who) == in_a_list(house, who) == "never_asked"
        with write(house.organisation) as tx:
            destroy_ended(tx, house.organisation, to_micros(clock()))
    assert len(dump(house)["vaulted_hash"]) == 0
