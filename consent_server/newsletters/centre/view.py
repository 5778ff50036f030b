"""What a person is shown: each use with what we may do now, in her words and as of now.

Whether we may is answered by the lookup's own rules from the lookup's own facts: the page
can say nothing that a system is not told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ...clock import from_micros
from ...db import db
from ...decisions.frequency import Frequency
from ...decisions.rules import NOES
from ...ids import public
from ...notices.speak import Spoken, calls_said, spoken
from ...organisations.document.vocabulary import NUMBERED
from ...permissions.gather import gather
from ...permissions.lookup import Question, judge
from ...permissions.values import Because
from ...permissions.who_asked import who_asked
from ...subjects.rules import MARKETING, PURPOSE, is_marketing
from ..decide import version_with

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ...db import Transaction
    from ...decisions.frequency import Chosen
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration, Purpose
    from ...permissions.lookup import Judged
    from ...subjects import Held
    from .tokens import Bearer

# What nobody can choose, because a contract or the law asks for it.
_NOT_CHOSEN: Final = frozenset({"contract", "legal_obligation"})
_STOPPED: Final = frozenset(
    {Because.REFUSED, Because.WITHDRAWN, Because.OBJECTED, Because.SUPPRESSED, Because.ERASED}
)
_DAYS_SHOWN: Final = 40
# In the order of the page; what is followed on the web is the banner's.
_KINDS: Final = ("newsletter", "prospecting", "tracker", "other")


@dataclass(frozen=True, kw_only=True)
class Use:
    """One purpose as the page shows it."""

    slug: str
    kind: str
    title: Spoken
    text: Spoken | None
    channel: str
    basis: str
    allowed: bool
    because: str
    since: datetime | None
    # Not before then: a pause, a cap, call hours.
    opens: datetime | None
    expires: datetime | None
    # A yes or a no stands, or may be given.
    stopped: bool
    chosen: bool
    # The words it was answered in, and those a yes would be given to.
    notice: str | None
    offer: str | None
    # What those say of sales calls, where a yes would let the phone ring.
    calls: Spoken | None = None
    pause: Chosen | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """The whole page but its history."""

    uses: tuple[Use, ...]
    given: tuple[Use, ...]
    marketing: Chosen
    # Something of marketing is still allowed, or might be.
    open_marketing: bool
    asked: tuple[Mapping[str, Any], ...]

    @property
    def groups(self) -> list[tuple[str, list[Use]]]:
        """Group the uses by what they are for, messages first."""
        groups = ((kind, [use for use in self.uses if use.kind == kind]) for kind in _KINDS)
        return [(kind, uses) for kind, uses in groups if uses]

    @property
    def offer(self) -> str | None:
        """Give the words that most of a page's yeses would be given to, to say them once."""
        offers = Counter(use.offer for use in self.uses if use.offer)
        return offers.most_common(1)[0][0] if offers else None


class Viewer:
    """Looks at one person's choices, in one language."""

    def __init__(
        self,
        tx: Transaction,
        keys: OrganisationKeys,
        configuration: Configuration,
        held: Held,
        *,
        language: str,
        now: datetime,
    ) -> None:
        self.tx, self.keys, self.configuration = tx, keys, configuration
        self.held, self.language, self.now = held, language, now
        own = configuration.settings.get("organisation", {})
        self._home = str(own.get("default_language") or "en")
        self._chosen = Frequency(tx, keys, held, now)

    def view(self, bearer: Bearer) -> View:
        """Show everything as it stands now."""
        found = gather(db.engine, self.keys.organisation, bearer.kind, bearer.hashes)
        shown = [
            self._use(purpose, judge(_question(purpose), found, self.configuration, self.now))
            for purpose in self.configuration.purposes.values()
            if concerns(purpose)
        ]
        uses = tuple(use for use in shown if use.basis not in _NOT_CHOSEN)
        marketing = {p.slug for p in self.configuration.purposes.values() if is_marketing(p)}
        return View(
            uses=uses,
            given=tuple(use for use in shown if use.basis in _NOT_CHOSEN),
            marketing=self._chosen.standing(MARKETING),
            open_marketing=any(u.slug in marketing and not u.stopped for u in uses),
            asked=tuple(self._asked()),
        )

    def _asked(self) -> list[dict[str, Any]]:
        """Merge single questions and lists, the latest day first."""
        told = who_asked(self.tx, self.keys, self.held.subject)
        lists = (
            {**each, "day": each["at"][:10], "allowed": None, "count": 1}
            for each in told["campaigns"]
        )
        every = sorted(
            [*told["asked"], *lists], key=lambda each: str(each["day"]), reverse=True
        )
        return [
            {
                **each,
                "title": self._named(each["purpose"]),
                "day": date.fromisoformat(str(each["day"])),
            }
            for each in every[:_DAYS_SHOWN]
        ]

    def _named(self, slug: str) -> Spoken:
        purpose = self.configuration.purpose(slug)
        return (purpose and spoken(purpose.title, self.language, self._home)) or Spoken(slug)

    def _use(self, purpose: Purpose, judged: Judged) -> Use:
        said = judged.permission
        offer = version_with(self.tx, self.configuration, purpose)
        paused = self._chosen.standing(f"{PURPOSE}{purpose.id}")
        return Use(
            slug=purpose.slug,
            kind=purpose.kind,
            title=spoken(purpose.title, self.language, self._home) or Spoken(purpose.slug),
            text=spoken(purpose.text, self.language, self._home),
            channel=purpose.channel,
            basis=purpose.basis,
            allowed=said.allowed,
            because=said.because.value,
            since=from_micros(said.since) if said.since else None,
            opens=from_micros(said.next_permitted_at) if said.next_permitted_at else None,
            expires=from_micros(said.expires_at) if said.expires_at else None,
            stopped=said.because in _STOPPED or _a_no(judged),
            chosen=said.decision is not None,
            notice=public("ntv", said.version) if said.version else None,
            offer=public("ntv", offer.id) if offer else None,
            calls=calls_said(offer.body, self.language)
            if offer and purpose.channel in NUMBERED
            else None,
            pause=paused if paused.until or paused.most else None,
        )


def concerns(purpose: Purpose) -> bool:
    """Tell whether a purpose is a matter of this page: those of a device are the banner's."""
    return not purpose.exempt and not (purpose.kind == "tracker" and purpose.channel == "web")


def _question(purpose: Purpose) -> Question:
    return Question(purpose=purpose.slug)


def _a_no(judged: Judged) -> bool:
    # Restricted, deceased, past retention: behind it, a no may stand or not.
    return any(
        row.no is not None and row.no.state in NOES and row.yes is None
        for row in judged.facts.rows
    )
