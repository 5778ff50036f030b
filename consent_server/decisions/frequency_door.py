"""The systems' door to pauses and caps: what a person asked for on the phone or by letter."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from marshmallow import ValidationError, validates_schema

from .. import notices
from ..clock import rfc3339, to_micros
from ..db import once_more, write
from ..ids import public
from ..organisations import Scope, caller, keys_of, requires
from ..problems import Unprocessable
from ..subjects import resolve
from ..subjects.naming_schemas import PersonIn
from ..subjects.read import identify_all, in_object, region_of, told_by
from ..subjects.rules import MARKETING, PURPOSE
from ..web import Door, Schema, current, fields, idempotency, limit
from .frequency import MOST, PERIODS, Frequency

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ..db import Transaction
    from ..notices.values import Configuration
    from ..organisations import Caller

door = Door("frequency", __name__, description="Not before, and not more often.")

# What is put off for longer is refused.
_LONGEST: Final = timedelta(days=5 * 366)


class CapIn(Schema):
    """At most so many contacts in a period."""

    most = fields.Integer(least=1, most=MOST, required=True)
    within = fields.Choice(PERIODS, required=True)


class FrequencyIn(Schema):
    """When and how often the person wants to be contacted (`POST /v1/frequency`)."""

    subject = fields.Part(PersonIn, required=True)
    # A purpose's slug or id, or `marketing`.
    purpose = fields.Text(least=1, most=100, required=True)
    pause_until = fields.Instant()
    cap = fields.Part(CapIn)
    source = fields.Text(least=1, most=200, required=True)
    actor = fields.Text(most=200)
    on_behalf_of = fields.Text(most=200)

    @validates_schema
    def ask_for_something(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that asks for neither."""
        if not data.keys() & {"pause_until", "cap"}:
            raise ValidationError("Give pause_until, or cap, or both.")


class FrequencyOut(Schema):
    """What stands now."""

    subject = fields.Text(required=True)
    purpose = fields.Text(required=True)
    pause_until = fields.Instant(allow_none=True, required=True)
    cap = fields.Part(CapIn, allow_none=True, required=True)


@door.post("/v1/frequency")
@requires(Scope.RECORD)
@door.takes(FrequencyIn)
@door.answers(HTTPStatus.CREATED, FrequencyOut, description="What stands now.")
@door.refuses(HTTPStatus.CONFLICT)
@door.repeatable
def set_frequency(body: dict[str, Any]) -> ResponseReturnValue:
    """Record that a person wants a pause, or fewer contacts: the lookup answers `not_now`.

    A system may only ask for less; taking it back is the person's own, in her preference
    centre.
    """
    limit("writes", caller().key_id)

    def act() -> ResponseReturnValue:
        with write(caller().organisation) as tx:
            return idempotency.answered(
                tx,
                organisation=caller().organisation,
                caller_key_id=caller().key_id,
                route="POST /v1/frequency",
                body=body,
                now=current.now(),
                act=lambda: (HTTPStatus.CREATED, _set(tx, caller(), body)),
            )

    return once_more(act)


def _set(tx: Transaction, who: Caller, body: dict[str, Any]) -> dict[str, Any]:
    now = current.now()
    configuration = notices.configuration(tx, who.organisation)
    scope, slug = scope_of(configuration, body["purpose"])
    until = body.get("pause_until")
    if until is not None and not now < until <= now + _LONGEST:
        fault = "a pause ends in the future, within five years; what lasts longer is a no"
        raise Unprocessable.at("/pause_until", fault)
    given = identify_all(in_object(body["subject"]), region=region_of(configuration))
    told = told_by(body, configuration, facts=body)
    keys = keys_of(who.organisation, tx)
    person = resolve(tx, keys, given, organisation=who.organisation, now=to_micros(now))
    chosen = Frequency(tx, keys, person.identifiers[0], now, by=who.key_id)
    if until is not None:
        chosen.pause(scope, until, told)
    if "cap" in body:
        chosen.cap(scope, body["cap"]["most"], body["cap"]["within"], told)
    stands = chosen.standing(scope)
    return {
        "subject": public("sub", person.subject),
        "purpose": slug,
        "pause_until": rfc3339(stands.until) if stands.until else None,
        "cap": {"most": stands.most, "within": stands.within} if stands.most else None,
    }


def scope_of(configuration: Configuration, name: str) -> tuple[str, str]:
    """Read for what somebody wants a pause: a scope, and its name outside."""
    if name == MARKETING:
        return MARKETING, MARKETING
    purpose = configuration.purpose(name)
    if purpose is None:
        fault = "this organisation has no such purpose"
    elif purpose.exempt or purpose.basis in {"legal_obligation", "contract"}:
        fault = "what a contract or the law requires cannot be paused"
    else:
        return f"{PURPOSE}{purpose.id}", purpose.slug
    raise Unprocessable.at("/purpose", fault)
