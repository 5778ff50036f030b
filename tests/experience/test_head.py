"""The line in the head: small, one text for all, and what it holds is the site's own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.experience.compose import Made, modules_of
from consent_server.experience.embed_cli import check_command, embed_command, show_command
from consent_server.experience.head import code_hash, head_line, held_hosts
from consent_server.notices.built_in import WIDGET
from consent_server.organisations.document import document_as_json
from tests.support.document import apply, parsed
from tests.support.recipes import DOCS

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

MOST = 700
HASH = re.compile(r"sha256-[A-Za-z0-9+/]{43}=")


def asks(clock: HandClock, **more: Any) -> None:
    """Let the house's site hold what carries no mark, or tell others of the answers."""
    apply(clock, lambda document: document["sites"][0].update(more))


def told(house: House) -> dict[str, Any] | None:
    """Give the line as the API tells it."""
    answer = house.client.get(f"/v1/sites/{house.site}/experience?lang=fr")
    head: dict[str, Any] | None = answer.get_json()["head"]
    return head


def told_of(house: House) -> dict[str, Any]:
    head = told(house)
    assert head is not None
    return head


def test_its_code_weighs_no_more_than_promised_and_cannot_end_itself() -> None:
    code = (WIDGET / "head.js").read_bytes()
    assert len(code) <= MOST
    assert b"<" not in code.replace(b"<=", b"")
    assert code == code.strip()


def test_a_site_that_holds_nothing_without_a_mark_has_no_use_for_it(house: House) -> None:
    assert told(house) is None
    for command in (show_command, embed_command):
        text = CliRunner().invoke(command, [house.site]).output
        assert f"/w/{house.site}.js" in text
        assert "data-hold" not in text


def test_the_hash_is_that_of_the_text_and_the_same_whatever_is_held() -> None:
    lines = [made(auto_block=True), made({"meta": {"purposes": ["advertising"]}})]
    heads = [head_line(each, []) for each in lines]
    told = {head.line for head in heads if head}
    assert len(told) == 2
    for line in told:
        text = re.fullmatch(r'<script data-hold="[^"]*">(.*)</script>', line)
        assert text is not None
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert code_hash() == f"sha256-{digest}"


def whole(signals: dict[str, Any] | None) -> Any:
    """Give what a file that says this says in full."""

    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["signals"] = signals

    (site,) = document_as_json(parsed(change))["sites"]
    return site["signals"]


def made(signals: dict[str, Any] | None = None, **banner: bool) -> Made:
    """Make a site's banner out of what matters here."""
    own = ["www.shop.example", "shop.example", "films.shop.example"]
    trackers = [
        {"slug": "youtube", "name": "Films", "hosts": own},
        {"slug": "matomo", "name": "Figures", "hosts": ["stats.example", "cdn.example/*/p+"]},
    ]
    purposes = [
        {"slug": "video", "trackers": ["youtube"]},
        {"slug": "analytics", "trackers": ["matomo"]},
    ]
    body = {"trackers": trackers, "purposes": purposes}
    told = {"banner": banner, "signals": {}}
    return Made(told, body, {"signals": whole(signals)})


@pytest.mark.parametrize(
    ("signals", "hosts"),
    [
        ({"google": {"ad_storage": ["advertising"]}}, set()),
        (
            {"google": {"advanced_signed_by": "Jeanne Martin"}},
            {"googletagmanager.com", "google-analytics.com"},
        ),
        ({"microsoft": {}}, {"bat.bing.com", "clarity.ms"}),
        ({"meta": {"purposes": ["advertising"]}}, {"connect.facebook.net"}),
        (
            {"matomo": {"purposes": ["analytics"]}},
            {"matomo.cloud", "innocraft.cloud", "stats.example", "cdn.example/*/p+"},
        ),
        ({"data_layer": {}}, set()),
    ],
)
def test_a_tag_that_is_told_signals_waits_until_it_has_been_told(
    signals: dict[str, Any], hosts: set[str]
) -> None:
    site = made(signals)
    assert set(held_hosts(site)) == hosts
    assert modules_of(site).get("head") == ({} if hosts else None)


@pytest.mark.parametrize("setting", ["auto_block", "network_guard"])
def test_declared_services_and_their_hosts_wait_and_the_sites_own_never(setting: str) -> None:
    site = made(None, **{setting: True})
    head = head_line(site, ["https://www.shop.example:8443"])
    assert head is not None
    assert {"youtube.com", "ytimg.com", "films.shop.example"} <= set(head.hosts)
    assert not {"www.shop.example", "shop.example"} & set(head.hosts)
    assert "cdn.example/[^/?#]*/p\\+" in head.line.split('"')[1].split("|")
    modules = modules_of(site)
    assert list(modules)[-1] == "head"
    assert modules["head"] == ({"holds": True} if setting == "auto_block" else {})
    assert head_line(made(), ["https://www.shop.example"]) is None


def test_the_commands_print_the_line_its_hash_and_when_it_is_not_in_force(
    house: House, clock: HandClock
) -> None:
    asks(clock, banner={"auto_block": True})
    head = told_of(house)
    for command in (show_command, embed_command):
        text = CliRunner().invoke(command, [house.site]).output
        assert head["line"] in text
        assert HASH.search(text)
        assert "not in force" in " ".join(text.split())
    said = json.loads(CliRunner().invoke(embed_command, [house.site, "--json"]).output)
    assert said["head"] == head
    assert f"'{head['hash']}'" in said["policy"]


PAGE = "<!doctype html><html><head><meta charset=utf-8>{}</head><body></body></html>"


def test_a_page_is_read_and_told_to_be_in_force_or_not(house: House, clock: HandClock) -> None:
    asks(clock, banner={"auto_block": True})
    line = told_of(house)["line"]
    tag = "<script src=https://t.example></script>"
    noted = line.replace("<script ", '<script nonce="R4nd0m" ')
    for page, in_force in (
        (PAGE.format(line + tag), True),
        (PAGE.format(noted + tag), True),
        (PAGE.format(tag + line), False),
        (PAGE.format(line.replace("data-hold", "data-kept")), False),
        (PAGE.format(line.replace("consentHead", "consentHat")), False),
        (PAGE.format(""), False),
        ("", False),
    ):
        done = CliRunner().invoke(check_command, [house.site, "-"], input=page)
        assert done.exit_code == (0 if in_force else 1), done.output
        assert done.output.startswith("In force" if in_force else "Not in force")
        asked = CliRunner().invoke(check_command, [house.site, "-", "--json"], input=page)
        assert json.loads(asked.output)["in_force"] is in_force


def test_a_site_that_needs_no_line_is_told_so_and_an_unknown_one_too(house: House) -> None:
    done = CliRunner().invoke(check_command, [house.site, "-"], input="")
    assert done.exit_code == 0
    assert "no use for the line" in done.output
    missing = CliRunner().invoke(check_command, ["site_0000000000001", "-"], input="")
    assert missing.exit_code == 1
    assert "No site is called" in missing.output


def test_the_documents_publish_the_hash_that_the_text_has() -> None:
    text = (DOCS / "embedding.md").read_text("utf-8")
    assert text.count(f"'{code_hash()}'") == 1
    assert f"Its text ({len((WIDGET / 'head.js').read_bytes())} bytes)" in text
