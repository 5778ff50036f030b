"""Why a row was not carried over: a closed list, each in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[Mapping[str, str]] = {
    "unreadable": "the line cannot be read",
    "nobody": "the line names nobody: an e-mail, a phone number or an external id is needed",
    "not_an_identifier": "an identifier is not one",
    "too_long": "a cell is too long",
    "nothing": "the line says nothing that could be recorded",
    "no_source": "it does not say where it comes from",
    "no_purpose": "it answers no purpose",
    "unknown_purpose": "the organisation has no such purpose, or it cannot be answered",
    "unknown_answer": "the answer is neither yes nor no",
    "unknown_fact": "a fact is not of the list",
    "unknown_notice_version": "the organisation has no such notice version",
    "not_a_time": "a time cannot be read, or can be read in two ways",
    "future": "a time lies in the future",
    "no_date": "a yes does not say when it was given",
    "needs_evidence": "a yes names neither the words it answers nor evidence",
    "needs_on_behalf_of": "the source speaks for others and does not say for whom",
    "unconfirmed": "the person never confirmed",
    "later_no": "a no stands that was recorded later",
    "unproven": "a no stands, and a yes without evidence is not enough over it",
    "suppressed": "the person is not to be contacted",
    "identifiers_disagree": "the identifiers belong to different people",
    "unknown_previous": "the decision named as previous is not known",
}
