"""What people who left an address went through: one function for each kind of story."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ..clock import rfc3339
from .people import invent
from .steps import Step, name_of
from .story import NO, YES, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from .setting import Setting, Span

NEWSLETTER: Final = "newsletter"
BY_EMAIL: Final = "prospecting.email"
BY_PHONE: Final = "prospecting.phone"
BY_POST: Final = "prospecting.post"


def _subscribes(story: Story) -> None:
    at = story.day(380, 3)
    story.tick(at, {NEWSLETTER: YES}, **story.known("prospect", at))


def _subscribes_to_more(story: Story) -> None:
    at = story.day(350, 3)
    answers = {NEWSLETTER: YES, BY_EMAIL: story.random.choice((YES, NO))}
    story.tick(at, answers, **story.known("prospect", at))


def _declines(story: Story) -> None:
    at = story.day(380, 3)
    story.tick(at, {NEWSLETTER: NO, BY_EMAIL: NO}, **story.known("prospect", at))


def _leaves_the_letter(story: Story) -> None:
    at = story.day(360, 40)
    story.tick(at, {NEWSLETTER: YES}, **story.known("prospect", at))
    story.unsubscribe(story.after(at, 5, 200), NEWSLETTER)


def _is_met_and_agrees(story: Story) -> None:
    at = story.day(330, 10)
    story.meet(at, story.setting.from_meeting, **story.known("prospect", at))
    later = story.after(at, 1, 9)
    answers = {BY_EMAIL: YES, BY_PHONE: story.random.choice((YES, YES, NO))}
    story.agree(later, answers, f"note of the call of {later:%Y-%m-%d}")


def _agreed_to_calls_long_ago(story: Story) -> None:
    at = story.day(398, 372)
    story.meet(at, story.setting.from_meeting, **story.known("prospect", at))
    later = at + timedelta(hours=1)
    story.agree(later, {BY_PHONE: YES}, f"recording of the call of {later:%Y-%m-%d}")


def _agrees_to_calls_again(story: Story) -> None:
    _agreed_to_calls_long_ago(story)
    again = story.day(40, 5)
    story.agree(again, {BY_PHONE: YES}, f"recording of the call of {again:%Y-%m-%d}")


def _buys(story: Story) -> None:
    at = story.day(390, 10)
    sold = {
        "direct": True,
        "in_sale": True,
        "seller": story.setting.seller,
        "similar": True,
        "refusal_offered": True,
        "at": rfc3339(at),
    }
    facts = story.known("customer", at, collection=sold)
    story.meet(at, story.setting.from_contract, **facts)


def _buys_and_objects(story: Story) -> None:
    _buys(story)
    bought = story.steps[-1].at
    story.unsubscribe(story.after(bought, 3, 150), story.setting.offer)


def _objects_to_post(story: Story) -> None:
    at = story.day(350, 30)
    story.meet(at, story.setting.from_meeting, **story.known("prospect", at))
    story.say_no(story.after(at, 8, 120), BY_POST, story.setting.letter)


def _comes_from_a_third_party(story: Story) -> None:
    at = story.day(250, 20)
    # Nobody has told the person yet (GDPR art. 14), so nothing may rest on an interest.
    story.meet(at, story.setting.from_third_party, **story.known("prospect", at))


def _is_told_of_a_third_party(story: Story) -> None:
    at = story.day(250, 40)
    facts = story.known("prospect", at, informed_at=rfc3339(at - timedelta(hours=3)))
    story.meet(at, story.setting.from_third_party, **facts)


def _is_named_by_the_employer(story: Story) -> None:
    at = story.day(300, 15)
    facts = story.known(
        "customer_employee",
        at,
        on_behalf_of=story.person.employer,
        informed_at=rfc3339(at),
    )
    story.meet(at, story.setting.from_employer, **{**facts, "capacity": "professional"})


def _is_only_met(story: Story) -> None:
    at = story.day(380, 3)
    story.meet(at, story.setting.from_meeting, **story.known("partner", at))


def _changes_to_yes(story: Story) -> None:
    at = story.day(330, 60)
    story.tick(at, {BY_EMAIL: NO}, **story.known("prospect", at))
    later = story.after(at, 10, 45)
    story.agree(later, {BY_EMAIL: YES}, f"e-mail of {later:%Y-%m-%d}")


def _withdraws_by_letter(story: Story) -> None:
    at = story.day(360, 60)
    story.tick(at, {NEWSLETTER: YES, BY_EMAIL: YES}, **story.known("prospect", at))
    story.say_no(story.after(at, 10, 50), BY_EMAIL)


def _has_two_addresses(story: Story) -> None:
    _subscribes(story)
    story.link_private_address(story.after(story.steps[-1].at, 2, 30))


def _signs_up(story: Story) -> None:
    at = story.day(340, 3)
    story.sign_up(at, NEWSLETTER)
    story.confirm(at + timedelta(hours=story.random.uniform(0.1, 20)))


def _signs_up_and_leaves(story: Story) -> None:
    _signs_up(story)
    story.unsubscribe(story.after(story.steps[-1].at, 5, 120), NEWSLETTER)


def _signs_up_and_has_not_confirmed(story: Story) -> None:
    story.sign_up(story.day(5, 1.5), NEWSLETTER)


def _signs_up_and_lets_it_lapse(story: Story) -> None:
    # The link has ended; the claim goes a day later, as everywhere.
    story.sign_up(story.span.back(story.random.uniform(7.1, 7.6)), NEWSLETTER)


# The first people of an organisation go through each of these once, so that even a small
# past has an example of everything; the first one of all is shown by `consent demo run`.
_STORIES: Final[tuple[Callable[[Story], None], ...]] = (
    _subscribes,
    _declines,
    _leaves_the_letter,
    _agreed_to_calls_long_ago,
    _buys_and_objects,
    _comes_from_a_third_party,
    _is_only_met,
    _is_met_and_agrees,
    _objects_to_post,
    _buys,
    _withdraws_by_letter,
    _changes_to_yes,
    _agrees_to_calls_again,
    _is_told_of_a_third_party,
    _is_named_by_the_employer,
    _has_two_addresses,
    _subscribes_to_more,
    _signs_up,
    _signs_up_and_has_not_confirmed,
    _signs_up_and_lets_it_lapse,
    _signs_up_and_leaves,
)
_WEIGHTS: Final = (24, 9, 8, 3, 4, 3, 6, 9, 3, 11, 3, 2, 2, 3, 4, 1, 9, 4, 1, 1, 2)


def dealings(
    setting: Setting, span: Span, seed: str, people: int, random: Random
) -> Iterator[Step]:
    """Tell the steps of this many people who left an address with one organisation."""
    for number in range(people):
        story = Story(
            setting=setting,
            span=span,
            person=invent(setting, number),
            random=random,
            name=name_of(seed, setting.slug, "contact", number),
        )
        if number < len(_STORIES):
            tell = _STORIES[number]
        else:
            (tell,) = random.choices(_STORIES, _WEIGHTS)
        tell(story)
        yield from story.steps
