"""Who stamped the time: the page and the command ask the same of a stamp, and say the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import rfc3161_client as tsp

from consent_server.ledger.bundle import bundle_bytes
from consent_server.ledger.der import certificates_in_order
from consent_server.verify.log_proof import read_log_proof
from tests.support.authority import Authority
from tests.verify.make import CLOSED, OPENED_FILE, VKEY
from tests.verify.test_page import ask, flipped, give, page, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

__all__ = ["page"]


def stamped(*by: Authority) -> bytes:
    """Give a proof whose head these authorities stamped."""
    text = read_log_proof(CLOSED.tlog_proof).signed_text
    asked = tsp.TimestampRequestBuilder().data(text).hash_algorithm(tsp.HashAlgorithm.SHA256)
    query = asked.build().as_bytes()
    stamps = [
        tsp.decode_timestamp_response(certificates_in_order(each.stamp(query))) for each in by
    ]
    return bundle_bytes(replace(CLOSED, stamps=[each.time_stamp_token() for each in stamps]))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "rsa") as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    key = ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")
    with Authority(tmp_path_factory.mktemp("authority") / "ec", key=key) as running:
        yield running


def pem(authority: Authority, name: str) -> bytes:
    return (authority.folder / f"{name}.pem").read_bytes()


def test_ts_3_the_page_finds_of_a_stamp_what_the_command_finds(
    page: Page, authority: Authority, other: Authority
) -> None:
    one, two, both = stamped(authority), stamped(other), stamped(authority, other)
    trusting = {
        name: [pem(authority, name), pem(other, name), pem(authority, name) + pem(other, name)]
        for name in ("root", "stamper")
    }
    for each in (b"", *trusting["root"], *trusting["stamper"]):
        found = ask(page, [one, two, both, OPENED_FILE], [VKEY], pem=each)
        assert found == [said(file, [VKEY], pem=each) for file in (one, two, both, OPENED_FILE)]
        # By whom one trusts, and by nobody else; both, only where both are trusted.
        expected = {
            b"": [True, True, True],
            trusting["root"][0]: [True, False, False],
            trusting["root"][1]: [False, True, False],
        }.get(each)
        assert expected is None or [answer["holds"] for answer in found[:3]] == expected
    assert "proved stamped" in ask(page, [both], [VKEY], pem=trusting["root"][2])[0]["codes"]
    assert "not_proved stamp_unvouched" in ask(page, [both], [VKEY])[0]["codes"]


@pytest.mark.parametrize("trusted", ["root", "stamper"])
def test_111_a_flipped_bit_of_a_stamp_is_refused_by_the_page_too(
    page: Page, authority: Authority, other: Authority, trusted: str
) -> None:
    for by in (authority, other):
        file = stamped(by)
        at = file.index(b'"stamps":["') + len(b'"stamps":["')
        end = file.index(b'"]', at)
        files = [flipped(file, each) for each in range(at, end, 7)]
        found = ask(page, files, [VKEY], pem=pem(by, trusted))
        assert [each["holds"] for each in found] == [False] * len(files)


def test_a_reader_pins_the_authority_and_reads_who_it_was(
    page: Page, authority: Authority, other: Authority
) -> None:
    page.fill("#key", VKEY)
    give(page, stamped(authority))
    verdict = page.locator("#verdict")
    verdict.get_by_text("for whom nobody has vouched here").wait_for(state="attached")
    page.locator("#verdict details summary").first.click()
    page.fill("#authority", "nonsense")
    assert "This is no certificate" in page.locator("#authority-wrong").inner_text()
    assert verdict.is_hidden()
    page.fill("#authority", pem(other, "root").decode())
    verdict.get_by_text("Do not rely on this file.").wait_for()
    page.fill("#authority", pem(authority, "root").decode())
    verdict.get_by_text("The proof holds.").wait_for()
    page.locator("#verdict details summary").first.click()
    assert "The authority CN=Stamper of tests stamped this head" in verdict.inner_text()
    page.click("#language")
    verdict.get_by_text("L’autorité CN=Stamper of tests a horodaté").wait_for(state="attached")
