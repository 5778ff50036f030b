"""What is editorial and what is material: by property, and case by case."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.notices.rules import Judgement, judge
from consent_server.notices.rules.spelling import same_but_for_spelling
from tests.notices import strategies

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[dict[str, Any]], object]

Body = dict[str, Any]


def changed(body: Body, change: Change) -> Body:
    after = deepcopy(body)
    change(after)
    return after


def slugs(body: Body) -> set[str]:
    return {purpose["slug"] for purpose in body["purposes"]}


def judged(body: Body, change: Change) -> Judgement:
    return judge(body, changed(body, change))


@given(strategies.bodies())
def test_the_same_again_is_editorial_and_has_no_reason(body: Body) -> None:
    assert judge(body, deepcopy(body)) == Judgement("editorial", (), frozenset())


@given(strategies.bodies())
def test_a_first_version_is_material_for_all_it_asks(body: Body) -> None:
    first = judge(None, body)
    assert first.kind == "material"
    assert first.touched == slugs(body)


@given(strategies.bodies(), strategies.additions())
def test_adding_anything_is_never_editorial(body: Body, addition: strategies.Addition) -> None:
    after = changed(body, addition.add)
    verdict = judge(body, after)
    assert verdict.kind == "material"
    assert verdict.touched == addition.touches(after)


@given(strategies.bodies(), strategies.removals())
def test_removing_a_tracker_a_cookie_or_a_party_asks_nobody_again(
    body: Body, removal: Change
) -> None:
    verdict = judged(body, removal)
    assert verdict.kind == "editorial"
    assert verdict.touched == frozenset()


@given(strategies.bodies(), strategies.purpose_changes(), st.data())
def test_touching_one_purpose_never_moves_the_floor_of_another(
    body: Body, change: Callable[[dict[str, Any]], object], data: st.DataObject
) -> None:
    after = deepcopy(body)
    purpose = data.draw(st.sampled_from(after["purposes"]))
    change(purpose)
    assert judge(body, after).touched <= {purpose["slug"]}


@given(strategies.bodies(), strategies.bodies(), st.data())
def test_the_author_may_raise_and_never_lower(
    before: Body, after: Body, data: st.DataObject
) -> None:
    raised = data.draw(st.sets(st.sampled_from(sorted(slugs(after)))))
    plain = judge(before, after)
    more = judge(before, after, raised=raised)
    assert more.touched == plain.touched | raised
    assert [one for one in more.reasons if one.code != "author"] == list(plain.reasons)
    assert more.kind == ("material" if raised else plain.kind)


@given(strategies.bodies(), strategies.bodies())
def test_only_what_the_new_version_asks_can_be_touched(before: Body, after: Body) -> None:
    verdict = judge(before, after)
    assert verdict.touched <= slugs(after)
    assert slugs(after) - slugs(before) <= verdict.touched
    assert (verdict.kind == "editorial") <= (not verdict.touched)


@given(strategies.bodies(), strategies.bodies())
def test_every_reason_is_said_in_both_languages_and_names_its_purpose(
    before: Body, after: Body
) -> None:
    for reason in judge(before, after).reasons:
        assert set(reason.words) == {"en", "fr"}
        assert all(text and "{" not in text for text in reason.words.values())
        assert reason.purpose is None or reason.purpose in slugs(after)


def purpose(body: Body, slug: str = "analytics") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in body["purposes"] if one["slug"] == slug)
    return found


def tracker(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in body["trackers"] if one["slug"] == "counter")
    return found


ONE = frozenset({"analytics"})
ALL = frozenset({"necessary", "analytics", "advertising"})


@pytest.mark.parametrize(
    ("change", "code", "touched"),
    [
        pytest.param(
            lambda b: purpose(b).update(basis="contract"),
            "purpose_changed",
            ONE,
            id="another basis",
        ),
        pytest.param(
            lambda b: purpose(b).update(validity="P7M"),
            "period_longer",
            ONE,
            id="a yes that lasts longer",
        ),
        pytest.param(
            lambda b: purpose(b).update(validity=None),
            "period_longer",
            ONE,
            id="a yes without end",
        ),
        pytest.param(
            lambda b: purpose(b).update(proof_period="P9Y"),
            "period_longer",
            ONE,
            id="proof kept longer",
        ),
        pytest.param(
            lambda b: purpose(b).update(retention=None),
            "period_longer",
            ONE,
            id="data kept without end",
        ),
        pytest.param(
            lambda b: purpose(b)["text"].update(en="We count pages and sell the list."),
            "purpose_reworded",
            ONE,
            id="more is done",
        ),
        pytest.param(
            lambda b: purpose(b)["title"].update(fr="Vendre vos données"),
            "purpose_reworded",
            ONE,
            id="another title in one language",
        ),
        pytest.param(
            lambda b: purpose(b).update(relationships=[]),
            "people_added",
            ONE,
            id="anyone is concerned",
        ),
        pytest.param(
            lambda b: purpose(b)["relationships"].append("customer"),
            "people_added",
            ONE,
            id="more people are concerned",
        ),
        pytest.param(
            lambda b: purpose(b).update(unheard_of=True),
            "purpose_changed",
            ONE,
            id="something no rule knows",
        ),
        pytest.param(
            lambda b: tracker(b).update(country="US", safeguard="scc"),
            "transfer_farther",
            ONE,
            id="data leave Europe",
        ),
        pytest.param(
            lambda b: tracker(b).update(safeguard="derogation"),
            "transfer_farther",
            ONE,
            id="a weaker safeguard",
        ),
        pytest.param(
            lambda b: tracker(b).update(provider="Another Company"),
            "tracker_changed",
            ONE,
            id="another provider",
        ),
        pytest.param(
            lambda b: tracker(b)["cookies"][0].update(lifetime="P14M"),
            "lifetime_longer",
            ONE,
            id="a cookie lives longer",
        ),
        pytest.param(
            lambda b: tracker(b)["cookies"][0].update(party="third"),
            "cookie_added",
            ONE,
            id="a cookie of a third party",
        ),
        pytest.param(
            lambda b: tracker(b)["hosts"].append("b.example"),
            "tracker_changed",
            ONE,
            id="another address is called",
        ),
        pytest.param(
            lambda b: tracker(b).update(data_kept="P26M"),
            "period_longer",
            ONE,
            id="the provider keeps data longer",
        ),
        pytest.param(
            lambda b: b["controllers"].append(
                {
                    "slug": "new",
                    "name": "New",
                    "role": "joint",
                    "country": "FR",
                    "privacy_url": {},
                }
            ),
            "controller_added",
            ALL,
            id="cnil_5_a_new_controller",
        ),
        pytest.param(
            lambda b: b["controllers"][0].update(role="joint"),
            "controller_changed",
            ALL,
            id="a controller in another role",
        ),
        pytest.param(
            lambda b: b["recipients"].append({**b["recipients"][0], "slug": "extra"}),
            "recipient_added",
            ALL,
            id="a recipient that no purpose names",
        ),
        pytest.param(
            lambda b: b["recipients"][0].update(country="US", safeguard="scc"),
            "recipient_changed",
            ONE,
            id="a recipient moves away",
        ),
        pytest.param(
            lambda b: b["words"]["en"].update(intro="We now do something entirely different."),
            "words_changed",
            ALL,
            id="the introduction says another thing",
        ),
        pytest.param(
            lambda b: b["scope"]["sites"].append({"slug": "shop", "name": "Shop"}),
            "scope_wider",
            ALL,
            id="the choice counts on more sites",
        ),
        pytest.param(
            lambda b: b["rights"].pop(), "right_removed", ALL, id="a right is no longer named"
        ),
        pytest.param(
            lambda b: b.update(unheard_of={}),
            "unknown_change",
            ALL,
            id="a section no rule knows",
        ),
    ],
)
def test_material(change: Change, code: str, touched: frozenset[str]) -> None:
    verdict = judged(strategies.body(), change)
    assert verdict.kind == "material"
    assert code in {reason.code for reason in verdict.reasons}
    assert verdict.touched == touched


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda b: b["words"]["en"].update(title="Your tarces, your rules"),
            id="letters swapped",
        ),
        pytest.param(
            lambda b: b["words"]["en"].update(title="YOUR TRACES: YOUR RULES!"),
            id="capitals and points",
        ),
        pytest.param(
            lambda b: purpose(b)["text"].update(en="We count the pagges that are read."),
            id="a letter doubled",
        ),
        pytest.param(lambda b: purpose(b).update(validity="P3M"), id="a yes that lasts less"),
        pytest.param(
            lambda b: tracker(b)["cookies"][0].update(lifetime="session"),
            id="a cookie that lives less",
        ),
        pytest.param(
            lambda b: tracker(b).update(country="FR", safeguard="none_needed_eu"),
            id="data come home",
        ),
        pytest.param(
            lambda b: tracker(b).update(privacy_url="https://elsewhere.example/p"),
            id="an address moved",
        ),
        pytest.param(lambda b: b["purposes"].reverse(), id="another order"),
        pytest.param(
            lambda b: b["organisation"]["contact"].update(email="new@a.example"),
            id="another contact",
        ),
        pytest.param(
            lambda b: b["built_in"].update(en={"accept_all": "Accept everything"}),
            id="the server’s own words",
        ),
        pytest.param(
            lambda b: b["words"].update(de={"title": "Spuren", "intro": "Regeln"}),
            id="one more language",
        ),
        pytest.param(lambda b: b["words"].pop("fr"), id="one language less"),
        pytest.param(
            lambda b: b.update(themes={"www": {"accent": "#000000"}}), id="another dress"
        ),
        pytest.param(
            lambda b: b.update(banners={"www": {"layout": "card", "gpc": "refuse"}}),
            id="another place on the page",
        ),
    ],
)
def test_editorial(change: Change) -> None:
    verdict = judged(strategies.body(), change)
    assert verdict.kind == "editorial"
    assert verdict.reasons
    assert verdict.touched == frozenset()


def test_a_cookie_renamed_is_said_to_ask_every_visitor_anew() -> None:
    verdict = judged(
        strategies.body(), lambda b: b.update(banners={"www": {"cookie": {"name": "choix"}}})
    )
    assert verdict.kind == "editorial"
    assert [reason.code for reason in verdict.reasons] == ["cookie_renamed"]


def test_a_language_that_comes_back_is_material() -> None:
    before = changed(strategies.body(), lambda b: b["words"].pop("fr"))
    verdict = judge(before, strategies.body(), spoken={"en", "fr"})
    assert verdict.touched == ALL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("We sell nothing", "We tell nothing", id="short words"),
        pytest.param("kept 13 months", "kept 18 months", id="a figure"),
        pytest.param("kept 1.5 years", "kept 15 years", id="a decimal point"),
        pytest.param("We accept this", "We except this", id="two letters"),
        pytest.param("legal use", "illegal use", id="another beginning"),
        pytest.param("sans accord", "dans accord", id="sans et dans"),
        pytest.param("never shared", "shared", id="a word gone"),
        pytest.param("large small heavy", "largo smell heave", id="several words"),
    ],
)
def test_in_doubt_it_is_not_spelling(before: str, after: str) -> None:
    assert not same_but_for_spelling(before, after)
    assert not same_but_for_spelling(after, before)


@given(st.text(max_size=60), st.text(max_size=60))
def test_spelling_has_no_direction(one: str, other: str) -> None:
    assert same_but_for_spelling(one, one)
    assert same_but_for_spelling(one, other) == same_but_for_spelling(other, one)
