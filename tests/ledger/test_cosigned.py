"""Being cosigned: what witnesses sign of our log is kept, shown, and never made up."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from flask import Response
from werkzeug.serving import make_server

from consent_server import ledger
from consent_server.clock import to_micros
from consent_server.db import Sql, read
from consent_server.ledger.checkpoint import open_checkpoint
from consent_server.ledger.cli import ledger_commands
from consent_server.ledger.note import Cosigner, Signer, open_note, parse_note, parse_vkey
from consent_server.ledger.stamp import Stamper
from consent_server.ledger.witness import refuse_bad_witnesses
from consent_server.ledger.witness.ask import Address, Asker, asker_of
from consent_server.ledger.witness.cosign import Witness
from consent_server.ledger.witness.state import witness_states
from consent_server.outgoing.calls import Calls
from consent_server.problems import RefusedToStart
from consent_server.verify import verify_bundle
from consent_server.web import current
from tests.ledger.world import World, append_many, change, dump_tree, restore_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from consent_server.verify import Verdict


@dataclass
class Cosigning:
    """A log, and its witness behind a real socket: here the same server is both."""

    world: World
    asker: Asker
    vkey: str
    down: bool = False

    def know(self, *keys: str) -> None:
        """Tell the witness which keys are the log's."""
        settings = replace(current.settings(), witness_logs=keys)
        self.world.app.extensions["consent.settings"] = settings

    def pass_later(self) -> int:
        """Let the witness be asked again."""
        self.world.clock.advance(seconds=61)
        return self.asker.pass_once()

    @property
    def pending(self) -> int:
        (state,) = witness_states(current.settings())
        assert state.witness == self.vkey
        return state.pending

    def checked(self, record: int, *keys: str) -> Verdict:
        data = ledger.proof_bytes(self.world.prove(7, record))
        assert len(data) < 4096
        verdict = verify_bundle(data, keys=[self.world.vkey(), *keys])
        assert verdict.holds, verdict.refusal
        return verdict


@pytest.fixture
def cosigning(app: Flask, world: World) -> Iterator[Cosigning]:
    here = Cosigning(world, None, "")  # type: ignore[arg-type] # made below

    def served(environ: dict[str, object], start: object) -> object:
        if here.down:
            return Response(status=503)(environ, start)  # type: ignore[arg-type]
        with app.app_context():
            return app.wsgi_app(environ, start)  # type: ignore[arg-type]

    server = make_server("127.0.0.1", 0, served, threaded=True)  # type: ignore[arg-type]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}/witness/"
    here.vkey = Witness.of(current.settings(), current.keyring()).cosigner.key.vkey
    app.extensions["consent.settings"] = replace(
        current.settings(), witnesses=((url, here.vkey),), witness_seconds=1
    )
    here.asker = asker_of(current.settings(), world.clock)
    here.know(world.vkey())
    yield here
    here.asker.calls.close()
    server.shutdown()
    server.server_close()


def codes(verdict: Verdict) -> set[str]:
    return {each.code for each in verdict.findings}


def test_tl_5_a_cosignature_is_kept_served_and_proved(
    cosigning: Cosigning, client: FlaskClient
) -> None:
    world, witness = cosigning.world, parse_vkey(cosigning.vkey)
    (first,) = append_many(7, 1)
    world.sequence()
    bare = client.get("/log/checkpoint").text
    assert client.get("/log/cosigned").status_code == 404
    assert "no_witness" in codes(cosigning.checked(first, cosigning.vkey))
    assert cosigning.pending == 1

    assert cosigning.asker.pass_once() == 1
    note = client.get("/log/checkpoint").text
    assert note.startswith(bare)
    assert open_note(note, [witness])[1] == (witness,)
    assert open_checkpoint(note, [parse_vkey(world.vkey())]).size == 1
    assert client.get("/log/cosigned").text == note
    assert cosigning.pending == 0
    verdict = cosigning.checked(first, cosigning.vkey)
    assert "cosigned" in codes(verdict)
    assert "no_witness" not in codes(verdict)
    # Who does not trust the witness is told that it signed, and that this shows nothing.
    assert {"no_witness", "cosigned_unchecked"} < codes(cosigning.checked(first))
    # Nothing new: nobody is asked.
    assert cosigning.pass_later() == 0


