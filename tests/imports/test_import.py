"""An import carries over what another tool knew, and no no is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consent_server.fsck import check_all
from tests.imports.conftest import counts, reasons

if TYPE_CHECKING:
    from tests.imports.conftest import Desk
    from tests.support.clock import HandClock

ADA = {"email": "ada@people.example"}
BEN = {"email": "ben@people.example"}
YES = """email,purpose,answer,decided_at,evidence
ada@people.example,newsletter,granted,2026-03-01T10:00:00Z,form of 1 March
ben@people.example,newsletter,refused,,
"""


def test_a_dry_run_says_what_would_happen_and_does_nothing(desk: Desk) -> None:
    told = desk.send(YES)
    assert (told["state"], told["dry_run"]) == ("done", True)
    assert counts(told) == (2, 2, 0, 0)
    assert desk.house.why(ADA) == "never_asked"
    assert desk.house.ask(BEN)["subject"] is None


def test_what_is_carried_over_is_what_the_lookup_answers(desk: Desk) -> None:
    done = desk.apply(YES)
    assert (done["state"], done["progress"], counts(done)) == ("done", 1.0, (2, 2, 0, 0))
    assert desk.house.why(ADA) == "consent"
    assert desk.house.why(BEN) == "refused"
    answer = desk.house.ask(ADA)
    shown = desk.house.get(f"/v1/decisions/{answer['decision']}").get_json()
    assert (shown["door"], shown["source"], shown["assertion"]) == (
        "import",
        "old-tool",
        "evidenced",
    )
    assert shown["evidence"] == "form of 1 March"
    assert shown["decided_at"] == "2026-03-01T10:00:00.000000Z"
    assert list(check_all()) == []


def test_every_row_has_its_leaf_and_its_event(desk: Desk) -> None:
    desk.apply(YES)
    desk.house.integrate()
    told = desk.house.get("/v1/events").get_json()["events"]
    types = sorted(each["type"] for each in told if each["subject"])
    assert types == ["consent.granted", "consent.refused"]
    decision = desk.house.ask(ADA)["decision"]
    assert desk.house.get(f"/v1/decisions/{decision}/proof").status_code == 200


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.apply(YES)
    first = desk.house.ask(ADA)
    assert counts(desk.send(YES)) == (2, 0, 2, 0)
    assert counts(desk.apply(YES)) == (2, 0, 2, 0)
    assert desk.house.ask(ADA) == first


def test_anchors_9_an_import_never_turns_a_no_into_a_yes(desk: Desk, clock: HandClock) -> None:
    desk.house.tell(ADA)
    clock.advance(hours=1)
    no = {"subject": ADA, "choices": {"newsletter": "withdrawn"}, "source": "phone"}
    desk.house.post("/v1/decisions", no)
    clock.advance(days=1)
    for run in (desk.send, desk.apply):
        done = run(YES)
        assert counts(done) == (2, 1, 0, 1)
        assert reasons(done) == {"later_no": [2]}
    assert desk.house.why(ADA) == "withdrawn"


def test_after_a_no_a_later_yes_needs_evidence(desk: Desk, clock: HandClock) -> None:
    no = {"subject": ADA, "choices": {"newsletter": "withdrawn"}, "source": "phone"}
    desk.house.post("/v1/decisions", no)
    later = desk.house.at(clock.advance(days=2) - timedelta(days=1))
    row = f"email,purpose,answer,decided_at,notice_version\n{ADA['email']},newsletter,granted,"
    done = desk.apply(f"{row}{later},{desk.house.form}\n")
    assert reasons(done) == {"unproven": [2]}
    assert desk.house.why(ADA) == "refused"
    assert counts(desk.apply(f"{row}{later},\n", evidence="letter 7")) == (1, 1, 0, 0)
    assert desk.house.why(ADA) == "consent"


def test_a_no_anywhere_in_the_file_is_there_before_any_yes(desk: Desk) -> None:
    head, yes, _ = YES.splitlines()
    no = "ada@people.example,newsletter,refused,,"
    for text in (f"{head}\n{yes}\n{no}\n", f"{head}\n{no}\n{yes}\n"):
        tried = desk.send(text)
        assert counts(tried) == (2, 1, 0, 1)
    done = desk.apply(f"{head}\n{yes}\n{no}\n")
    assert reasons(done) == {"later_no": [2]}
    assert desk.house.why(ADA) == "refused"


def test_a_suppressed_address_stays_so(desk: Desk) -> None:
    blocked = "email,status\nada@people.example,blocklisted\n"
    assert counts(desk.apply(blocked, preset="listmonk"))[1] == 1
    assert desk.house.why(ADA) == "suppressed"
    done = desk.apply(YES)
    assert reasons(done) == {"suppressed": [2]}
    assert counts(desk.apply(blocked, preset="listmonk")) == (1, 0, 1, 0)
    assert list(check_all()) == []


def test_who_was_erased_is_not_brought_back_by_a_file(desk: Desk, clock: HandClock) -> None:
    desk.apply(YES)
    desk.house.post("/v1/subjects/erase", {"subject": ADA, "reason": "asked by letter"})
    clock.advance(hours=1)
    text = YES.replace("form of 1 March", "form of 2 March")
    for _ in range(2):
        done = desk.apply(text)
        assert reasons(done) == {"suppressed": [2]}
        assert desk.house.why(ADA) == "erased"
    assert counts(desk.apply(YES))[1] == 0
    assert not desk.house.ask(ADA)["allowed"]
    assert list(check_all()) == []


def test_facts_alone_make_somebody_known(desk: Desk) -> None:
    text = (
        "email,relationship,since,capacity,country\n"
        "ada@people.example,prospect,2026-01-05,professional,fr\n"
    )
    assert counts(desk.apply(text)) == (1, 1, 0, 0)
    assert desk.house.why(ADA, "newsletter.professional") == "legitimate_interest"
    assert counts(desk.apply(text)) == (1, 0, 1, 0)


def test_one_file_of_several_identifiers_names_one_person(desk: Desk) -> None:
    text = (
        "external_id,email,phone,purpose,answer,decided_at,evidence\n"
        "crm-7,ada@people.example,06 12 34 56 78,newsletter,granted,2026-03-01,scan 4\n"
        "crm-8,ben@people.example,,newsletter,granted,2026-03-01,scan 5\n"
        "crm-8,ada@people.example,,newsletter,granted,2026-03-01,scan 6\n"
    )
    done = desk.apply(text)
    assert reasons(done) == {"identifiers_disagree": [4]}
    assert desk.house.why({"external_id": "crm-7"}) == "consent"
    assert desk.house.why({"phone": "+33612345678"}) == "consent"


def test_who_may_not_import_is_told_so_and_nothing_is_kept(desk: Desk) -> None:
    answer = desk.house.client.post("/v1/imports", data=YES, content_type="text/csv")
    assert answer.status_code == 401
