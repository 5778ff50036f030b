"""Refusals: each one named, each with its status, all leaving in one shape (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong: a JSON pointer, and what would be right."""

    pointer: str
    detail: str


class Problem(Exception):
    """A refusal with a reason; never carries an address or a token."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be read"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    @classmethod
    def at(cls, pointer: str, detail: str) -> Problem:
        """Refuse one field by name."""
        return cls(detail, errors=[FieldError(pointer, detail)])


class UnreadableBody(Problem):
    """The body is not the JSON we accept."""

    code = "unreadable_body"
    title = "The body cannot be read"


class Unprocessable(Problem):
    """The body is JSON, but a field in it is wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "unprocessable"
    title = "A field is wrong"


class NoKey(Problem):
    """No key, or a key we do not know."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"
    title = "A valid API key is needed"


class MissingScope(Problem):
    """The key is known but may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "missing_scope"
    title = "The key may not do this"


class NotFound(Problem):
    """Foreign and absent are the same answer, byte for byte (design.md §7)."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    title = "Not found"


class Conflict(Problem):
    """The request is well formed but the facts stand against it."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "The facts stand against it"


class IdentifiersDisagree(Conflict):
    """The identifiers belong to people who are not linked."""

    code = "identifiers_disagree"
    title = "The identifiers belong to different people"


class LaterNo(Conflict):
    """A no was recorded that this yes neither names nor follows (design.md §6, fold)."""

    code = "later_no"
    title = "A later no stands"


class UnknownPrevious(Conflict):
    """The decision named as previous is not known here (yet): send it first."""

    code = "unknown_previous"
    title = "The previous decision is not known"


class PreconditionFailed(Problem):
    """The thing changed since it was read."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "stale"
    title = "It has changed since it was read"


class PreconditionRequired(Problem):
    """A change must say which version it changes."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "if_match_required"
    title = "If-Match is needed"


class TooLarge(Problem):
    """The body is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    title = "The body is too large"


class UnsupportedMedia(Problem):
    """The body is not in a form that this address takes."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    title = "This form of body is not taken here"


class TooMany(Problem):
    """A quota is used up; Retry-After says when to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(Problem):
    """The database cannot answer now; nothing was written."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Not available for a moment"


class RefusedToStart(Exception):
    """The server will not run like this; the message says what to mend."""