def test_tl_5_a_proof_stands_on_the_first_cosigned_head_that_covers_its_entry(
    cosigning: Cosigning, client: FlaskClient
) -> None:
    world = cosigning.world
    (first,) = append_many(7, 1)
    world.sequence()
    assert cosigning.asker.pass_once() == 1
    note = client.get("/log/cosigned").text
    append_many(7, 700)
    world.sequence()
    (last,) = append_many(7, 1)
    world.sequence()
    assert "cosigned" in codes(cosigning.checked(first, cosigning.vkey))
    assert "no_witness" in codes(cosigning.checked(last, cosigning.vkey))
    assert len(parse_note(client.get("/log/checkpoint").text).signatures) == 1
    assert client.get("/log/cosigned").text == note
    assert cosigning.pass_later() == 1
    assert "cosigned" in codes(cosigning.checked(last, cosigning.vkey))
    # The first cosigned head that covers an entry serves, and goes on serving.
    assert "\n1\n" in str(world.prove(7, first)["tlog_proof"])
    assert world.findings() == []


def test_111_a_cosignature_that_was_changed_is_found(cosigning: Cosigning) -> None:
    append_many(7, 3)
    cosigning.world.sequence()
    assert cosigning.asker.pass_once() == 1
    assert cosigning.world.findings() == []
    with read() as tx:
        ((line, note),) = tx.run(Sql("SELECT line, checkpoint FROM ledger_cosignature"))
    other = line.replace(line[-9], "A" if line[-9] != "A" else "B")
    for column, text in (("line", other), ("checkpoint", note.replace("3", "4", 1))):
        change(f"UPDATE ledger_cosignature SET {column} = :text", text=text)
        (found,) = cosigning.world.findings()
        assert (found.code, found.where) == ("cosignature", "main")
        assert "size 3" in found.detail
        change(
            "UPDATE ledger_cosignature SET line = :line, checkpoint = :note",
            line=line,
            note=note,
        )


def test_a_witness_that_is_away_is_asked_again_and_nothing_is_made_up(
    cosigning: Cosigning, client: FlaskClient
) -> None:
    (record,) = append_many(7, 1)
    cosigning.world.sequence()
    cosigning.down = True
    assert cosigning.asker.pass_once() == 0
    cosigning.down = False
    # It is left alone for a minute.
    assert cosigning.asker.pass_once() == 0
    told = CliRunner().invoke(ledger_commands, ["witnesses", "--json"])
    (said,) = json.loads(told.stdout)["witnesses"]
    assert (said["size"], said["cosigned_at"], said["pending"]) == (0, None, 1)
    assert "1 wait" in CliRunner().invoke(ledger_commands, ["witnesses"]).stdout
    assert client.get("/log/cosigned").status_code == 404
    assert "no_witness" in codes(cosigning.checked(record, cosigning.vkey))
    assert cosigning.pass_later() == 1
    assert cosigning.pending == 0


def test_a_log_that_forgot_how_far_it_was_cosigned_is_told(cosigning: Cosigning) -> None:
    """An answer got lost, or the database is a copy: the witness says where it stands."""
    append_many(7, 3)
    cosigning.world.sequence()
    assert cosigning.asker.pass_once() == 1
    append_many(7, 3)
    cosigning.world.sequence()
    change("DELETE FROM ledger_cosignature")
    assert cosigning.pass_later() == 1
    witness = Witness.of(current.settings(), current.keyring())
    assert witness.seen(cosigning.world.signer.origin_for("main")).size == 6


