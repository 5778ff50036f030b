"""Promise 11 in bytes: what a visitor's browser fetches for the banner, all in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server import notices, organisations
from consent_server.db import read, write
from consent_server.demo.sites import SLUGS, read_organisation
from consent_server.ids import new_id, public

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock

MOST = {"br": 8_192, "gzip": 9_300}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_demonstration_sites_banner_fits_the_budget_in_one_response(
    app: Flask, client: FlaskClient, clock: HandClock, slug: str
) -> None:
    document = read_organisation(slug, origin=f"http://{slug}.localhost:8001")
    with write(new_id()) as tx:
        applied = notices.apply_document(tx, document, actor="tests", now=clock())
    with read(applied.organisation) as tx:
        (only,) = organisations.sites_of(tx, applied.organisation)
    for lang in ("fr", "en"):
        for encoding, most in MOST.items():
            answer = client.get(
                f"/w/{public('site', only.id)}.js?lang={lang}",
                headers={"Accept-Encoding": encoding},
            )
            assert answer.headers["Content-Encoding"] == encoding
            assert len(answer.data) <= most, (slug, lang, encoding)
