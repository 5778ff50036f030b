"""An archive carries the time from outside, and the certificates that tell whose it is."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from cryptography.x509 import load_pem_x509_certificates

from consent_server import ledger
from consent_server.db import read
from consent_server.ledger.stamp import Stamper
from consent_server.outgoing.calls import Calls
from consent_server.verify import verify_dispute
from consent_server.web import current
from tests.proofs.test_dispute import ADA, prove
from tests.support.authority import Authority
from tests.support.ground import ground

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.ground import Ground

__all__ = ["ground"]


@contextmanager
def trusting(ground: Ground, roots: Path) -> Iterator[None]:
    """Let the deployment name the authorities it trusts."""
    kept = ground.app.extensions["consent.settings"]
    ground.app.extensions["consent.settings"] = replace(kept, timestamp_roots=roots)
    yield
    ground.app.extensions["consent.settings"] = kept


@pytest.fixture
def stamped(ground: Ground, tmp_path: Path) -> Iterator[tuple[Path, Authority]]:
    """Give the archive of one yes whose log an authority has stamped."""
    with Authority(tmp_path / "tsa") as authority:
        # The authority's clock is the machine's.
        now = datetime.now(UTC)
        ground.clock.advance(seconds=(now - ground.clock()).total_seconds())
        ground.ours.tell({"email": ADA})
        ground.ours.integrate()
        stamper = Stamper(
            clock=ground.clock,
            calls=Calls(allowed={authority.place}),
            authorities=[authority.url],
            every=timedelta(0),
            roots=load_pem_x509_certificates(authority.roots.read_bytes()),
        )
        assert stamper.pass_once() == 1
        target = tmp_path / "stamped.zip"
        with trusting(ground, authority.roots):
            answer = prove(target, "--subject", ADA, "--purpose", "newsletter")
        assert answer.exit_code == 0, answer.output
        yield target, authority


def test_ts_1_the_stamp_is_in_the_archive_and_checked_with_it(
    stamped: tuple[Path, Authority],
) -> None:
    target, authority = stamped
    with read() as tx:
        signer = ledger.LogSigner.of(current.settings(), current.keyring())
        keys = [ledger.key_of_log(tx, signer, ledger.MAIN_LOG).vkey]
    with ZipFile(target) as archive:
        inside = archive.read("keys/authorities.pem")
        cover = archive.read("index.en.html").decode()
    assert inside == authority.roots.read_bytes()
    assert "openssl ts -verify" in cover

    def told(roots: bytes | None) -> tuple[bool, set[str]]:
        verdict = verify_dispute(
            target.read_bytes(), keys=keys, identifier=ADA, authorities=roots
        )
        return verdict.holds, {each.code for each in verdict.findings}

    holds, codes = told(inside)
    assert holds
    assert "stamped" in codes
    holds, codes = told(None)
    assert holds
    assert "stamped" not in codes