def test_113_a_log_that_was_set_back_is_not_cosigned_and_resume_is_the_way_on(
    cosigning: Cosigning, client: FlaskClient
) -> None:
    """Yesterday's backup, of database and guard alike: only a witness can tell."""
    world = cosigning.world
    (early,) = append_many(7, 2)[:1]
    world.sequence()
    yesterday, guard = dump_tree(), world.guard_file.read_text()
    (lost,) = append_many(7, 1)
    world.sequence()
    assert cosigning.asker.pass_once() == 1
    lost_proof, old_key = ledger.proof_bytes(world.prove(7, lost)), world.vkey()
    restore_tree(yesterday)
    world.guard_file.write_text(guard)
    change("DELETE FROM ledger_cosignature")
    heard: list[str] = []
    cosigning.asker.count = heard.append
    # Shorter than what the witness saw, as long with other entries, and longer: each refused.
    for more in (0, 1, 1):
        append_many(7, more)
        world.sequence()
        assert cosigning.pass_later() == 0
        assert client.get("/log/cosigned").status_code == 404
    assert heard == ["it_has_seen_more", "another_history", "another_history"]
    (plan,) = ledger.to_resume(world.signer, anyway=True)
    ledger.resume(world.signer, plan, now=to_micros(world.clock()))
    # Under its new name the witness does not know the log before it is told.
    assert cosigning.pass_later() == 0
    cosigning.know(old_key, world.vkey())
    assert cosigning.pass_later() == 1
    assert "cosigned" in codes(cosigning.checked(early, cosigning.vkey))
    # And what it cosigned under the old one stays what it was.
    verdict = verify_bundle(lost_proof, keys=[old_key, cosigning.vkey])
    assert "cosigned" in codes(verdict)
    # (Only the tree was set back here: the record that was lost is still there.)
    assert {each.code for each in world.findings()} <= {"record"}


def test_what_is_not_by_the_witness_or_not_of_now_is_no_cosignature(
    cosigning: Cosigning,
) -> None:
    append_many(7, 1)
    cosigning.world.sequence()
    url = cosigning.asker.witnesses[0].url
    other = Cosigner.from_seed("elsewhere.example/w", b"\x07" * 32)
    cosigning.asker.witnesses = [Address(url, other.key)]
    assert cosigning.asker.pass_once() == 0
    late = Asker(
        lambda: cosigning.world.clock() + timedelta(minutes=6),
        cosigning.asker.calls,
        [Address(url, parse_vkey(cosigning.vkey))],
        timedelta(0),
    )
    assert late.pass_once() == 0
    assert cosigning.pending == 1


def test_ts_1_a_stamp_stands_on_a_cosigned_head_if_there_is_one(cosigning: Cosigning) -> None:
    append_many(7, 2)
    cosigning.world.sequence()
    assert cosigning.asker.pass_once() == 1
    append_many(7, 5)
    cosigning.world.sequence()
    stamped = list[int]()
    stamper = Stamper(cosigning.world.clock, Calls(), ["https://tsa.example"], timedelta(0))

    def note(head: object, _authority: str, _stamped: object) -> None:
        stamped.append(head.size)  # type: ignore[attr-defined]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamper, "_keep", note)
        patch.setattr("consent_server.ledger.stamp.ask_authority", lambda *_, **__: None)
        assert stamper.pass_once() == 1
    assert stamped == [2]


def test_a_new_key_of_the_log_leaves_its_cosignatures_good(cosigning: Cosigning) -> None:
    (record,) = append_many(7, 1)
    cosigning.world.sequence()
    assert cosigning.asker.pass_once() == 1
    old = cosigning.world.vkey()
    assert CliRunner().invoke(ledger_commands, ["rotate"]).exit_code == 0
    data = ledger.proof_bytes(cosigning.world.prove(7, record))
    assert "cosigned" in codes(verify_bundle(data, keys=[old, cosigning.vkey]))
    append_many(7, 1)
    cosigning.world.sequence()
    # The witness must know the new key before it cosigns under it.
    assert cosigning.pass_later() == 0
    cosigning.know(old, cosigning.world.vkey())
    assert cosigning.pass_later() == 1


@pytest.mark.usefixtures("app")
def test_a_witness_whose_key_is_a_logs_is_refused_at_the_start() -> None:
    logs = Signer.from_seed("log.example", b"\x01" * 32).key.vkey
    for key in (logs, "a+b+c"):
        settings = replace(current.settings(), witnesses=(("https://w.example", key),))
        with pytest.raises(RefusedToStart, match="CONSENT_WITNESSES"):
            refuse_bad_witnesses(settings)
