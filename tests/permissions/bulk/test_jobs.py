"""A list that is left, answered by the worker, fetched, and deleted on its date."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import read
from consent_server.ids import public
from consent_server.organisations import keys_of
from consent_server.permissions.bulk import carry, jobs, work
from consent_server.permissions.bulk.briefs.mark import digest_of, name_of
from consent_server.permissions.bulk.clearance import campaigns_about
from consent_server.web import current

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.house import House

JOBS = "/v1/permissions/jobs"
QUESTION = b"name,email\nAnna,anna@example.org\nBen,ben@example.org\nCy,nobody\n"


def leave(house: House, body: bytes, media: str = "text/csv", **more: Any) -> TestResponse:
    headers = {**house.headers, "Content-Type": media, **more.pop("headers", {})}
    query = {"purpose": "newsletter", **more}
    return house.client.post(JOBS, data=body, query_string=query, headers=headers)


def left(house: House, body: bytes = QUESTION, media: str = "text/csv", **more: Any) -> Any:
    answer = leave(house, body, media, **more)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return answer.get_json()


def show(house: House, job: str) -> Any:
    return house.get(f"{JOBS}/{job}").get_json()


def carry_on(house: House, batches: int = 1_000_000) -> None:
    """Let the worker come by, and be stopped after so many batches."""
    asked = iter(range(batches))
    work.carry_on([house.organisation], lambda: next(asked, None) is None)


def files(house: House) -> set[str]:
    folder = jobs.folder(current.settings().data)
    return {path.name.rpartition(".")[2] for path in folder.iterdir()}


@pytest.fixture
def known(house: House) -> House:
    assert house.tell({"email": "anna@example.org"}).status_code == 201
    return house


def test_a_list_is_left_answered_and_fetched_with_its_clearance(known: House) -> None:
    job = left(known)
    assert (job["state"], job["progress"], job["result"]) == ("waiting", 0, None)
    assert known.get(f"{JOBS}/{job['id']}/result").status_code == 409
    carry_on(known)
    done = show(known, job["id"])
    assert (done["state"], done["progress"], done["asked"]) == ("done", 1.0, 3)
    assert done["counts"] == {"consent": 1, "never_asked": 1, "unreadable": 1}
    result = known.get(done["result"])
    lines = result.get_data(as_text=True).splitlines()
    assert lines[0] == "name,email,allowed,because,regime,decision,since,expires_at"
    assert [line.split(",")[3] for line in lines[1:]] == [
        "consent",
        "never_asked",
        "unreadable",
    ]
    clearance = known.get(f"/v1/clearances/{done['clearance']}").get_json()
    assert result.headers["Consent-Clearance"] == done["clearance"] == clearance["id"]
    assert clearance["question_sha256"] == hashlib.sha256(QUESTION).hexdigest()
    assert clearance["answer_sha256"] == hashlib.sha256(result.get_data()).hexdigest()
    assert clearance["counts"] == done["counts"]
    assert [each["id"] for each in known.get(JOBS).get_json()["jobs"]] == [job["id"]]


def test_an_answer_in_ndjson_ends_with_its_clearance_and_gzip_goes_both_ways(
    known: House,
) -> None:
    question = gzip.compress(b'{"email": "anna@example.org"}\n{"email": "new@example.org"}\n')
    sent = {"Content-Encoding": "gzip"}
    job = left(known, question, "application/x-ndjson", only="allowed", headers=sent)
    carry_on(known)
    result = known.client.get(
        f"{JOBS}/{job['id']}/result", headers={**known.headers, "Accept-Encoding": "gzip"}
    )
    line, last = gzip.decompress(result.get_data()).splitlines(keepends=True)
    clearance = json.loads(last)["clearance"]
    assert clearance["answer_sha256"] == hashlib.sha256(line).hexdigest()
    assert clearance["counts"] == {"consent": 1, "never_asked": 1}


def test_the_files_are_sealed_and_the_question_goes_when_it_is_answered(known: House) -> None:
    left(known)
    assert files(known) == {"question"}
    carry_on(known)
    assert files(known) == {"answer"}
    (path,) = jobs.folder(current.settings().data).iterdir()
    assert b"anna" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_list_that_was_broken_off_goes_on_where_it_stood(known: House) -> None:
    """Stopped after its first batch, with torn bytes behind it, as a kill leaves them."""
    question = b"email\n" + b"".join(b"p%d@example.org\n" % each for each in range(300))
    whole = left(known, question)
    carry_on(known)
    job = left(known, question)
    carry_on(known, batches=1)
    half = show(known, job["id"])
    assert (half["state"], half["asked"]) == ("running", 100)
    assert half["clearance"] is None
    with read(known.organisation) as tx:
        found = jobs.find(tx, known.organisation, job["id"])
    _, answer = jobs.files_of(known.organisation, found.id, current.settings().data)
    with answer.open("ab") as torn:
        torn.write(b"torn")
    carry_on(known)
    done = show(known, job["id"])
    assert (done["state"], done["asked"], done["counts"]) == ("done", 300, {"never_asked": 300})
    results = [known.get(f"{JOBS}/{each['id']}/result").get_data() for each in (whole, job)]
    assert results[0] == results[1]
    clearance = known.get(f"/v1/clearances/{done['clearance']}").get_json()
    assert clearance["answer_sha256"] == hashlib.sha256(results[1]).hexdigest()


def test_promise_2_a_withdrawal_between_two_batches_is_a_no_in_the_second(
    known: House,
) -> None:
    question = b"email\n" + b"p@example.org\n" * 100 + b"anna@example.org\n"
    job = left(known, question)
    carry_on(known, batches=1)
    gone = known.told({"email": "anna@example.org"}, choices={"newsletter": "withdrawn"})
    assert known.post("/v1/decisions", gone).status_code == 201
    carry_on(known)
    assert show(known, job["id"])["counts"] == {"never_asked": 100, "withdrawn": 1}


def test_nobody_carries_on_what_somebody_else_holds(known: House) -> None:
    job = left(known)
    (path,) = jobs.folder(current.settings().data).iterdir()
    with carry.held(path) as mine:
        assert mine
        carry_on(known)
        assert show(known, job["id"])["state"] == "waiting"
    carry_on(known)
    assert show(known, job["id"])["state"] == "done"


def test_a_list_that_was_damaged_fails_and_says_so_without_a_clearance(known: House) -> None:
    job = left(known)
    (path,) = jobs.folder(current.settings().data).iterdir()
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    carry_on(known)
    failed = show(known, job["id"])
    assert (failed["state"], failed["clearance"]) == ("failed", None)
    assert "send it again" in failed["because"]
    assert files(known) == set()


def test_a_list_is_deleted_by_hand_or_on_its_date_and_its_clearance_stays(
    known: House,
) -> None:
    first, second = left(known), left(known)
    carry_on(known)
    carry_on(known)
    gone = known.client.delete(f"{JOBS}/{first['id']}", headers=known.headers)
    assert gone.status_code == 204
    assert known.get(f"{JOBS}/{first['id']}").status_code == 404
    done = show(known, second["id"])
    assert done["delete_at"] > done["finished_at"]
    known.clock.advance(days=8)
    work.tidy(known.organisation)
    assert known.get(f"{JOBS}/{second['id']}/result").status_code == 404
    assert files(known) == set()
    assert known.get(f"/v1/clearances/{done['clearance']}").status_code == 200


def test_a_list_that_cannot_be_read_is_refused_at_once_and_nothing_is_kept(
    known: House,
) -> None:
    for body, media, status in (
        (b"", "text/csv", 422),
        (b"anna@example.org\n", "text/csv", 422),
        (QUESTION, "application/json", 415),
    ):
        refused = leave(known, body, media)
        assert refused.status_code == status
        assert "anna" not in refused.get_data(as_text=True)
    assert leave(known, QUESTION, headers={"Content-Encoding": "gzip"}).status_code == 400
    assert files(known) == set()
    assert known.get(JOBS).get_json() == {"jobs": []}


def test_so_many_lists_may_wait_and_no_more(
    known: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_OPEN", 1)
    left(known)
    refused = leave(known, QUESTION)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_jobs")
    assert int(refused.headers["Retry-After"]) > 0
    carry_on(known)
    left(known)


def test_a_list_that_was_left_is_remembered_by_all_it_asked_about(known: House) -> None:
    # Some of them before it was broken off.
    job = left(known, b"email\n" + b"".join(b"p%d@example.org\n" % each for each in range(150)))
    carry_on(known, batches=1)
    assert show(known, job["id"])["state"] == "running"
    carry_on(known)
    clearance = show(known, job["id"])["clearance"]
    keys = keys_of(known.organisation)
    with read(known.organisation) as tx:
        for name, told in (("p0", True), ("p149", True), ("other", False)):
            digest = digest_of("email", f"{name}@example.org")
            hashes = [name_of(keys, digest, keys.index_version)]
            found = campaigns_about(tx, known.organisation, hashes)
            assert ([public("clr", each) for each in found] == [clearance]) is told
