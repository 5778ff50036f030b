"""Time from outside: a real authority stamps the log's head, and a stranger can tell."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.x509 import load_pem_x509_certificates

from consent_server import ledger
from consent_server.clock import to_micros
from consent_server.db import Sql, read
from consent_server.ledger.authority import NoStamp, ask_authority
from consent_server.ledger.cli import ledger_commands
from consent_server.ledger.der import NotDer, certificates_in_order
from consent_server.ledger.stamp import Stamper, is_due
from consent_server.ledger.stamped import stamps
from consent_server.outgoing.calls import Calls
from consent_server.verify import Refused, Sort, verify_bundle
from consent_server.verify.bare_stamp import check_stamp
from tests.ledger.world import World, append_many, change
from tests.support.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consent_server.verify import Verdict

HOUR = timedelta(hours=1)
TEXT = b"log.example/log\n3\nAAAA\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "tsa") as running:
        yield running


@pytest.fixture
def stamper(world: World, authority: Authority) -> Stamper:
    # The authority's clock is the machine's.
    now = datetime.now(UTC)
    world.clock.advance(seconds=(now - world.clock()).total_seconds())
    authority.down = False
    return Stamper(
        clock=world.clock,
        calls=Calls(allowed={authority.place}),
        authorities=[authority.url],
        every=HOUR,
        roots=load_pem_x509_certificates(authority.roots.read_bytes()),
    )


def checked(world: World, record: int, roots: bytes | None) -> Verdict:
    data = ledger.proof_bytes(world.prove(7, record))
    return verify_bundle(data, keys=[world.vkey()], authorities=roots)


def only(stamps: object) -> bytes:
    assert isinstance(stamps, list)
    (token,) = stamps
    return b64decode(token)


def codes(verdict: Verdict) -> list[str]:
    return [each.code for each in verdict.findings]


def test_ts_1_a_proof_carries_the_first_stamp_that_covers_its_entry(
    world: World, authority: Authority, stamper: Stamper
) -> None:
    (first,) = append_many(7, 1)
    world.sequence()
    assert world.prove(7, first)["stamps"] == []
    assert stamper.pass_once() == 1
    # In the very next place, which the stamped head just does not cover.
    (second,) = append_many(7, 1)
    world.sequence()
    append_many(7, 300)
    world.sequence()
    assert stamper.pass_once() == 0
    assert world.prove(7, second)["stamps"] == []
    world.clock.advance(seconds=3601)
    roots = authority.roots.read_bytes()
    for record, size in ((first, 1), (second, 302)):
        if record == second:
            stamper.clock = lambda: datetime.now(UTC) + timedelta(minutes=4)
            stamper.every = timedelta(0)
            assert stamper.pass_once() == 1
        proof = world.prove(7, record)
        assert f"\n{size}\n" in str(proof["tlog_proof"])
        verdict = checked(world, record, roots)
        assert verdict.holds, verdict.refusal
        assert "stamped" in codes(verdict)
    assert checked(world, first, None).holds
    with read() as tx:
        assert [each.size for each in stamps(tx, 10)] == [302, 1]
    assert world.findings() == []


def test_ts_3_a_stamp_is_by_whom_one_trusts_or_by_whom_nobody_vouches_for(
    world: World, authority: Authority, stamper: Stamper
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    for name in ("root", "stamper"):
        trusted = (authority.folder / f"{name}.pem").read_bytes()
        assert "stamped" in codes(checked(world, record, trusted))
    findings = checked(world, record, None).findings
    (said,) = (each for each in findings if each.code == "stamp_unvouched")
    assert said.sort is Sort.NOT_PROVED
    for language, words in (("en", "nobody has vouched"), ("fr", "ne s’est porté garant")):
        assert "CN=Stamper of tests" in said.say(language)
        assert words in said.say(language)


def test_without_a_library_a_stamp_is_still_seen_to_be_over_its_text(
    world: World, stamper: Stamper
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    proof = world.prove(7, record)
    token = only(proof["stamps"])
    text = str(proof["tlog_proof"]).split("\n\n")[1].encode() + b"\n"
    said = check_stamp(token, text, 0, ())
    assert said.authority == "CN=Stamper of tests"
    assert datetime.fromisoformat(said.time) - datetime.now(UTC) < timedelta(minutes=5)
    for false, over in ((token, text + b"1"), (token[:40], text), (b"", text)):
        with pytest.raises(Refused):
            check_stamp(false, over, 0, ())


def test_a_stamp_outlives_the_name_of_its_log(
    world: World, authority: Authority, stamper: Stamper
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    before, key = ledger.proof_bytes(world.prove(7, record)), world.vkey()
    (plan,) = ledger.to_resume(world.signer, anyway=True)
    ledger.resume(world.signer, plan, now=to_micros(world.clock()))
    assert world.vkey() != key
    assert ledger.proof_bytes(world.prove(7, record)) == before
    verdict = verify_bundle(before, keys=[key], authorities=authority.roots.read_bytes())
    assert "stamped" in codes(verdict)


def test_openssl_itself_verifies_the_stamp(
    world: World, authority: Authority, stamper: Stamper, tmp_path: Path
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    proof = world.prove(7, record)
    token = only(proof["stamps"])
    (tmp_path / "token").write_bytes(token)
    checkpoint = str(proof["tlog_proof"]).split("\n\n")[1]
    (tmp_path / "text").write_text(f"{checkpoint}\n")
    words = ("openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "text")
    told = subprocess.run(
        [*words, "-CAfile", str(authority.roots)], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "Verification: OK" in told.stdout, told.stderr


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trusted", ["root", "stamper"])
def test_111_every_flipped_bit_of_a_stamp_is_refused_and_placed(
    world: World, authority: Authority, stamper: Stamper, trusted: str
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    proof = world.prove(7, record)
    token = only(proof["stamps"])
    whole, key = token, world.vkey()
    roots = (authority.folder / f"{trusted}.pem").read_bytes()
    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << (at % 8)
        changed = {**proof, "stamps": [b64encode(flipped).decode()]}
        verdict = verify_bundle(changed, keys=[key], authorities=roots)
        assert not verdict.holds, at
        assert verdict.refusal is not None
        assert "stamps[0]" in verdict.refusal.say("en")


def test_111_a_kept_stamp_that_was_changed_is_found(world: World, stamper: Stamper) -> None:
    append_many(7, 2)
    world.sequence()
    stamper.pass_once()
    assert world.findings() == []
    with read() as tx:
        ((token,),) = tx.run(Sql("SELECT token FROM ledger_stamp"))
    for at in (40, len(token) // 2, len(token) - 5):
        flipped = bytearray(token)
        flipped[at] ^= 1
        change("UPDATE ledger_stamp SET token = :token", token=bytes(flipped))
        (found,) = world.findings()
        assert (found.code, found.where) == ("stamp", "main"), at


def test_a_stamp_over_another_head_or_by_another_authority_is_refused(
    world: World, authority: Authority, stamper: Stamper, tmp_path: Path
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    stamper.pass_once()
    stamped = world.prove(7, record)
    append_many(7, 1)
    world.sequence()
    later = append_many(7, 1)[0]
    world.sequence()
    other = {**world.prove(7, later), "stamps": stamped["stamps"]}
    verdict = verify_bundle(other, keys=[world.vkey()])
    assert verdict.refusal is not None
    assert verdict.refusal.code == "stamp_of_another"
    with Authority(tmp_path / "other") as foreign:
        # Of the same name, and by another key.
        roots = [foreign.roots.read_bytes(), (foreign.folder / "stamper.pem").read_bytes()]
    for each in roots:
        verdict = checked(world, record, each)
        assert verdict.refusal is not None
        assert verdict.refusal.code == "stamp_not_trusted"


def test_an_authority_that_is_down_is_asked_again_and_nothing_is_faked(
    world: World, authority: Authority, stamper: Stamper
) -> None:
    (record,) = append_many(7, 1)
    world.sequence()
    authority.down = True
    assert stamper.pass_once() == 0
    asked = len(authority.asked)
    authority.down = False
    # It is left alone for a minute.
    assert stamper.pass_once() == 0
    assert len(authority.asked) == asked
    assert world.prove(7, record)["stamps"] == []
    world.clock.advance(seconds=61)
    assert stamper.pass_once() == 1
    assert world.prove(7, record)["stamps"] != []


def test_an_answer_that_does_not_fit_is_no_stamp(authority: Authority) -> None:
    authority.down = False
    calls, now = Calls(allowed={authority.place}), datetime.now(UTC)
    for roots, at, reason in (
        ((), now - timedelta(days=1), "another_time"),
        ((), now, None),
    ):
        if reason is None:
            assert ask_authority(calls, authority.url, TEXT, roots=roots, now=at).token
            continue
        with pytest.raises(NoStamp, match=reason):
            ask_authority(calls, authority.url, TEXT, roots=roots, now=at)
    with pytest.raises(NoStamp, match="refused_address"):
        ask_authority(Calls(), authority.url, TEXT, roots=(), now=now)


def test_a_head_is_due_when_it_has_grown_and_the_last_stamp_is_old_enough() -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    told = int((now - HOUR).timestamp() * 1_000_000)
    assert is_due(1, [], now, HOUR)
    assert not is_due(0, [], now, HOUR)
    assert is_due(6, [(5, told)], now, HOUR)
    assert not is_due(5, [(5, told)], now, HOUR)
    assert not is_due(6, [(5, told + 1)], now, HOUR)


def test_der_that_is_cut_is_no_der() -> None:
    for cut in (b"", b"\x30", b"\x30\x05\x30\x00", b"\x30\x85\x00\x00\x00\x00\x01"):
        with pytest.raises(NotDer):
            certificates_in_order(cut)


def test_the_command_lists_stamps_and_what_waits(world: World, stamper: Stamper) -> None:
    append_many(7, 2)
    world.sequence()
    stamper.pass_once()
    append_many(7, 3)
    world.sequence()
    told = CliRunner().invoke(ledger_commands, ["stamps", "--json"])
    said = json.loads(told.stdout)
    assert [each["size"] for each in said["stamps"]] == [2]
    assert said["pending"] == {"main": 3}
    assert "3 of 5 entries" in CliRunner().invoke(ledger_commands, ["stamps"]).stdout
