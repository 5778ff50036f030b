"""Whatever was said before and whatever the file says: no import turns a no into a yes."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_server.fsck import check_all

if TYPE_CHECKING:
    from tests.imports.conftest import Desk

PURPOSES = ("newsletter", "prospecting.email")
DAYS = st.integers(0, 9)
# Who, which purpose, yes, on which day, how it is known.
SAID = st.tuples(
    st.integers(0, 2), st.sampled_from(PURPOSES), st.booleans(), DAYS, st.booleans()
)
PAUSES = st.lists(SAID, max_size=4)
FILES = st.lists(SAID, min_size=1, max_size=6)
_names = count()


class Story:
    """Three people of one example."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.name = f"x{next(_names)}"
        self.begin = desk.house.clock()

    def who(self, number: int) -> dict[str, str]:
        return {"email": f"{self.name}-{number}@people.example"}

    def day(self, day: int) -> str:
        return self.desk.house.at(self.begin + timedelta(days=day))

    def tell(self, said: Any) -> int:
        """Say something by the systems' door; gives the status."""
        number, purpose, yes, day, evidenced = said
        body = self.desk.house.told(
            self.who(number),
            choices={purpose: "granted" if yes else "refused"},
            decided_at=self.day(day),
            assertion="evidenced" if evidenced else "asserted",
            **({"evidence": "a form"} if evidenced else {}),
        )
        return self.desk.house.post("/v1/decisions", body).status_code

    def file(self, rows: list[Any]) -> str:
        lines = ["email,purpose,answer,decided_at,evidence,notice_version"]
        for number, purpose, yes, day, evidenced in rows:
            answer, evidence = "granted" if yes else "refused", "a form" if evidenced else ""
            email = self.who(number)["email"]
            lines.append(
                f"{email},{purpose},{answer},{self.day(day)},{evidence},{self.desk.house.form}"
            )
        return "\n".join(lines) + "\n"

    def answers(self) -> dict[tuple[int, str], bool]:
        return {
            (number, purpose): self.desk.house.ask(self.who(number), purpose)["allowed"]
            for number in range(3)
            for purpose in PURPOSES
        }


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(history=PAUSES, rows=FILES)
def test_an_import_allows_only_what_the_single_door_would_have_allowed(
    lasting: Desk, history: list[Any], rows: list[Any]
) -> None:
    desk, clock = lasting, lasting.house.clock
    imported, single = Story(desk), Story(desk)
    clock.advance(days=10)
    for said in history:
        clock.advance(seconds=1)
        imported.tell(said)
        single.tell(said)
    before = imported.answers()
    clock.advance(hours=1)
    done = desk.apply(imported.file(rows))
    # Noes first, as an import does: each by itself, through the systems' door.
    for said in sorted(rows, key=lambda said: said[2]):
        single.tell(said)
    after, allowed = imported.answers(), single.answers()
    assert done["rows"] == len(rows)
    for place, yes in after.items():
        if yes and not before[place]:
            assert allowed[place], (place, done)
        assert yes <= allowed[place]
    # The same file again, and in another order, changes nothing.
    again = desk.apply(imported.file(rows))
    assert again["new"] == 0
    desk.apply(imported.file(rows[::-1]))
    assert imported.answers() == after
    clock.advance(days=-10, hours=-1, seconds=-len(history))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(rows=FILES)
def test_the_order_of_the_lines_is_no_matter(lasting: Desk, rows: list[Any]) -> None:
    desk = lasting
    desk.house.clock.advance(days=10)
    one, other = Story(desk), Story(desk)
    one.begin = other.begin = one.begin - timedelta(days=10)
    tried = desk.send(one.file(rows))
    done = desk.apply(one.file(rows))
    desk.apply(other.file(rows[::-1]))
    assert one.answers() == other.answers()
    # What a dry run says is what then happens.
    for what in ("new", "unchanged", "refused", "reasons"):
        assert tried[what] == done[what]


def test_what_was_derived_is_what_follows_from_the_facts(lasting: Desk) -> None:
    # After all the examples above, on the same database.
    lasting.house.integrate()
    assert list(check_all()) == []
