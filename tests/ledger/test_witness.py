"""Being a witness (C2SP tlog-witness): a log's history is cosigned once, and no other ever."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.checkpoint import Checkpoint, checkpoint_body, sign_checkpoint
from consent_server.ledger.merkle import EMPTY_ROOT, prove_consistency
from consent_server.ledger.note import Signer, cosigned_at, open_note
from consent_server.ledger.tiles import append_leaves, reader_of
from consent_server.ledger.witness.asked import Asked, NotAskedWell, read_asked, write_asked
from consent_server.ledger.witness.cosign import Witness, known_logs, refuse_other_history
from consent_server.problems import RefusedToStart
from consent_server.web import current
from tests.ledger.world import change

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.support.clock import HandClock

ORIGIN = "other.example/log"
OTHER = Signer.from_seed(ORIGIN, b"\x21" * 32)
STRANGER = Signer.from_seed(ORIGIN, b"\x22" * 32)


def leaves(count: int, history: str = "") -> list[bytes]:
    return [sha256(f"{history if at > 4 else ''}{at}".encode()).digest() for at in range(count)]


@dataclass
class Histories:
    """A log that tells one history, or another that agrees in its first five entries."""

    signer: Signer = OTHER

    def head(self, size: int, history: str = "") -> Checkpoint:
        root = append_leaves(0, {}, leaves(size, history)).root if size else EMPTY_ROOT
        return Checkpoint(ORIGIN, size, root)

    def asked(self, old: int, size: int, history: str = "") -> Asked:
        proof: list[bytes] = []
        if 0 < old <= size:
            tiles = append_leaves(0, {}, leaves(size, history)).tiles
            proof = prove_consistency(reader_of(tiles), old, size)
        note = sign_checkpoint(self.head(size, history), self.signer)
        return Asked(old, tuple(proof), note)


LOG = Histories()


@pytest.fixture
def witness(app: Flask) -> Witness:
    """Make this deployment the witness of another log."""
    settings = replace(current.settings(), witness_logs=(OTHER.key.vkey,))
    app.extensions["consent.settings"] = settings
    return Witness.of(settings, current.keyring())


@pytest.fixture
def ask(witness: Witness, client: FlaskClient) -> Ask:
    return Ask(witness, client)


@dataclass
class Ask:
    witness: Witness
    client: FlaskClient

    def __call__(self, asked: Asked | bytes) -> TestResponse:
        body = asked if isinstance(asked, bytes) else write_asked(asked)
        return self.client.post("/witness/add-checkpoint", data=body)

    def cosigned(self, old: int, size: int, history: str = "") -> int:
        """Ask for what must be cosigned; gives the time it was cosigned at."""
        asked = LOG.asked(old, size, history)
        answer = self(asked)
        assert answer.status_code == HTTPStatus.OK, answer.text
        assert answer.content_type == "text/plain; charset=utf-8"
        key = self.witness.cosigner.key
        text = checkpoint_body(LOG.head(size, history))
        note, signed = open_note(f"{text}\n{answer.text}", [key])
        assert signed == (key,)
        return cosigned_at(note.signatures[0])

    def conflict(self, asked: Asked) -> int:
        answer = self(asked)
        assert answer.status_code == HTTPStatus.CONFLICT, answer.text
        assert answer.content_type == "text/x.tlog.size"
        assert answer.text.endswith("\n")
        return int(answer.text)


def test_tl_5_each_checkpoint_that_continues_the_last_is_cosigned(
    ask: Ask, clock: HandClock
) -> None:
    assert ask.cosigned(0, 3) == int(clock().timestamp())
    clock.advance(minutes=5)
    assert ask.cosigned(3, 9) == int(clock().timestamp())
    # Asked again after an answer that got lost, it says the same of a later time.
    clock.advance(minutes=5)
    assert ask.cosigned(9, 9) == int(clock().timestamp())
    assert ask.cosigned(9, 700) == int(clock().timestamp())
    assert ask.witness.seen(ORIGIN).size == 700


def test_tl_5_the_statuses_are_those_of_the_protocol(ask: Ask) -> None:
    good = LOG.asked(0, 6)
    for body in (
        b"", b"\xff", b"old 0", write_asked(good)[:-1], b"old 00\n\n" + good.note.encode(),
        b"old 0\n\nno checkpoint\n", b"old 7\n\n" + good.note.encode(),
        write_asked(good).replace(b"\n\xe2\x80\x94", b"an extension\n\n\xe2\x80\x94"),
        b"old 0\n" + 64 * (b"A" * 43 + b"=\n") + b"\n" + good.note.encode(),
        b"old 0\n" + b"A" * 42 + b"B=\n\n" + good.note.encode(),
    ):  # fmt: skip
        answer = ask(body)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, body
        assert answer.content_type == "application/problem+json"
    elsewhere = Signer.from_seed("nobody.example/log", b"\x21" * 32)
    unknown = sign_checkpoint(Checkpoint("nobody.example/log", 1, bytes(32)), elsewhere)
    assert ask(Asked(0, (), unknown)).status_code == HTTPStatus.NOT_FOUND
    forged = Histories(STRANGER).asked(0, 6)
    assert ask(forged).status_code == HTTPStatus.FORBIDDEN
    # A signature by a key it does not know, beside one it does, is left aside.
    both = sign_checkpoint(LOG.head(6), STRANGER, OTHER)
    assert ask(Asked(0, (), both)).status_code == HTTPStatus.OK
    assert ask.conflict(LOG.asked(0, 6)) == 6
    assert ask.conflict(LOG.asked(5, 9)) == 6
    wrong = replace(LOG.asked(6, 9), proof=(bytes(32),) * len(LOG.asked(6, 9).proof))
    assert ask(wrong).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for proof in ((), (*LOG.asked(6, 9).proof, bytes(32))):
        answer = ask(replace(LOG.asked(6, 9), proof=proof))
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert ask.witness.seen(ORIGIN).size == 6


def test_116_a_split_view_is_refused(ask: Ask) -> None:
    ask.cosigned(0, 8)
    # The same size with another root, a longer one with its own good proof from five …
    assert ask.conflict(LOG.asked(8, 8, "other")) == 8
    assert ask.conflict(LOG.asked(5, 12, "other")) == 8
    # … and one that claims to continue what was seen.
    answer = ask(LOG.asked(8, 12, "other"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert ask.cosigned(8, 12)


def test_116_a_log_that_was_set_back_is_refused(ask: Ask) -> None:
    ask.cosigned(0, 9)
    assert ask.conflict(LOG.asked(5, 7)) == 9
    assert ask.conflict(LOG.asked(0, 7)) == 9
    assert ask(LOG.asked(9, 7)).status_code == HTTPStatus.BAD_REQUEST


def test_116_an_empty_log_opens_no_way_round(ask: Ask) -> None:
    """Size-zero tricks: nothing is proved from an empty tree, and none has another root."""
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), OTHER)
    assert ask(Asked(0, (), note)).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    smuggled = replace(LOG.asked(0, 4), proof=(bytes(32),))
    assert ask(smuggled).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    ask.cosigned(0, 0)
    ask.cosigned(0, 4)
    assert ask.conflict(LOG.asked(0, 0)) == 4
    assert ask.conflict(LOG.asked(0, 5)) == 4


def test_116_a_witness_that_was_set_back_remembers(ask: Ask) -> None:
    """Yesterday's database under a witness: what it cosigned since stands beside it."""
    ask.cosigned(0, 9)
    change("DELETE FROM ledger_witnessed")
    assert ask.witness.seen(ORIGIN).size == 9
    assert ask.conflict(LOG.asked(0, 7, "other")) == 9
    ask.cosigned(9, 11)
    change("UPDATE ledger_witnessed SET size = 5, root = :root", root=LOG.head(5).root)
    assert ask.conflict(LOG.asked(5, 12, "other")) == 11
    ask.cosigned(11, 12)
    assert ask.witness.seen(ORIGIN) == (12, LOG.head(12).root)


