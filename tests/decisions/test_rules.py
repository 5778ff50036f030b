"""The fold of design.md §6, by property: what a yes and a no do, whatever the order."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import assume, given
from hypothesis import strategies as st

from consent_server.decisions.rules import (
    ASSERTED,
    EVIDENCED,
    WITNESSED,
    WITNESSED_BY_KEY,
    No,
    Row,
    Said,
    Yes,
    add_yes,
    contradicted,
    fold,
    name_the_no,
    outlives,
    settle,
    stands,
)

PERSON = 1
IDENTIFIERS = (10, 11)
MINE = frozenset({10})

moments = st.integers(min_value=1, max_value=60)
assertions = st.sampled_from([ASSERTED, EVIDENCED, WITNESSED, WITNESSED_BY_KEY])


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Draw what one subject said of one purpose, in the order recorded."""
    numbers = count(1)
    history: list[Said] = []
    noes: list[int] = []
    recorded_at = 0
    for _ in range(draw(st.integers(0, 8))):
        recorded_at += draw(st.integers(1, 10))
        number = next(numbers)
        answer: Yes | No
        if draw(st.booleans()):
            names = (
                draw(st.frozensets(st.sampled_from(noes), max_size=2)) if noes else frozenset()
            )
            answer = Yes(
                decision=number,
                given_at=draw(st.integers(0, recorded_at)),
                recorded_at=recorded_at,
                assertion=draw(assertions),
                enough=draw(st.booleans()),
                names=names,
            )
        else:
            state = draw(st.sampled_from(["refused", "withdrawn", "objected"]))
            answer = No(decision=number, recorded_at=recorded_at, state=state)
            noes.append(number)
        places = draw(st.sampled_from([(10,), (11,), IDENTIFIERS]))
        history.append(
            Said(subject=PERSON, identifiers=places, recorded_at=recorded_at, answer=answer)
        )
    return history


def standing(history: list[Said], *, alone: bool = False) -> str:
    """Fold a history and say how the first identifier stands."""
    rows = list(fold(history, alone=alone).values())
    return stands(rows, MINE, alone=alone).state


def last_no(history: list[Said], identifier: int = 11) -> list[Said]:
    """Add a no, recorded after everything else, through another identifier."""
    after = max((said.recorded_at for said in history), default=0) + 1
    no = No(decision=999, recorded_at=after, state="withdrawn")
    said = Said(subject=PERSON, identifiers=(identifier,), recorded_at=after, answer=no)
    return [*history, said]


@given(histories())
def test_a_no_acts_on_every_identifier_from_the_moment_it_is_recorded(
    history: list[Said],
) -> None:
    assert standing(last_no(history)) == "withdrawn"


@given(histories(), st.sampled_from([EVIDENCED, WITNESSED]))
def test_a_strong_yes_given_after_the_last_no_counts(
    history: list[Said], assertion: str
) -> None:
    after = max((said.recorded_at for said in history), default=0)
    yes = Yes(decision=1000, given_at=after + 1, recorded_at=after + 2, assertion=assertion)
    said = Said(subject=PERSON, identifiers=(10,), recorded_at=after + 2, answer=yes)
    assert standing([*history, said]) == "granted"


@given(histories(), assertions, st.booleans())
def test_a_yes_given_before_a_no_was_recorded_never_undoes_it_unless_it_names_it(
    history: list[Said], assertion: str, names: bool
) -> None:
    noes = [said.answer for said in history if isinstance(said.answer, No)]
    assume(noes)
    last = noes[-1]
    late = max(said.recorded_at for said in history) + 1
    yes = Yes(
        decision=1000,
        given_at=last.recorded_at,
        recorded_at=late,
        assertion=assertion,
        names=frozenset({no.decision for no in noes}) if names else frozenset(),
    )
    assert contradicted(yes, noes) is not names
    said = Said(subject=PERSON, identifiers=(10,), recorded_at=late, answer=yes)
    if names and assertion in {WITNESSED, EVIDENCED}:
        assert standing([*history, said]) == "granted"
    else:
        assert standing([*history, said]) == standing(history)


