"""Signing up with proof, over a real mail server: form, mail, page, button; and out again."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from consent_server.clock import rfc3339
from tests.newsletters.centre_world import buttons
from tests.support import databases
from tests.support.mailserver import body_of, post_office
from tests.support.running import ONE_CLICK, settled, somebody
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Engine
    from tests.support.mailserver import Post
    from tests.support.running import Running

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; LinkScanner/3.1)"}


@pytest.fixture(scope="module")
def posted(
    engine: Engine, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, Post]]:
    """Give an organisation whose mail leaves by a real server."""
    data = tmp_path_factory.mktemp("posted") / "data"
    with (
        post_office() as post,
        databases.fresh(engine, run_folder, data) as database,
        Deployment(database, data, CONSENT_CALLABLE=f"localhost:{post.port}") as deployment,
        settled(deployment) as made,
    ):
        server = ("--host", "localhost", "--port", str(post.port), "--security", "none")
        made.command("mail", "server", *server, "-o", made.slug)
        yield made, post


def sign_up(running: Running, post: Post, email: str) -> str:
    """Fill in the form of the site, and read the mail; gives the link's path."""
    form = {
        "email": email,
        "purposes": "newsletter",
        "notice_version": running.form,
        "language": "fr",
    }
    answer = running.http.post(
        f"/v1/sites/{running.site}/subscriptions",
        data=form,
        headers={"Origin": running.origin},
    )
    assert answer.status_code == 202
    return mailed(post, email, "confirm")


def mailed(post: Post, email: str, where: str) -> str:
    """Wait for the mail that leads somebody to a page of a kind; gives its path."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for taken in post.taken:
            found = re.search(rf"https?://\S+/{where}/\S+", body_of(taken.message))
            if taken.recipients == [email] and found:
                return urlsplit(found[0]).path
        time.sleep(0.1)
    raise AssertionError("no mail came")


def centre(running: Running, email: str) -> str:
    """Give the path of somebody's preference centre."""
    made = running.post("/v1/preference-links", {"subject": {"email": email}}, status=201)
    return str(urlsplit(made["url"]).path)


def choose(running: Running, path: str, deed: str, purpose: str = "") -> None:
    """Press a button of the preference centre."""
    offered = buttons(running.http.get(path).text)
    (told, *_) = [
        each for each in offered if each["do"] == deed and each.get("purpose", "") == purpose
    ]
    assert running.http.post(path, data=told).status_code == 200


def press(running: Running, path: str) -> None:
    page = running.http.get(path)
    found = re.search(r'name="page" value="([^"]+)"', page.text)
    assert found
    done = running.http.post(path, data={"confirm": "1", "page": found[1]})
    assert done.status_code == 200


def test_sign_up_confirm_allowed_one_click_not_allowed(
    posted: tuple[Running, Post],
) -> None:
    running, post = posted
    ada = somebody()
    path = sign_up(running, post, ada)
    assert running.ask({"email": ada})["because"] == "unconfirmed"
    for method in ("GET", "HEAD"):
        assert running.http.request(method, path, headers=SCANNER).status_code == 200
    assert running.ask({"email": ada})["because"] == "unconfirmed"
    press(running, path)
    answer = running.ask({"email": ada})
    assert (answer["allowed"], answer["because"]) == (True, "consent")
    left = running.http.post(running.link(ada), data=ONE_CLICK)
    assert left.status_code == 200
    assert running.ask({"email": ada})["because"] == "withdrawn"
    told = [each["type"] for each in running.events_of(answer["subject"], "consent.withdrawn")]
    assert told == ["consent.confirmed", "consent.withdrawn"]
    # Never from the mail, nor from a mailbox's click: once she has shown that she reads it.
    page = centre(running, ada)
    assert not [each for each in buttons(running.http.get(page).text) if each["do"] == "undo"]
    choose(running, page, "prove")
    choose(running, mailed(post, ada, "p"), "undo")
    assert running.ask({"email": ada})["because"] == "consent"


def test_an_erased_person_comes_back_for_that_purpose_only(
    posted: tuple[Running, Post],
) -> None:
    running, post = posted
    ben = somebody()
    both = {"newsletter": "granted", "prospecting.email": "granted"}
    running.tell({"email": ben}, both)
    running.post(
        "/v1/subjects/erase", {"subject": {"email": ben}, "reason": "asked"}, status=200
    )
    press(running, sign_up(running, post, ben))
    assert running.ask({"email": ben})["because"] == "consent"
    assert not running.ask({"email": ben}, "prospecting.email")["allowed"]
    assert running.command("fsck").strip() == "Clean."


def test_stop_all_is_a_no_to_every_purpose_that_promotes(posted: tuple[Running, Post]) -> None:
    running, post = posted
    eve = somebody()
    press(running, sign_up(running, post, eve))
    running.tell({"email": eve}, {"prospecting.email": "granted"})
    choose(running, centre(running, eve), "stop_all")
    for purpose in ("newsletter", "newsletter.professional", "prospecting.email"):
        assert not running.ask({"email": eve}, purpose)["allowed"], purpose
    assert running.command("fsck").strip() == "Clean."


def test_an_objection_to_an_interest_is_one_press_and_is_called_so(
    posted: tuple[Running, Post],
) -> None:
    running, _ = posted
    kim = somebody()
    known = {
        "identifiers": [{"email": kim}],
        "relationships": [
            {"kind": "customer", "since": rfc3339(datetime.now(UTC) - timedelta(days=90))}
        ],
        "source": "contract",
    }
    running.post("/v1/subjects", known, status=201)
    assert running.ask({"email": kim}, "satisfaction_surveys")["allowed"]
    choose(running, centre(running, kim), "stop", "satisfaction_surveys")
    assert running.ask({"email": kim}, "satisfaction_surveys")["because"] == "objected"
