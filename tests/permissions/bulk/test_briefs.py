"""Briefs: long lists are answered from them, and never otherwise than from the facts."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.db import Sql, read, write
from consent_server.decisions.rules import No, Row, Yes, stands
from consent_server.fsck import check_all
from consent_server.keyring import OrganisationKeys
from consent_server.organisations import keys_of
from consent_server.permissions.bulk import campaign, clearance
from consent_server.permissions.bulk.briefs import build, follow, reached
from consent_server.permissions.bulk.briefs import write as write_briefs
from consent_server.permissions.bulk.briefs.make import BY_NAME, BY_SHA256, Brief, agreed
from consent_server.permissions.bulk.briefs.mark import marks, name_of
from consent_server.permissions.bulk.briefs.shape import (
    ALWAYS,
    Known,
    is_plain,
    known,
    purpose_name,
    shape_of,
    tail_of,
)
from consent_server.permissions.bulk.briefs.stood import Stood
from consent_server.permissions.rules import kept_until
from consent_server.permissions.values import Facts, Relationship
from consent_server.subjects import NotAnIdentifier, identify
from consent_server.subjects.identifiers import common_email
from tests.permissions.bulk.test_agreement import PURPOSES, SAID, live
from tests.permissions.bulk.test_agreement import person as names_of
from tests.permissions.world import FRANCE, M_NOW, ago
from tests.permissions.world import person as facts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.house import House

READABLE = ("newsletter", "prospecting.email", "prospecting.post", "newsletter.professional")


def done(answer: Any) -> Any:
    assert answer.status_code < 300, answer.get_data(as_text=True)
    return answer


def begin(house: House) -> None:
    """Have briefs of everybody, as the worker would make them."""
    house.integrate()
    with write(house.organisation) as tx:
        reached.want(tx, house.organisation)
    follow.follow_to_the_end(house.organisation)


def catch_up(house: House) -> None:
    house.integrate()
    follow.follow_to_the_end(house.organisation)


def ask_many(house: House, kind: str, texts: list[str], purpose: str) -> list[dict[str, str]]:
    table = house.client.post(
        "/v1/permissions/bulk",
        data="\n".join([kind, *texts]).encode(),
        query_string={"purpose": purpose},
        headers={**house.headers, "Content-Type": "text/csv"},
        buffered=True,
    )
    return list(csv.DictReader(io.StringIO(table.get_data(as_text=True))))


def compare(house: House, kind: str, texts: list[str], purpose: str) -> None:
    same(house, kind, texts, purpose)
    if kind in {"email", "phone"}:
        crossed = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        same(house, f"sha256_{kind}", crossed, purpose)


def same(house: House, kind: str, texts: list[str], purpose: str) -> None:
    for text, line in zip(texts, ask_many(house, kind, texts, purpose), strict=True):
        one = house.ask({kind: text}, purpose)
        assert line["allowed"] == str(one["allowed"]).lower(), (kind, text, purpose, line, one)
        assert [line[name] or None for name in SAID] == [one[name] for name in SAID]


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count, of each batch, how many were answered as somebody like them."""
    seen: list[int] = []
    really = campaign.Campaign._batch

    def watched(self: Any, *told: Any) -> Any:
        answered = really(self, *told)
        seen.append(answered.size - len(answered.whole))
        return answered

    monkeypatch.setattr(campaign.Campaign, "_batch", watched)
    return seen


def more_happens(house: House, chance: random.Random) -> None:
    """Let people have what is not plain, and what time alone changes."""
    who = names_of(chance.randrange(24))
    told: dict[str, Any]
    match chance.randrange(7):
        case 0:
            told = {"subject": {"email": who["email"]}, "scope": "marketing"}
            done(house.post("/v1/suppressions", told))
        case 1:
            other = names_of(chance.randrange(24))
            shared = {"phone": other["phone"], "shared": True}
            told = {"identifiers": [{"email": who["email"]}, shared]}
            house.post("/v1/subjects", {**told, "source": "website-form", "actor": "test"})
        case 2:
            answer = house.post(
                "/v1/subjects/erase",
                {"subject": {"email": who["email"]}, "reason": "asked", "suppress": False},
            )
            assert answer.status_code == 200, answer.get_data(as_text=True)
        case 3:
            told = {"identifiers": [{"email": who["email"]}], "restricted": True}
            house.post("/v1/subjects", {**told, "source": "website-form", "actor": "test"})
        case 4:
            house.clock.advance(days=chance.randrange(1, 300))
        case _:
            choices = {chance.choice(READABLE): chance.choice(["granted", "refused"])}
            house.tell({"email": who["email"]}, choices=choices)


