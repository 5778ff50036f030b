"""A published banner is shown again as it was, with images, and the ledger has their hashes."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consent_server import ledger
from consent_server.db import read
from consent_server.experience.preview import Previewed, preview_token
from consent_server.experience.replay import draw
from consent_server.experience.replay.keep import keep_replays
from consent_server.experience.replay.read import Kept, kept_of
from consent_server.ids import parse
from consent_server.notices import version
from consent_server.organisations import keys_of
from consent_server.verify import verify_bundle
from consent_server.web import current
from tests.support.ground import ground

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
IMAGES = {"first.desktop", "first.phone", "second.desktop", "second.phone"}


def kept_in(house: House, number: str) -> list[Kept]:
    with read(house.organisation) as tx:
        return kept_of(tx, house.organisation, parse("ntv", number) or 0)


def record_of(house: House, record: int) -> dict[str, Any]:
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with read(house.organisation) as tx:
        proof = ledger.prove(
            tx,
            organisation=house.organisation,
            record_id=record,
            keys=keys_of(house.organisation, tx),
            signer=signer,
            opening=False,
        )
    keys = proof["checkpoint_keys"]
    assert isinstance(keys, list)
    assert verify_bundle(proof, keys=keys).holds
    told: dict[str, Any] = json.loads(str(proof["record"]))
    return told


@dataclass
class Shown:
    """A house whose banner was kept by a machine that has a browser."""

    house: House
    kept: list[Kept]


@pytest.fixture(scope="module")
def shown(ground: Ground) -> Shown:
    house = ground.ours
    assert keep_replays(house.organisation) == 1
    house.integrate()
    return Shown(house, kept_in(house, house.banner))


def test_cnil_11_each_language_is_kept_as_a_page_and_as_images_of_both_layers(
    shown: Shown,
) -> None:
    views = {(each.language, each.view) for each in shown.kept}
    assert views == {(code, view) for code in ("en", "fr") for view in {"page", *IMAGES}}
    for each in shown.kept:
        assert each.content is not None, each.why
        assert hashlib.sha256(each.content).hexdigest() == each.hash
        if each.is_page:
            continue
        width, height = struct.unpack(">II", each.content[16:24])
        assert height in {800, 844}
        assert width == (1280 if each.view.endswith("desktop") else width)
    images = [each.hash for each in shown.kept if not each.is_page]
    assert len(set(images)) == len(images), "each shows something else"


def test_cnil_11_the_ledger_has_the_hash_of_each_and_of_the_code(shown: Shown) -> None:
    record = record_of(shown.house, shown.kept[0].record)
    with read(shown.house.organisation) as tx:
        own = version(tx, shown.house.organisation, parse("ntv", shown.house.banner) or 0)
    assert own is not None
    assert (record["kind"], record["notice_hash"]) == ("notice_replay", own.content_hash)
    assert record["views"]["fr"]["page"] == next(
        each.hash for each in shown.kept if (each.language, each.view) == ("fr", "page")
    )
    # The same name that decisions give the code which asked them.
    script = shown.house.client.get(f"/w/{shown.house.site}.js?lang=fr").get_data(as_text=True)
    assert record["script"] in script


def test_it_is_kept_once(shown: Shown) -> None:
    assert keep_replays(shown.house.organisation) == 0


def test_a_new_version_is_kept_beside_the_old_one_and_marks_what_was_not_taken(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = ground.theirs
    monkeypatch.setattr(draw, "browser", lambda: None)
    assert keep_replays(house.organisation) == 1
    kept = kept_in(house, house.banner)
    assert {each.why for each in kept if not each.is_page} == {"no_browser"}
    assert all(each.content for each in kept if each.is_page)
    house.integrate()
    views = record_of(house, kept[0].record)["views"]["fr"]
    assert views["first.phone"] == "not taken: no_browser"


@pytest.mark.parametrize("program", ["/bin/false", "/nonexistent"])
def test_a_browser_that_fails_leaves_the_page(
    shown: Shown, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = next(each.content for each in shown.kept if each.is_page)
    assert page is not None
    assert set(draw.draw(program, page).values()) == {None}


def test_the_page_shows_the_banner_again_and_asks_nobody(
    shown: Shown, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = next(each for each in shown.kept if (each.language, each.view) == ("fr", "page"))
    file = tmp_path_factory.mktemp("replay") / page.file
    file.write_bytes(page.content or b"")
    asked: list[str] = []
    faults: list[str] = []
    opened = browser.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(file.as_uri())
    opened.get_by_role("button", name="Tout refuser").wait_for()
    opened.goto(f"{file.as_uri()}#second")
    opened.reload()
    opened.get_by_role("switch").first.wait_for()
    opened.close()
    assert faults == []
    assert all(url.startswith("file://") for url in asked)


def test_staff_see_it_by_a_signed_link_and_nobody_else(shown: Shown) -> None:
    house = shown.house
    with read(house.organisation) as tx:
        own = version(tx, house.organisation, parse("ntv", house.banner) or 0)
    assert own is not None
    what = Previewed(house.organisation, own.notice_id, own.id)
    link = f"/preview/{preview_token(what, lasts=timedelta(days=1))}"
    assert "/kept" in house.client.get(link).get_data(as_text=True)
    for language, said in (("fr", "Première couche"), ("en", "First layer")):
        page = house.client.get(f"{link}/kept?lang={language}").get_data(as_text=True)
        assert said in page
        assert all((each.hash or "") in page for each in shown.kept)
    for each in shown.kept:
        answer = house.client.get(f"{link}/kept/{each.hash}")
        assert answer.data == each.content
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert house.client.get(f"{link}/kept/{'0' * 64}").status_code == 404
    assert house.client.get(f"{link[:-2]}xx/kept").status_code == 404
    draft = preview_token(
        Previewed(house.organisation, own.notice_id, None), lasts=timedelta(days=1)
    )
    assert "/kept/" not in house.client.get(f"/preview/{draft}/kept").get_data(as_text=True)