@given(histories())
def test_after_a_no_neither_hearsay_nor_a_key_holders_word_is_enough(
    history: list[Said],
) -> None:
    stopped = last_no(history, 10)
    late = stopped[-1].recorded_at
    for weak in (ASSERTED, WITNESSED_BY_KEY):
        yes = Yes(decision=1000, given_at=late + 1, recorded_at=late + 2, assertion=weak)
        said = Said(subject=PERSON, identifiers=(10,), recorded_at=late + 2, answer=yes)
        assert standing([*stopped, said]) == "withdrawn"


@given(
    st.lists(
        st.builds(
            Yes,
            decision=st.integers(1, 500),
            given_at=moments,
            recorded_at=moments,
            assertion=assertions,
            enough=st.booleans(),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda yes: yes.decision,
    ),
    st.randoms(use_true_random=False),
)
def test_the_arrival_order_of_yeses_does_not_matter(yeses: list[Yes], random: object) -> None:
    def held(order: list[Yes]) -> Yes | None:
        row = Row(subject=PERSON, identifier=10)
        for yes in order:
            row = add_yes(row, yes, [])
        return row.yes

    shuffled = list(yeses)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert held(yeses) == held(shuffled)


@given(histories())
def test_adding_a_no_never_turns_the_answer_into_yes(history: list[Said]) -> None:
    before = standing(history)
    for identifier in IDENTIFIERS:
        after = standing(last_no(history, identifier))
        assert after != "granted" or before == "granted"


@given(histories())
def test_a_tracker_no_through_another_visitor_changes_nothing_here(
    history: list[Said],
) -> None:
    assert standing(last_no(history, 11), alone=True) == standing(history, alone=True)


@given(histories())
def test_a_yes_opens_only_the_identifier_it_was_made_through(history: list[Said]) -> None:
    only_other = [
        replace(said, identifiers=(11,)) for said in history if isinstance(said.answer, Yes)
    ]
    assert standing(only_other) == "never_asked"


def test_a_claim_that_nobody_confirmed_changes_no_standing_but_never_asked() -> None:
    claim = Said(subject=PERSON, identifiers=(10,), recorded_at=5, answer=None)
    assert standing([claim]) == "unconfirmed"
    yes = Yes(decision=1, given_at=1, recorded_at=1, assertion=WITNESSED)
    granted = Said(subject=PERSON, identifiers=(10,), recorded_at=1, answer=yes)
    assert standing([granted, claim]) == "granted"
    no = No(decision=2, recorded_at=2, state="refused")
    refused = Said(subject=PERSON, identifiers=(10,), recorded_at=2, answer=no)
    assert standing([refused, claim]) == "refused"


def test_a_letter_entered_late_also_stops_a_yes_given_meanwhile() -> None:
    meanwhile = Yes(decision=1, given_at=20, recorded_at=20, assertion=WITNESSED)
    letter = No(decision=2, recorded_at=30, state="withdrawn")
    assert not outlives(meanwhile, letter)


def test_the_no_is_named_by_the_law_s_word() -> None:
    assert name_the_no("consent", granted=True) == "withdrawn"
    assert name_the_no("consent", granted=False) == "refused"
    assert name_the_no("legitimate_interest", granted=False) == "objected"
    assert name_the_no("contract", granted=True) == "objected"
    assert name_the_no("consent", granted=False, repeats="withdrawn") == "withdrawn"
    assert name_the_no("consent", granted=True, repeats="granted") == "withdrawn"


def test_a_granted_standing_expires_and_is_superseded() -> None:
    yes = Yes(
        decision=1, given_at=1, recorded_at=1, assertion=WITNESSED, expires_at=10, number=2
    )
    row = Row(subject=PERSON, identifier=10, yes=yes)
    stood = stands([row], MINE, alone=False)
    assert settle(stood, floor=2, now=9) == "granted"
    assert settle(stood, floor=2, now=10) == "expired"
    assert settle(stood, floor=3, now=9) == "superseded"