def test_116_a_memory_that_cannot_be_read_cosigns_nothing(ask: Ask) -> None:
    ask.cosigned(0, 9)
    (kept,) = (current.settings().data / "ledger" / "witnessed").glob("*.checkpoint")
    kept.write_text("")
    assert ask(LOG.asked(9, 11)).status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_116_of_requests_that_meet_only_one_history_is_cosigned(
    ask: Ask, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask.cosigned(0, 5)

    def slowly(*told: Any) -> None:
        # Where the engine lets them, all have looked before the first one writes.
        refuse_other_history(*told)
        time.sleep(0.1)

    monkeypatch.setattr("consent_server.ledger.witness.cosign.refuse_other_history", slowly)
    wanted = [LOG.asked(5, size, history) for size in (9, 10, 11) for history in ("", "b", "c")]

    def send(asked: Asked) -> int:
        with app.app_context():
            body = write_asked(asked)
            return app.test_client().post("/witness/add-checkpoint", data=body).status_code

    with ThreadPoolExecutor(len(wanted)) as pool:
        statuses = list(pool.map(send, wanted))
    assert set(statuses) <= {HTTPStatus.OK, HTTPStatus.CONFLICT}
    assert statuses.count(HTTPStatus.OK) == 1
    won = statuses.index(HTTPStatus.OK)
    assert ask.witness.seen(ORIGIN).size == (9, 10, 11)[won // 3]


def test_two_keys_of_a_log_are_both_its_own(app: Flask, client: FlaskClient) -> None:
    """While a log's key is renewed, its witness knows both."""
    keys = (OTHER.key.vkey, STRANGER.key.vkey)
    app.extensions["consent.settings"] = replace(current.settings(), witness_logs=keys)
    for old, size, log in ((0, 3, LOG), (3, 5, Histories(STRANGER)), (5, 6, LOG)):
        body = write_asked(log.asked(old, size))
        assert client.post("/witness/add-checkpoint", data=body).status_code == HTTPStatus.OK


def test_whoever_is_nobodys_witness_knows_no_log(client: FlaskClient) -> None:
    answer = client.post("/witness/add-checkpoint", data=write_asked(LOG.asked(0, 3)))
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert ORIGIN not in answer.text


@pytest.mark.parametrize("line", ["x", "a+b+c", "w+00000000+AAAA"])
def test_a_setting_that_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(RefusedToStart, match="CONSENT_WITNESS_LOGS"):
        known_logs([line])


@given(
    old=st.integers(0, 10**18),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    note=st.text(min_size=1).map(lambda text: text.encode(errors="replace").decode()),
)
def test_a_request_reads_back_as_it_was_written(
    old: int, proof: list[bytes], note: str
) -> None:
    asked = Asked(old, tuple(proof), note)
    assert read_asked(write_asked(asked)) == asked


@given(body=st.binary(max_size=200))
def test_a_body_is_read_in_its_one_form_or_refused(body: bytes) -> None:
    try:
        asked = read_asked(body)
    except NotAskedWell:
        return
    assert write_asked(asked) == body


def test_111_a_request_of_which_any_byte_was_changed_is_not_cosigned(ask: Ask) -> None:
    ask.cosigned(0, 6)
    body = write_asked(LOG.asked(6, 9))
    for at in range(0, len(body), 3):
        flipped = bytearray(body)
        flipped[at] ^= 1 << (at % 8)
        answer = ask(bytes(flipped))
        assert HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert ask.cosigned(6, 9)
