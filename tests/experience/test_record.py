"""The visitor's own record in the banner: fetched apart, in the page's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.notices.built_in import built_in_words

if TYPE_CHECKING:
    from tests.support.house import House


def test_it_is_one_module_in_the_readers_language_for_whoever_embeds_the_banner(
    house: House,
) -> None:
    answer = house.client.get(f"/w/{house.site}.record.js?lang=fr")
    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    text = answer.get_data(as_text=True)
    assert text.count("export default") == 1
    assert "Mes choix enregistrés sur ce site" in text
    assert house.site in text
    assert house.client.get("/w/site_0000000000001.record.js").status_code == 404


def test_the_banners_one_response_carries_where_to_fetch_it_and_no_word_of_it(
    house: House,
) -> None:
    text = house.client.get(f"/w/{house.site}.js?lang=fr").get_data(as_text=True)
    assert ".record.js?lang=" in text
    words = built_in_words("banner")["fr"]
    for name in ("record", "record_none", "download", "erase", "erase_sure", "receipt"):
        assert words[name] not in text


@pytest.mark.parametrize("language", sorted(built_in_words("banner")))
def test_it_asks_before_it_erases_in_every_language(language: str) -> None:
    words = built_in_words("banner")[language]
    assert len({words["erase"], words["erase_sure"], words["erased"]}) == 3
    assert len(words["erase"]) <= 34