@pytest.mark.parametrize("seed", [1, 2])
def test_briefs_and_facts_never_disagree_whatever_happens_meanwhile(
    house: House, alike: list[int], seed: int
) -> None:
    chance = random.Random(seed)
    for number in range(24):
        live(house, chance, number)
    begin(house)
    for step in range(8):
        for _ in range(chance.randrange(4)):
            more_happens(house, chance)
        if chance.random() < 0.3:
            house.integrate()
        elif chance.random() < 0.3:
            catch_up(house)
        kind = ("email", "phone", "external_id")[step % 3]
        texts = [names_of(number)[kind] for number in range(26)]
        compare(house, kind, texts, READABLE[step % len(READABLE)])
    catch_up(house)
    assert list(check_all()) == []
    assert sum(alike) > 20, "the briefs were hardly read"


def test_plain_lines_among_odd_ones_are_answered_each_as_she_is(house: House) -> None:
    chance = random.Random(5)
    for number in range(6):
        live(house, chance, number)
    begin(house)
    mails = [names_of(number)["email"] for number in range(6)]
    for kind, texts in (
        ("email", mails),
        ("sha256_email", [hashlib.sha256(each.encode()).hexdigest() for each in mails]),
    ):
        odd = ["-", *texts[:3], "-", *texts[3:]]
        lines = ask_many(house, kind, odd, "newsletter")
        assert [line["because"] for line in lines if line[kind] == "-"] == ["unreadable"] * 2
        for text, line in zip(
            texts, [line for line in lines if line[kind] != "-"], strict=True
        ):
            one = house.ask({kind: text}, "newsletter")
            assert [line[name] or None for name in SAID] == [one[name] for name in SAID]


def test_a_brief_that_only_begins_like_somebodys_digest_is_not_hers(
    house: House, alike: list[int]
) -> None:
    chance = random.Random(6)
    for number in range(4):
        live(house, chance, number)
    begin(house)
    texts = [names_of(number)["email"] for number in range(4)]
    compare(house, "email", texts, "newsletter")
    # By address, and by its SHA-256; one of them is nobody, and has no brief.
    assert sum(alike) == 2 * len(texts)
    alike.clear()
    with write(house.organisation) as tx:
        tx.run(Sql("UPDATE brief SET said = '00000000' || substr(said, 9)"))
    compare(house, "email", texts, "newsletter")
    assert sum(alike) == 2


def test_what_briefs_do_not_answer_is_answered_from_the_facts(
    house: House, alike: list[int]
) -> None:
    chance = random.Random(4)
    for number in range(6):
        live(house, chance, number)
    begin(house)
    texts = [names_of(number)["phone"] for number in range(6)]
    compare(house, "phone", texts, PURPOSES[2])
    assert sum(alike) == 0


A = {"email": "a@example.org"}
SAYS: dict[str, Any] = {"source": "website-form", "actor": "test"}


def withdraw(house: House) -> None:
    done(house.tell(A, choices={"newsletter": "withdrawn"}))


def suppress(house: House) -> None:
    done(house.post("/v1/suppressions", {"subject": A, "scope": "marketing"}))


def restrict(house: House) -> None:
    done(house.post("/v1/subjects", {"identifiers": [A], "restricted": True, **SAYS}))


def erase(house: House) -> None:
    told = {"subject": A, "reason": "asked", "suppress": False}
    done(house.post("/v1/subjects/erase", told))


def share(house: House) -> None:
    done(house.post("/v1/subjects", {"identifiers": [{**A, "shared": True}], **SAYS}))


def wait(house: House) -> None:
    house.clock.advance(days=3 * 366)


