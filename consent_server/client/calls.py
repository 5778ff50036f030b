"""The calls: what each sends, and how its answer is read. No socket, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .exchange import Call
from .values import Event, Link, Permission, Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .snapshot import Snapshot

    # `{"email": …}`, `{"phone": …}`, `{"external_id": …}`, `{"visitor": …}` or their hashes.
    Subject = Mapping[str, Any]

_PAGE: Final = 500


def may(
    subject: Subject,
    purpose: str,
    channel: str | None,
    *,
    clearance: bool,
    snapshot: Snapshot | None = None,
) -> Call[Permission]:
    """Ask one question; of a snapshot, if the server is away."""
    fits = snapshot is not None and channel in {None, snapshot.channel}
    away = (lambda _: snapshot.may(subject)) if snapshot is not None and fits else None
    body = _given(subject=dict(subject), purpose=purpose, channel=channel)
    if clearance:
        body["clearance"] = True
    return Call(
        method="POST",
        path="/v1/permissions",
        body=body,
        read=Permission.read,
        in_doubt=lambda trouble: Permission.doubt(trouble, purpose),
        away=away,
    )


def may_each(subject: Subject, purposes: Sequence[str]) -> Call[dict[str, Permission]]:
    """Ask several questions about one person."""

    def read(body: Any) -> dict[str, Permission]:
        answers = [Permission.read(each) for each in body["permissions"]]
        if len(answers) != len(purposes):
            raise ValueError("as many answers as questions")
        return dict(zip(purposes, answers, strict=True))

    def in_doubt(trouble: str) -> dict[str, Permission]:
        return {each: Permission.doubt(trouble, each) for each in purposes}

    questions = [{"purpose": each} for each in purposes]
    body = {"subject": dict(subject), "questions": questions}
    return Call(method="POST", path="/v1/permissions", body=body, read=read, in_doubt=in_doubt)


def decide(
    subject: Subject,
    choices: Mapping[str, str],
    *,
    source: str,
    assertion: str,
    **more: Any,
) -> Call[Recorded]:
    """Record what a person said."""
    body = _given(
        subject=dict(subject),
        choices=dict(choices),
        source=source,
        assertion=assertion,
        **more,
    )
    return _write("/v1/decisions", body, Recorded.read)


def know(identifiers: Iterable[Mapping[str, Any]], source: str, **facts: Any) -> Call[str]:
    """Record facts about a person."""
    body = _given(identifiers=[dict(each) for each in identifiers], source=source, **facts)
    return _write("/v1/subjects", body, lambda answer: str(answer["subject"]))


def unsubscribe_links(wanted: Iterable[tuple[Subject, str]]) -> Call[list[Link]]:
    """Ask for links, in order."""
    links = [{"subject": dict(subject), "purpose": purpose} for subject, purpose in wanted]
    return _write(
        "/v1/unsubscribe-links",
        {"links": links},
        lambda answer: [Link.read(each) for each in answer["links"]],
    )


def suppress(subject: Subject, scope: str, reason: str | None) -> Call[None]:
    """Let nobody contact a person until she says otherwise."""
    body = _given(subject=dict(subject), scope=scope, reason=reason)
    return _write("/v1/suppressions", body, lambda _: None)


def touch(subject: Subject, kind: str, source: str, at: str | None) -> Call[None]:
    """Note a contact by the person: retention counts from it."""
    body = _given(subject=dict(subject), kind=kind, source=source, at=at)
    return _write("/v1/contacts/touch", body, lambda _: None)


def attempt(
    subject: Subject, channel: str, source: str, at: str | None, outcome: str | None
) -> Call[None]:
    """Note an attempt by the organisation: rules of frequency count it."""
    body = _given(subject=dict(subject), channel=channel, source=source, at=at, outcome=outcome)
    return _write("/v1/contacts/attempts", body, lambda _: None)


def page(after: int, wait: int) -> Call[tuple[list[Event], int]]:
    """Read a page of the feed."""
    return Call(
        method="GET",
        path="/v1/events",
        query={"after": after, "limit": _PAGE, "wait": wait},
        read=lambda body: ([Event.read(each) for each in body["events"]], int(body["next"])),
        wait=float(wait),
    )


def _write(path: str, body: Mapping[str, Any], read: Any) -> Call[Any]:
    return Call(method="POST", path=path, body=body, read=read, once=True)


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
