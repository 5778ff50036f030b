"""Plain rows and the way by the rules are one: they leave the same rows and say the same."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode
from contextlib import nullcontext
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from consent_server import organisations
from consent_server.db import Sql, read
from consent_server.decisions import many
from consent_server.fsck import check_all
from consent_server.ids import parse
from consent_server.imports import batch, guess, run
from consent_server.imports.plain import PlainReader
from consent_server.web import current
from tests.support.stood import stood_of

if TYPE_CHECKING:
    from tests.imports.conftest import Desk

PURPOSES = ("newsletter", "prospecting.email", "newsletter.professional", "nothing.known")
PEOPLE = 7
rows = st.fixed_dictionaries(
    {
        # Most lines name somebody of their own.
        "who": st.sampled_from([None] * 8 + [0, 1]),
        "email": st.sampled_from(["{}", "{}", "{}", "{}", "{}", " {}", "no address"]),
        "capital": st.booleans(),
        "number": st.sampled_from([False] * 8 + [True]),
        "purpose": st.sampled_from(PURPOSES[:1] * 6 + PURPOSES),
        "yes": st.booleans(),
        "day": st.sampled_from([*range(10), None, 400]),
        "evidence": st.sampled_from(["a form", "a form", "", 'é "%s" % \\ 100%']),
        "words": st.sampled_from([True, True, True, False]),
        "country": st.sampled_from([""] * 8 + ["FR"]),
        "cells": st.sampled_from([0] * 12 + [1]),
    }
)
files = st.lists(st.lists(rows, min_size=4, max_size=8), min_size=2, max_size=3)
noes = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from([*PURPOSES[:2], "complains"])),
    max_size=2,
)
YES: dict[str, Any] = {
    "who": 0, "email": "{}", "capital": False, "number": False, "purpose": "newsletter",
    "yes": True, "day": 5, "evidence": "a form", "words": True, "country": "", "cells": 0,
}  # fmt: skip
_names = count()

_WRITTEN = Sql(
    "SELECT d.id, r.sealed, d.sealed, d.choices, d.recorded_at, d.decided_at, d.received_at,"
    " d.door, d.action, d.assertion, d.witness, d.language, d.surface, d.version_id,"
    " d.notice_id, d.number, d.site_id, d.key_id, d.through IS NULL, d.previous_id IS NULL,"
    " length(d.client_id), d.fingerprint IS NULL,"
    " r.kind, r.recorded_at, r.announcements, p.minute, p.announced, p.log FROM decision d"
    " JOIN ledger_record r ON r.organisation_id = d.organisation_id AND r.id = d.id"
    " LEFT JOIN ledger_pending p ON p.organisation_id = d.organisation_id"
    " AND p.record_id = d.id"
    " WHERE d.organisation_id = :organisation AND d.subject_id = :subject"
    " ORDER BY d.recorded_at"
)
_IDENTIFIERS = Sql(
    "SELECT i.id, i.sealed, i.hash, i.kind, i.key_version, i.shared, i.verified_at,"
    " i.recorded_at, i.closed_at, s.recorded_at, s.person_id = s.id,"
    " (SELECT COUNT(*) FROM crossed_hash c WHERE c.organisation_id = i.organisation_id"
    "   AND c.identifier_id = i.id) FROM identifier i"
    " JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id"
    " WHERE i.organisation_id = :organisation AND i.subject_id = :subject ORDER BY i.kind"
)
_CROSSED = Sql(
    "SELECT identifier_id FROM crossed_hash"
    " WHERE organisation_id = :organisation AND hash = :hash"
)
_ID = re.compile(r"(dec|sub)_[0-9a-z]{13}")


class Story:
    """Seven people of one example, whose files always go the same way."""

    def __init__(self, desk: Desk, *, plain: bool) -> None:
        self.desk, self.plain = desk, plain
        self.name = f"same{next(_names):05d}"
        self.begin = desk.house.clock() - timedelta(days=10)

    def who(self, number: int) -> dict[str, str]:
        return {"email": f"{self.name}-{number}@people.example"}

    def carry(self, file: list[dict[str, Any]]) -> Any:
        """Carry a file over; gives what is said of it."""
        used = (
            nullcontext() if self.plain else patch.object(PlainReader, "ready", lambda *_: None)
        )
        with used:
            told = self.desk.send(self._text(file)), self.desk.apply(self._text(file))
        names = ("rows", "new", "unchanged", "refused", "reasons")
        return [{name: each[name] for name in names} for each in told]

    def _text(self, file: list[dict[str, Any]]) -> str:
        lines = ["email,purpose,answer,decided_at,evidence,notice_version,external_id,country"]
        for place, row in enumerate(file):
            who = place % PEOPLE if row["who"] is None else row["who"]
            email = row["email"].format(self.who(who)["email"])
            day = row["day"]
            when = "" if day is None else self.desk.house.at(self.begin + timedelta(days=day))
            evidence = row["evidence"].replace('"', '""')
            cells = [
                email.replace("s", "S") if row["capital"] else email,
                row["purpose"],
                "granted" if row["yes"] else "refused",
                when,
                f'"{evidence}"' if evidence else "",
                self.desk.house.form if row["words"] else "",
                f"{self.name}-{who}" if row["number"] else "",
                row["country"],
            ]
            lines.append(",".join(cells[: len(cells) - row["cells"]]))
        return "\n".join(lines) + "\n"

    def leave(self, number: int, purpose: str) -> None:
        """Let somebody withdraw, or complain."""
        house, who = self.desk.house, self.who(number)
        if purpose == "complains":
            body = {"subject": who, "scope": "marketing", "reason": "complained"}
            assert house.post("/v1/suppressions", body).status_code < 300
            return
        said = {"choices": {purpose: "withdrawn"}, "source": "phone"}
        house.post("/v1/decisions", {"subject": who, **said})

    def written(self) -> list[Any]:
        """Tell everything that is now in the tables of these people, without ids."""
        return [self._of(self.who(number)["email"]) for number in range(PEOPLE)]

    def _of(self, email: str) -> Any:
        house = self.desk.house
        subject = house.ask({"email": email}, PURPOSES[0])["subject"]
        if subject is None:
            return None
        keys = organisations.keys_of(house.organisation)
        values = {"organisation": house.organisation, "subject": parse("sub", subject)}
        with read(house.organisation) as tx:
            decisions, named = (tx.run(sql, values) for sql in (_WRITTEN, _IDENTIFIERS))
            stood = stood_of(tx, house.organisation, values["subject"] or 0)
            plain = hashlib.sha256(email.encode()).hexdigest()
            crossed = {**values, "hash": keys.index("sha256", plain)}
            (own,) = (row[0] for row in named if row[3] == "email")
            assert [row[0] for row in tx.run(_CROSSED, crossed)] == [own]
        identifiers = []
        for number, sealed, hashed, kind, *rest in named:
            shown = keys.unseal(bytes(sealed), "identifier", number).decode()
            match = shown.lower() if kind == "email" else shown
            assert bytes(hashed) == keys.index(kind, match)
            identifiers.append((shown.lower().replace(self.name, ""), kind, *rest))
        opened = [self._opened(keys, email, row) for row in decisions]
        return [opened, stood, identifiers]

    def _opened(self, keys: Any, email: str, row: Any) -> list[str]:
        number, record, sealed, *rest = row
        cell = json.loads(keys.unseal(bytes(record), "ledger_record", number))
        told = keys.unseal(bytes(sealed), "decision", number).decode()
        inside, key = json.loads(cell["record"]), b64decode(cell["opening"]["key"])
        if cell["opening"]["kind"] == "email":
            assert inside["person"] == _tag(key, f"email|{email}")
        assert inside.pop("person_key") == _tag(key, f"opening|{cell['opening']['kind']}")
        inside.pop("person")
        # Told at the systems' door, under a key drawn for it.
        inside.pop("source_hash", None)
        if evidence := json.loads(told)["evidence"]:
            assert inside.pop("evidence_hash") == _tag(key, f"evidence|{evidence}")
        opening = {**cell["opening"], "key": len(key)}
        whole = [json.dumps(inside), json.dumps([opening, len(cell["salt"])]), told]
        return [_ID.sub(r"\1_…", each) for each in [*whole, *map(str, rest)]]


def _tag(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def test_plain_rows_leave_what_the_rules_leave(lasting: Desk) -> None:
    written: list[int] = []

    def counted(*args: Any) -> None:
        written.append(len(args[3]))
        write(*args)

    write = many.write_many

    @settings(
        max_examples=24,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @example(carried=[[{**YES, "day": 5}], [{**YES, "day": 3}], [{**YES, "day": 7}]], told=[])
    @given(carried=files, told=noes)
    def alike(carried: list[list[dict[str, Any]]], told: list[tuple[int, str]]) -> None:
        clock = lasting.house.clock
        stories = Story(lasting, plain=True), Story(lasting, plain=False)
        for file in carried:
            clock.advance(minutes=1)
            first, other = (story.carry(file) for story in stories)
            assert first == other
            clock.advance(minutes=1)
            for number, purpose in told:
                for story in stories:
                    story.leave(number, purpose)
        assert stories[0].written() == stories[1].written()
        again = [story.carry(carried[-1]) for story in stories]
        assert again[0] == again[1]

    # A file of some rows is two or three batches, some of which are made before their time.
    small = {"postgresql": 4}
    with (
        patch.object(batch, "write_many", counted),
        patch.object(guess, "write_many", counted),
        patch.dict(run._AT_ONCE, small),
    ):
        alike()
    # A test of two ways that are one would be green, too.
    assert sum(written) > 24
    lasting.house.integrate()
    assert list(check_all()) == []


def test_two_rows_of_one_file_that_name_one_linked_person_meet_each_other(
    lasting: Desk,
) -> None:
    house = lasting.house
    for plain in (True, False):
        story = Story(lasting, plain=plain)
        # She has said yes by one of her addresses; that the other is hers, too, is known.
        house.tell(story.who(0))
        house.tell(story.who(1), choices={"prospecting.post": "granted"})
        pair = [house.ask(story.who(number))["subject"] for number in (0, 1)]
        house.clock.advance(minutes=1)
        answer = house.post("/v1/links", {"subjects": pair, "source": "log-in"})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        house.clock.advance(minutes=1)
        no = {**YES, "yes": False, "day": None, "evidence": "", "words": False}
        done = story.carry([{**no, "who": 1}, {**no, "who": 0}])
        # The first no is hers by whichever address: the second says nothing new.
        assert [(each["new"], each["unchanged"]) for each in done] == [(1, 1), (1, 1)]
        assert {house.why(story.who(number)) for number in (0, 1)} == {"refused"}


def test_each_no_of_a_batch_has_a_line_of_its_own_in_the_journal(lasting: Desk) -> None:
    house = lasting.house
    story = Story(lasting, plain=True)
    file = [{**YES, "who": number} for number in range(3)]
    story.carry(file)
    house.clock.advance(minutes=1)
    path = current.settings().data / "journal" / "noes.jsonl"
    before = path.read_text("utf-8").count("\n") if path.exists() else 0
    story.carry([{**row, "yes": False, "day": None} for row in file])
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()[before:]]
    keys = organisations.keys_of(house.organisation)
    expected = []
    for number in range(3):
        who = story.who(number)
        hashed = keys.index("email", who["email"]).hex()
        named = [{"kind": "email", "hash": hashed}]
        expected.append((house.ask(who)["decision"], named, ["withdrawn"]))
    found = [(one["decision"], one["identifiers"], [*one["noes"].values()]) for one in lines]
    assert sorted(found, key=str) == sorted(expected, key=str)
