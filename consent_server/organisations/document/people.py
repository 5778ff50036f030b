"""Whom the organisation knows, from where, for how long, and what they may ask."""

from dataclasses import dataclass

from .scalars import Email, Period, RoleSlug, Slug, Text, Words
from .vocabulary import (
    Area,
    Capacity,
    CountsFrom,
    IdentityProof,
    RelationshipKind,
    Right,
    SignIn,
    SourceKind,
    Way,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long, counted from what."""

    period: Period
    counts_from: CountsFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """What people are to the organisation, and what it keeps of them."""

    kind: RelationshipKind
    name: Words
    capacities: tuple[Capacity, ...]
    data: tuple[Words, ...]
    retention: RetentionRule


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """A ground that stops deletion until it is settled."""

    slug: Slug
    name: Words
    until: Words
    placed_by: tuple[RoleSlug, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is kept apart from the relationships' own rules."""

    legal_holds: tuple[LegalHold, ...]
    # An objection outlives the data it concerns, as a fingerprint only.
    objections_kept: Period = "P3Y"
    anonymous_statistics: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where facts about people come from."""

    slug: Slug
    kind: SourceKind
    name: Words
    # Data from a third party need the date the person was told (GDPR art. 14).
    third_party: bool = False
    # Someone speaks for others, as an employer for employees.
    requires_on_behalf_of: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a member of staff may see and change."""

    slug: Slug
    name: Words
    department: Words
    sees: tuple[Area, ...]
    changes: tuple[Area, ...] = ()
    auditor: bool = False
    expires_after: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who inside the organisation may reach the data, and how they sign in."""

    sign_in: SignIn
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedRight:
    """One right, the doors by which it is exercised, and what proves who asks."""

    right: Right
    how: tuple[Way, ...]
    identity_proof: IdentityProof
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """How people exercise their rights here."""

    offered: tuple[OfferedRight, ...]
    email: Email
    post: Text
    answer_within: Period = "P1M"
