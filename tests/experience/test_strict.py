"""The second way: code under the name of its bytes, checked by the browser, and JSON."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from consent_server.experience.embed_cli import embed_command
from tests.support.document import apply
from tests.support.house import ORIGIN
from tests.support.script import read_configuration, read_script

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House


def told(house: House) -> dict[str, Any]:
    done = CliRunner().invoke(embed_command, [house.site, "--lang", "fr", "--json"])
    assert done.exit_code == 0, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def path(house: House, kind: str = "js") -> str:
    return f"/w/{house.site}.{told(house)['strict']['digest']}.{kind}"


def test_the_code_is_named_and_checked_by_its_own_bytes_and_kept_for_good(
    house: House,
) -> None:
    answer = house.client.get(path(house))
    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    digest = base64.b64encode(hashlib.sha384(answer.data).digest()).decode()
    assert told(house)["strict"]["integrity"] == f"sha384-{digest}"
    assert hashlib.sha256(answer.data).hexdigest().startswith(told(house)["strict"]["digest"])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_code_holds_no_configuration_and_is_one_for_all_languages(house: House) -> None:
    plain = house.client.get(path(house))
    assert house.client.get(f"{path(house)}?lang=de").data == plain.data
    text = plain.get_data(as_text=True)
    assert house.site not in text
    assert "__CONSENT_" not in text


def test_the_configuration_is_what_the_usual_script_carries(house: House) -> None:
    answer = house.client.get(f"{path(house, 'json')}?lang=fr", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    usual = house.client.get(f"/w/{house.site}.js?lang=fr").get_data(as_text=True)
    strict = read_configuration(answer.get_json())
    # All but the visitor's record: its code is checked too, so its words come with the rest.
    record = strict["modules_"].pop("record")
    assert record["words"]["record"] == "Mes choix enregistrés sur ce site"
    other = {"modules_": strict["modules_"], "script_": strict["script_"]}
    assert {**read_script(usual)[0], **other} == strict
    assert house.site in json.dumps(answer.get_json())
    foreign = house.client.get(path(house, "json"), headers={"Origin": "https://e.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_an_old_name_is_404_and_says_what_to_do(house: House, clock: HandClock) -> None:
    old = path(house)
    apply(clock, lambda document: document["sites"][0].update(markup=[{"vendor": "klaro"}]))
    assert path(house) != old
    for name in (old, old.replace(".js", ".json"), f"/w/{house.site}.{'0' * 16}.js"):
        answer = house.client.get(name)
        assert answer.status_code == 404
        assert "consent sites embed" in answer.get_json()["detail"]
    assert house.client.get(path(house)).status_code == 200


def test_the_command_prints_lines_to_paste_and_the_policy(house: House) -> None:
    text = CliRunner().invoke(embed_command, [house.site]).output
    strict = told(house)["strict"]
    assert f'integrity="{strict["integrity"]}" crossorigin="anonymous"' in text
    assert f"/w/{house.site}.js?lang=en" in text
    assert "unsafe" not in text
    assert f"'{strict['integrity']}'" in told(house)["policy"]
    missing = CliRunner().invoke(embed_command, ["site_0000000000001"])
    assert missing.exit_code == 1
    assert "No site with a banner" in missing.output