@pytest.mark.parametrize("integrated", [False, True], ids=["waiting", "in the log"])
@pytest.mark.parametrize("change", [withdraw, suppress, restrict, erase, share, wait])
def test_no_brief_is_read_that_is_older_than_what_was_committed(
    house: House, change: Callable[[House], None], integrated: bool, alike: list[int]
) -> None:
    for name in ("a", "b", "c"):
        house.tell({"email": f"{name}@example.org"})
    begin(house)
    # Who was never known stands before who may be so no longer.
    asked = ["nobody@example.org", "a@example.org", "b@example.org"]
    compare(house, "email", asked, "newsletter")
    assert sum(alike) > 0
    change(house)
    if integrated:
        house.integrate()
    compare(house, "email", asked, "newsletter")
    catch_up(house)
    compare(house, "email", asked, "newsletter")
    assert list(check_all()) == []


def test_time_parts_people_who_were_alike(house: House, alike: list[int]) -> None:
    # Of some nothing is known but what they chose.
    who = ["b@example.org", "a@example.org", "b@example.org"]
    others = ["d@example.org", "c@example.org", "d@example.org"]
    for text, other in zip(reversed(who[:2]), reversed(others[:2]), strict=True):
        done(house.tell({"email": other}))
        day = house.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        facts = {
            "identifiers": [{"email": text}],
            "relationships": [{"kind": "prospect", "since": house.at(day)}],
            "capacity": "professional",
            **SAYS,
        }
        done(house.post("/v1/subjects", facts))
        done(house.tell({"email": text}))
        house.clock.advance(days=400)
    begin(house)
    for _ in range(4):
        for purpose in ("newsletter", "newsletter.professional"):
            for texts in (who, who[1:], others, others[1:]):
                compare(house, "email", texts, purpose)
        house.clock.advance(days=200)
    assert sum(alike) > 0


def test_a_no_through_one_of_two_linked_people_is_a_no_in_the_list(house: House) -> None:
    subjects = [
        done(house.tell({"email": f"{name}@example.org"})).get_json()["subject"]
        for name in "ab"
    ]
    begin(house)
    done(house.post("/v1/links", {"subjects": subjects, "source": "website-form"}))
    for answer in ("granted", "withdrawn"):
        # Whether or not the briefs know of the link: what she says names one of the two.
        house.clock.advance(minutes=1)
        done(house.tell({"email": "b@example.org"}, choices={"newsletter": answer}))
        for _ in range(2):
            compare(house, "email", ["a@example.org", "b@example.org"], "newsletter")
            catch_up(house)


def test_a_form_that_several_addresses_have_is_answered_from_the_facts(house: House) -> None:
    # Google's form of an address leaves its dots out: whoever is told it may mean either.
    done(house.tell({"email": "ab@gmail.com"}))
    done(house.tell({"email": "c@example.org"}))
    asked = ["c@example.org", "ab@gmail.com"]
    other = {"email": "a.b@gmail.com"}
    begin(house)
    compare(house, "email", asked, "newsletter")
    done(house.tell(other, choices={"newsletter": "refused"}))
    for _ in range(2):
        compare(house, "email", asked, "newsletter")
        catch_up(house)
    done(house.post("/v1/subjects/erase", {"subject": other, "reason": "asked"}))
    for _ in range(2):
        compare(house, "email", asked, "newsletter")
        catch_up(house)


def test_whoever_is_erased_while_briefs_are_made_has_none(
    house: House, alike: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "SUBJECTS", 1)
    monkeypatch.setattr(follow, "SUBJECTS", 1)
    for name in ("a", "b", "c"):
        house.tell({"email": f"{name}@example.org"})
    house.integrate()
    with write(house.organisation) as tx:
        reached.want(tx, house.organisation)
    # One to begin, one for each of the three: all of it is made, and nothing is written.
    assert [follow.follow(house.organisation) for _ in range(4)] == [True] * 4
    erase(house)
    follow.follow_to_the_end(house.organisation)
    with read(house.organisation) as tx:
        ((count,),) = tx.run(Sql("SELECT COUNT(*) FROM brief"))
        assert tx.run(Sql("SELECT * FROM brief_gone")) == []
        assert tx.run(Sql("SELECT * FROM brief_part")) == []
    assert count == 2
    compare(house, "email", [f"{name}@example.org" for name in "xabc"], "newsletter")
    assert sum(alike) > 0
    assert list(check_all()) == []


