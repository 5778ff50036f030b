"""The checker of histories: it catches what is stale, and accuses nobody wrongly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.history import Lookup, Write, unexplained

ADA = "ada"


def said(began: int, ended: int | None, *, yes: bool, decision: str | None = None) -> Write:
    return Write(subject=ADA, yes=yes, began=began, ended=ended, decision=decision)


def asked(began: int, ended: int, *, yes: bool, decision: str | None = None) -> Lookup:
    return Lookup(subject=ADA, yes=yes, began=began, ended=ended, decision=decision)


def stale(*history: Write | Lookup) -> list[Lookup]:
    return list(unexplained(history))


def test_a_yes_after_an_acknowledged_withdrawal_is_caught() -> None:
    planted = asked(50, 60, yes=True)
    assert stale(said(10, 20, yes=True), said(30, 40, yes=False), planted) == [planted]


def test_a_yes_that_nobody_ever_gave_is_caught() -> None:
    planted = asked(10, 20, yes=True)
    assert stale(planted) == [planted]
    assert stale(planted, said(21, 30, yes=True)) == [planted]


def test_a_no_after_an_acknowledged_yes_is_caught() -> None:
    planted = asked(30, 40, yes=False)
    assert stale(said(10, 20, yes=True), planted) == [planted]
    assert stale(asked(1, 2, yes=False), said(10, 20, yes=True)) == []


def test_a_yes_by_a_grant_that_was_withdrawn_is_caught_though_another_is_under_way() -> None:
    history = [
        said(10, 20, yes=True, decision="first"),
        said(30, 40, yes=False),
        said(45, 90, yes=True, decision="second"),
    ]
    planted = asked(50, 60, yes=True, decision="first")
    assert stale(*history, planted) == [planted]
    assert stale(*history, asked(50, 60, yes=True, decision="second")) == []


def test_going_back_behind_another_answer_is_caught() -> None:
    history = [said(10, 20, yes=True), said(30, 90, yes=False)]
    seen, planted = asked(40, 50, yes=False), asked(60, 70, yes=True)
    assert stale(*history, planted) == []
    assert stale(*history, seen, planted) == [planted]


def test_whatever_is_under_way_may_be_seen_or_not() -> None:
    history = [said(10, 20, yes=True), said(30, 60, yes=False)]
    assert stale(*history, asked(40, 50, yes=True)) == []
    assert stale(*history, asked(40, 50, yes=False)) == []


def test_a_write_without_an_answer_may_have_happened_at_any_time_or_never() -> None:
    unknown = said(10, None, yes=True)
    assert stale(unknown, asked(20, 30, yes=False)) == []
    assert stale(unknown, said(40, 50, yes=False), asked(60, 70, yes=True)) == []
    assert stale(said(1, 2, yes=True), said(10, None, yes=False), asked(20, 30, yes=True)) == []


def test_subjects_do_not_explain_each_other() -> None:
    grant = Write(subject="ben", yes=True, began=1, ended=2)
    planted = asked(10, 20, yes=True)
    assert stale(grant, planted) == [planted]


Steps = list[tuple[str, int, int]]
steps = st.lists(
    st.tuples(st.sampled_from(["yes", "no", "ask"]), st.integers(0, 30), st.integers(0, 30)),
    max_size=40,
)


@given(steps)
def test_a_true_register_is_never_accused_and_a_turned_answer_after_quiet_always_is(
    steps: Steps,
) -> None:
    # Each step happens at its own moment, and its call and return lie around that moment.
    history: list[Write | Lookup] = []
    held = False
    for number, (what, before, after) in enumerate(steps, start=1):
        moment = number * 10
        began, ended = max(1, moment - before), moment + after
        if what == "ask":
            history.append(asked(began, ended, yes=held))
        else:
            held = what == "yes"
            history.append(said(began, ended, yes=held))
    assert stale(*history) == []
    end = (len(steps) + 10) * 10
    turned = asked(end, end + 1, yes=not held)
    assert turned in stale(*history, asked(end - 5, end - 4, yes=held), turned)
