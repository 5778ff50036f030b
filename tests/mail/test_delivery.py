"""Mail leaves: as files, or by a real server that refuses, hangs or lists in grey."""

from __future__ import annotations

import ssl
import stat
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from consent_server.mail.server import Security
from tests.support.mailserver import body_of, certificate, post_office, silent_server

if TYPE_CHECKING:
    from pathlib import Path

    from consent_server.config import Settings
    from tests.mail.conftest import Office


def _first(rows: list[object]) -> tuple[object, ...]:
    return tuple(rows[0])  # type: ignore[arg-type] # a driver's row


def test_without_a_server_a_message_becomes_a_file_only_its_owner_reads(
    office: Office, settings: Settings
) -> None:
    queued = office.queue()
    assert office.deliver() == 1
    (path,) = (settings.data / "mail").iterdir()
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (message["To"], message["Message-ID"]) == ("ana@example.com", queued.message_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert _first(office.rows()) == ("sent", 1, "accepted 250")


def test_a_message_arrives_in_two_parts_with_our_own_headers_and_no_tracker(
    office: Office,
) -> None:
    with post_office() as post:
        office.use(post.port)
        queued = office.queue(unsubscribe="https://consent.example/u/x")
        assert office.deliver() == 1
    (taken,) = post.taken
    message = taken.message
    assert taken.sender == "lettre@cubalys.example"
    assert taken.recipients == ["ana@example.com"]
    assert message["From"] == "Cubalys <lettre@cubalys.example>"
    assert message["Message-ID"] == queued.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message["List-Unsubscribe"] == "<https://consent.example/u/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime == office.clock().replace(microsecond=0)
    text, page = body_of(message), body_of(message, "html")
    for part in (text, page):
        assert "https://consent.example/confirm/abc" in part
        assert "La lettre du mois" in part
        assert "12, passage des Tableurs" in part
    assert "<img" not in page
    assert "src=" not in page
    assert "url(" not in page


def test_a_message_lies_sealed_while_it_waits_and_is_gone_once_it_has_left(
    office: Office,
) -> None:
    office.queue("quelquun@example.com")
    assert b"quelquun" not in bytes(_first(office.rows("sealed"))[0])  # type: ignore[call-overload]
    office.deliver()
    assert _first(office.rows("sealed, due_at")) == (None, None)


def test_grey_listing_is_waited_out_and_the_message_keeps_its_name(office: Office) -> None:
    with post_office() as post:
        office.use(post.port)
        queued = office.queue()
        post.to_recipients = ["451 4.7.1 come back later"] * 2
        for _ in range(2):
            office.deliver()
            assert office.deliver() == 0
            office.clock.advance(minutes=6)
        assert not post.taken
        office.deliver()
    assert [each.message["Message-ID"] for each in post.taken] == [queued.message_id]
    assert _first(office.rows()) == ("sent", 3, "accepted 250")


@pytest.mark.parametrize("place", ["to_recipients", "to_data"])
def test_a_permanent_no_ends_it_with_a_line_in_the_audit_trail(
    office: Office, place: str
) -> None:
    with post_office() as post:
        office.use(post.port)
        office.queue()
        setattr(post, place, ["550 5.1.1 ana@example.com does not live here"])
        office.deliver()
    ((state, tries, outcome),) = office.rows()
    assert (state, tries) == ("refused", 1)
    assert outcome.endswith(" 550")
    (line,) = office.trail("mail.refused")
    assert line["detail"] == {"because": outcome, "template": "confirm"}


def test_one_refused_recipient_does_not_hold_up_the_next(office: Office) -> None:
    with post_office() as post:
        office.use(post.port)
        post.to_recipients = ["550 no"]
        for name in ("ana", "bo", "cy"):
            office.queue(f"{name}@example.com")
            office.clock.advance(seconds=1)
        office.deliver()
    assert [row[0] for row in office.rows("state")] == ["refused", "sent", "sent"]
    assert len(post.taken) == 2


def test_a_server_that_hangs_costs_one_deadline_and_the_message_waits(office: Office) -> None:
    with silent_server() as port:
        office.use(port)
        office.queue()
        office.queue("bo@example.com")
        assert office.deliver(seconds=0.2) == 0
    assert {tuple(row) for row in office.rows()} == {("waiting", 1, "timeout")}


def test_a_server_that_is_away_is_tried_for_three_days_and_then_given_up(
    office: Office,
) -> None:
    with silent_server() as port:
        pass
    office.use(port)
    office.queue()
    mailer = office.mailer(seconds=0.2)
    for _ in range(40):
        mailer.deliver(office.organisation)
        office.clock.advance(hours=2, minutes=20)
    ((state, tries, outcome),) = office.rows()
    assert (state, outcome) == ("given_up", "unreachable")
    assert 25 < tries < 40
    assert len(office.trail("mail.given_up")) == 1


def test_starttls_is_used_with_a_certificate_that_is_checked(
    office: Office, tmp_path: Path
) -> None:
    context, trusted = certificate(tmp_path)
    with post_office(context=context, login="cubalys:s3cret") as post:
        office.use(
            post.port,
            security=Security.STARTTLS,
            username="cubalys",
            password="s3cret",
        )
        office.queue()
        office.deliver()
        assert _first(office.rows()) == ("waiting", 1, "certificate")
        assert not post.taken
        office.clock.advance(hours=1)
        office.deliver(context=ssl.create_default_context(cafile=str(trusted)))
    (taken,) = post.taken
    assert (taken.tls, taken.user) == (True, "cubalys")


def test_a_certificate_of_another_name_is_no_certificate(
    office: Office, tmp_path: Path
) -> None:
    context, trusted = certificate(tmp_path, "elsewhere.example")
    with post_office(context=context, tls=True) as post:
        office.use(post.port, security=Security.TLS)
        office.queue()
        office.deliver(context=ssl.create_default_context(cafile=str(trusted)))
    assert _first(office.rows()) == ("waiting", 1, "certificate")
    assert not post.taken


def test_a_server_without_starttls_gets_no_word_in_clear(office: Office) -> None:
    with post_office() as post:
        office.use(post.port, security=Security.STARTTLS, username="cubalys", password="s3cret")
        office.queue()
        office.deliver()
    assert _first(office.rows()) == ("waiting", 1, "starttls")
    assert not post.taken


def test_a_wrong_password_waits_for_somebody_to_mend_it(office: Office, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(trusted))
    with post_office(context=context, login="cubalys:s3cret") as post:
        office.use(post.port, security=Security.STARTTLS, username="cubalys", password="wrong")
        office.queue()
        office.deliver(context=trust)
        assert _first(office.rows()) == ("waiting", 1, "login 535")
        office.use(post.port, security=Security.STARTTLS, username="cubalys", password="s3cret")
        office.clock.advance(minutes=2)
        office.deliver(context=trust)
    assert len(post.taken) == 1


def test_a_server_inside_is_not_called_unless_the_operator_vouches_for_it(
    office: Office,
) -> None:
    with post_office() as post:
        office.use(post.port)
        office.queue()
        office.deliver(allowed=frozenset())
        assert not post.taken
    assert _first(office.rows()) == ("waiting", 1, "address_refused")


def test_a_worker_killed_after_the_server_took_it_sends_it_again_under_the_same_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post_office() as post:
        office.use(post.port)
        office.queue()
        killed = office.mailer()
        monkeypatch.setattr(killed, "_write_down", lambda *_: None)
        killed.deliver(office.organisation)
        # Its lease still holds: nobody else sends it now.
        assert office.deliver() == 0
        office.clock.advance(minutes=4)
        assert office.deliver() == 1
    first, second = (each.message["Message-ID"] for each in post.taken)
    assert first == second