def test_briefs_that_are_far_behind_their_log_are_built_anew(
    house: House, alike: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_MANY", 8)
    house.tell({"email": "a@example.org"})
    begin(house)
    names = [f"{letter}@example.org" for letter in "abcdefghijkl"]
    for name in names:
        house.tell({"email": name})
    withdraw(house)
    house.integrate()
    built = []
    while follow.follow(house.organisation):
        with read(house.organisation) as tx:
            built.append(reached.read_reached(tx, house.organisation))
    # Begun, made and written; whoever goes from entry to entry is never building.
    assert [each.built is None for each in built if each][:2] == [False, False]
    assert built[-1] is not None
    assert built[-1].built is None
    compare(house, "email", names, "newsletter")
    assert sum(alike) > 0
    assert list(check_all()) == []


def test_strangers_are_answered_alike_unless_something_is_known_of_them(
    house: House, alike: list[int]
) -> None:
    house.tell(A)
    begin(house)
    for name in ("x@example.org", "z@example.org"):
        told = {"subject": {"email": name}, "scope": "marketing"}
        done(house.post("/v1/suppressions", told))
        compare(house, "email", [f"{each}@example.org" for each in "awxyz"], "newsletter")
        catch_up(house)
    assert alike[-1] == 3


def test_only_whoever_asked_about_many_has_briefs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.tell({"email": "a@example.org"})
    house.integrate()
    monkeypatch.setattr(clearance, "LONG", 3)
    ask_many(house, "email", ["a@example.org"] * 2, "newsletter")
    assert not follow.carry_on([house.organisation], lambda: False)
    ask_many(house, "email", ["a@example.org"] * 3, "newsletter")
    follow.follow_to_the_end(house.organisation)
    with read(house.organisation) as tx:
        ((count,),) = tx.run(Sql("SELECT COUNT(*) FROM brief"))
    assert count == 1


def test_fsck_finds_a_brief_that_does_not_follow(house: House) -> None:
    house.tell({"email": "a@example.org"})
    begin(house)
    assert list(check_all()) == []
    with write(house.organisation) as tx:
        tx.run(Sql("UPDATE brief SET said = said || ';'"))
    assert any("briefs" in finding for finding in check_all())


def test_fsck_finds_a_brief_that_is_nobodys(house: House) -> None:
    house.tell({"email": "a@example.org"})
    begin(house)
    with write(house.organisation) as tx:
        values = {"organisation": house.organisation}
        tx.run(Sql("INSERT INTO brief VALUES (:organisation, 7, 0, 0, 0, '')"), values)
    assert any("somebody's" in finding for finding in check_all())


PLAIN = Yes(decision=9, given_at=ago(days=3), recorded_at=ago(days=3), assertion="witnessed")


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1))
def test_one_digest_has_the_mark_that_many_together_have(digests: list[bytes]) -> None:
    keys = OrganisationKeys(7, b"", {1: b"k" * 32})
    many = marks(keys, b"".join(digests))
    alone = [marks(keys, each) for each in digests]
    assert many.keys == [each.keys[0] for each in alone]
    assert many.rests == [each.rests[0] for each in alone]
    names = [name_of(keys, each, 1) for each in digests]
    assert many.keys == [int.from_bytes(each, "big", signed=True) for each in names]


@given(st.text(max_size=40), st.binary(min_size=32, max_size=100))
def test_many_are_hashed_as_one_is(text: str, key: bytes) -> None:
    text = text.encode("utf-8", "replace").decode()
    keys = OrganisationKeys(7, b"", {1: b"older", 2: key[:64]})
    assert keys.hasher("email")(text) == keys.index("email", text)


@given(st.emails() | st.from_regex(r"[a-zA-Z.0-9]{1,9}@[a-z]{1,8}\.(com|test|example)"))
def test_a_plain_address_is_read_as_any_other(text: str) -> None:
    match = common_email(text)
    if match is not None:
        assert identify("email", text, region="").match == match
    else:
        try:
            identify("email", text, region="")
        except NotAnIdentifier:
            return


def told(facts: Facts, now: int = M_NOW) -> tuple[Known, str, str]:
    about = known(facts, FRANCE, now)
    stood = stands(facts.rows, facts.identifiers, alone=False)
    return about, shape_of(stood, about.said), tail_of(stood)


