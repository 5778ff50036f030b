"""People without their names: identifiers, facts, links, suppressions."""

from .facts import Given, NewFact, Told, facts_in, read_fact, record_facts
from .holdings import account_of
from .identifiers import (
    KINDS,
    Identified,
    NotAnIdentifier,
    common_email,
    guess_kind,
    identify,
    read_sha256,
    territory_of,
)
from .links import link, same_person, unlink
from .prove import prove_facts
from .resolve import Held, Resolved, asking, find, holders, resolve, welcome

__all__ = [
    "KINDS",
    "Given",
    "Held",
    "Identified",
    "NewFact",
    "NotAnIdentifier",
    "Resolved",
    "Told",
    "account_of",
    "asking",
    "common_email",
    "facts_in",
    "find",
    "guess_kind",
    "holders",
    "identify",
    "link",
    "prove_facts",
    "read_fact",
    "read_sha256",
    "record_facts",
    "resolve",
    "same_person",
    "territory_of",
    "unlink",
    "welcome",
]
