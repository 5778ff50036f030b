"""Journey 3: may we? One answer, with its reason; doubt means no (design.md §4 and §6)."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.clock import rfc3339
from tests.support.running import FOLDER, ONE_CLICK, apply, somebody

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.running import Running

PROFESSIONAL = {"relationships": [{"kind": "prospect"}], "capacity": "professional"}


def test_yes_for_someone_who_agreed_with_all_that_a_tool_must_know(running: Running) -> None:
    ada = somebody()
    written = running.agree(ada)
    answer = running.ask({"email": ada})
    assert answer["allowed"] is True
    assert answer["because"] == "consent"
    assert answer["basis"] == answer["regime"] == "consent"
    assert answer["decision"] == written["id"]
    assert answer["notice_version"] == running.form
    assert answer["subject"] == written["subject"]
    assert answer["expires_at"] > answer["as_of"] > answer["since"]


def test_the_same_person_however_the_tool_knows_them(running: Running) -> None:
    ada = somebody()
    running.tell({"email": ada, "external_id": ada[:8]}, {"newsletter": "granted"})
    user, host = ada.split("@")
    digest = hashlib.sha256(ada.encode()).hexdigest()
    for subject in (
        {"email": f"{user}@{host.upper()}"},
        {"external_id": ada[:8]},
        {"sha256_email": digest},
        {"sha256_email": digest.upper()},
    ):
        assert running.ask(subject)["because"] == "consent", subject


def never_asked(_: Running, __: str) -> None:
    """Do nothing: nobody knows this person."""


def refuse(running: Running, ada: str) -> None:
    """Say no at once."""
    running.tell({"email": ada}, {"newsletter": "refused"})


def withdraw(running: Running, ada: str) -> None:
    """Say yes, then leave by the link."""
    running.agree(ada)
    click(running, ada, "newsletter")


def expire(running: Running, ada: str) -> None:
    """Say a yes, with evidence, longer ago than it holds."""
    long_ago = rfc3339(datetime.now(UTC) - timedelta(days=365 * 3 + 30))
    said = {"assertion": "evidenced", "evidence": "form 1193", "decided_at": long_ago}
    running.tell({"email": ada}, {"newsletter": "granted"}, **said)


def suppress(running: Running, ada: str) -> None:
    """Say yes, then leave everything."""
    running.agree(ada)
    click(running, ada, "marketing")


def say_without_weight(running: Running, ada: str) -> None:
    """Have somebody say that the person said yes."""
    running.tell({"email": ada}, {"newsletter": "granted"}, assertion="asserted")


@pytest.mark.parametrize(
    ("deed", "because"),
    [
        (never_asked, "never_asked"),
        (refuse, "refused"),
        (withdraw, "withdrawn"),
        (expire, "expired"),
        (suppress, "suppressed"),
        (say_without_weight, "unproven"),
    ],
)
def test_no_with_its_reason_where_consent_is_needed(
    running: Running, deed: Any, because: str
) -> None:
    ada = somebody()
    deed(running, ada)
    answer = running.ask({"email": ada}, explain="full")
    assert (answer["allowed"], answer["because"]) == (False, because)
    assert set(answer["explanation"]) >= {"fr", "en"}


def test_legitimate_interest_needs_a_known_tie_and_ends_with_an_objection(
    running: Running,
) -> None:
    ada, purpose = somebody(), "newsletter.professional"
    assert running.ask({"email": ada}, purpose)["because"] == "never_asked"
    known: dict[str, Any] = {"identifiers": [{"email": ada}], "source": "meeting"}
    running.post("/v1/subjects", known, status=201)
    assert running.ask({"email": ada}, purpose)["because"] == "information_missing"
    running.post("/v1/subjects", {**known, **PROFESSIONAL}, status=201)
    assert running.ask({"email": ada}, purpose)["because"] == "legitimate_interest"
    click(running, ada, purpose)
    assert running.ask({"email": ada}, purpose)["because"] == "objected"


def test_data_from_a_third_party_need_the_date_on_which_the_person_was_told(
    running: Running,
) -> None:
    ada, purpose = somebody(), "newsletter.professional"
    bought = {"identifiers": [{"email": ada}], "source": "google-api", **PROFESSIONAL}
    running.post("/v1/subjects", bought, status=201)
    assert running.ask({"email": ada}, purpose)["because"] == "information_missing"
    told = rfc3339(datetime.now(UTC) - timedelta(days=2))
    running.post("/v1/subjects", {**bought, "informed_at": told}, status=201)
    assert running.ask({"email": ada}, purpose)["because"] == "legitimate_interest"


def test_a_purpose_that_nobody_declared_is_a_no_and_not_an_error(running: Running) -> None:
    answer = running.ask({"email": somebody()}, "carrier_pigeons")
    assert (answer["allowed"], answer["because"]) == (False, "unknown_purpose")


def test_a_family_and_a_channel_name_a_purpose(running: Running) -> None:
    ada = somebody()
    running.tell({"email": ada}, {"prospecting.email": "granted"}, **evidence())
    by_mail = running.ask({"email": ada}, "prospecting", channel="email")
    by_phone = running.ask({"email": ada}, "prospecting", channel="phone")
    assert (by_mail["because"], by_mail["purpose"]) == ("consent", "prospecting.email")
    assert (by_phone["because"], by_phone["allowed"]) == ("never_asked", False)


def test_a_call_needs_a_yes_that_is_at_most_a_year_old(running: Running) -> None:
    number = f"+3319900{secrets.randbelow(10**4):04}"
    old = rfc3339(datetime.now(UTC) - timedelta(days=366))
    said = {"prospecting.phone": "granted"}
    running.tell({"phone": number}, said, decided_at=old, **evidence())
    assert running.ask({"phone": number}, "prospecting.phone")["because"] == "expired"
    running.tell({"phone": number}, said, **evidence())
    national = f"0{number[3:5]} {number[5:]}"
    answer = running.ask({"phone": national}, "prospecting.phone")
    # The clock is the machine's own: outside the hours of calls a yes waits for them.
    assert answer["because"] in {"consent", "not_now"}
    assert answer["allowed"] == ("next_permitted_at" not in answer)


def test_several_questions_are_answered_in_their_order(running: Running) -> None:
    ada = somebody()
    running.agree(ada)
    asked = ["newsletter", "nothing", "prospecting.email"]
    body = {"subject": {"email": ada}, "questions": [{"purpose": each} for each in asked]}
    told = running.post("/v1/permissions", body, status=200)["permissions"]
    assert [each["because"] for each in told] == ["consent", "unknown_purpose", "never_asked"]


def test_any_past_moment_can_be_asked_about(running: Running) -> None:
    ada = somebody()
    before = now()
    running.agree(ada)
    between = now()
    click(running, ada, "newsletter")
    asked = {"email": ada}
    assert running.ask(asked, at=before)["because"] == "never_asked"
    assert running.ask(asked, at=between)["because"] == "consent"
    assert running.ask(asked, at=now())["because"] == "withdrawn"
    assert running.ask(asked)["because"] == "withdrawn"


def test_a_yes_to_words_that_have_changed_since_is_superseded(
    running: Running, tmp_path: Path
) -> None:
    ada = somebody()
    running.agree(ada, "prospecting.email")
    text = (FOLDER / "cubalys.yaml").read_text("utf-8")
    changed = text.replace(
        "Our sales team writes to you about our offers.",
        "Our sales team and our partners write to you about their offers.",
    )
    assert changed != text
    file = tmp_path / "cubalys.yaml"
    file.write_text(changed, "utf-8")
    apply(running.deployment, file, running.origin)
    try:
        answer = running.ask({"email": ada}, "prospecting.email")
        assert (answer["allowed"], answer["because"]) == (False, "superseded")
    finally:
        apply(running.deployment, FOLDER / "cubalys.yaml", running.origin)


def test_the_command_gives_the_same_answer_as_the_interface(running: Running) -> None:
    ada = somebody()
    running.agree(ada)
    words = ("lookup", running.slug, ada, "newsletter", "--json")
    assert json.loads(running.command(*words))["because"] == "consent"
    click(running, ada, "newsletter")
    told = json.loads(running.deployment.run(*words).stdout)
    assert (told["allowed"], told["because"]) == (False, "withdrawn")


def evidence() -> dict[str, str]:
    """Say how a yes is known."""
    return {"assertion": "evidenced", "evidence": "signed form 2209"}


def now() -> str:
    """Write this moment."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def click(running: Running, email: str, purpose: str) -> None:
    """Leave by the link, as a mailbox does."""
    assert running.http.post(running.link(email, purpose), data=ONE_CLICK).status_code == 200