moments = st.integers(0, 1 << 51)
yeses = st.builds(
    Yes,
    decision=st.integers(1, 9),
    given_at=moments,
    recorded_at=moments,
    assertion=st.sampled_from(["witnessed", "evidenced", "asserted"]),
    enough=st.booleans(),
    expires_at=st.none() | moments,
    notice=st.none() | st.integers(1, 2),
    number=st.none() | st.integers(1, 2),
)
noes = st.builds(
    No,
    decision=st.integers(1, 9),
    recorded_at=moments,
    state=st.sampled_from(["refused", "withdrawn"]),
)
rows = st.builds(
    Row,
    subject=st.just(1),
    identifier=st.integers(1, 2),
    yes=st.none() | yeses,
    no=st.none() | noes,
)


@given(st.lists(rows, min_size=1, max_size=3))
def test_what_is_remembered_of_a_row_is_what_the_rules_say_of_each(several: list[Row]) -> None:
    stood = Stood()
    mine = frozenset((1,))
    for row in several:
        judged = stands((row,), mine, alone=False)
        whole = stood.write([(7, row)], 1, ())
        assert whole.partition(";")[2] == (
            f"{purpose_name(7)}{shape_of(judged, ())}{tail_of(judged)}"
        )


def kept(key: int, asks: int, said: str = "") -> Brief:
    return Brief(key, asks, 0, 1, said)


def test_a_digest_that_two_have_names_neither() -> None:
    own, other = kept(1, 7, "own"), kept(1, 2, "other")
    assert agreed([own, kept(2, 7)]) == [kept(1, BY_NAME | BY_SHA256, "own"), kept(2, 3)]
    assert agreed([other, own]) == [kept(1, BY_NAME, "own")]
    assert [each.asks for each in agreed([other, kept(1, 2, "third")])] == [0]
    assert [each.asks for each in agreed([own, kept(1, 7, "shared"), other])] == [0]
    # One that is answered from the facts alone takes others with it.
    assert [each.asks for each in agreed([own, kept(1, 4)])] == [0]


def test_people_whom_the_rules_cannot_tell_apart_have_one_shape() -> None:
    row = Row(subject=1, identifier=1, yes=PLAIN)
    later = Yes(
        decision=8, given_at=ago(days=1), recorded_at=ago(days=1), assertion="witnessed"
    )
    _, shape, tail = told(facts_of(rows=(row,)))
    _, other, others = told(facts_of(rows=(Row(subject=1, identifier=1, yes=later),)))
    assert shape == other
    assert tail != others


def test_a_shape_holds_until_time_makes_something_else_of_the_facts() -> None:
    prospect = Relationship(kind="prospect", recorded_at=ago(days=10), since=ago(days=10))
    facts = facts_of(relationships=(prospect,))
    about, shape, _ = told(facts)
    limit = kept_until(prospect, facts, FRANCE)
    assert (about.since, about.until) == (ago(days=10), limit)
    assert limit is not None
    assert is_plain(facts)
    after, other, _ = told(facts, limit)
    assert (after.since, after.until, shape == other) == (limit, ALWAYS[1], False)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_number_that_another_organisation_has_too_is_answered_from_the_facts(
    house: House, alike: list[int]
) -> None:
    both = ["a@example.org", "b@example.org"]
    for each in both:
        house.tell({"email": each})
    begin(house)
    own, whose = (
        house.organisation,
        Sql("SELECT organisation_id, said FROM brief WHERE key = :key"),
    )
    with write(own) as tx:
        (key,) = marks(keys_of(own, tx), hashlib.sha256(b"a@example.org").digest()).keys
        # As if the other one's had been written first.
        tx.run(Sql("UPDATE brief SET organisation_id = 7 WHERE key = :key"), {"key": key})
    compare(house, "email", both, "newsletter")
    with write(own) as tx:
        write_briefs.replace(tx, own, [key], [Brief(key, BY_NAME, *ALWAYS, "said")])
        assert [tuple(row) for row in tx.run(whose, {"key": key})] == [(0, "")]
    compare(house, "email", both, "newsletter")
    # That of the other person was read all the while.
    assert set(alike) == {1}
