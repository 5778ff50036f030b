"""No address, number or key in clear at rest or in a log: the raw bytes are searched.

design.md §5, promise 9; security.md, test 122. Both processes are real, and so is the disk.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.running import ONE_CLICK, Running, settled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Database
    from tests.support.server import Deployment

EMAIL: Final = "canary.quetzalcoatlus@zephyrine.example"
PHONE: Final = "+33 1 99 00 77 31"
NUMBER: Final = "+33199007731"
EXTERNAL: Final = "crm-canary-8873612"
VISITOR: Final = "canaryvisitor0123456789"
LATER: Final = "canary.later@zephyrine.example"


@dataclass(frozen=True)
class Canary:
    """A text that must not be found, and what it is."""

    name: str
    text: str
    # Of an address a hash without a key is as good as the address, for whoever can try them
    # all; of 256 random bits it is not, and that is how a key is kept.
    guessable: bool = True

    def shapes(self) -> Iterator[tuple[str, bytes]]:
        """Give every form in which it would be found by whoever has the disk."""
        plain = self.text.encode()
        yield "plain", plain
        yield "upper", self.text.upper().encode()
        yield "UTF-16", self.text.encode("utf-16-le")
        yield "base64", base64.b64encode(plain)[:-4]
        yield "hex", plain.hex().encode()
        yield "percent", self.text.replace("@", "%40").replace("+", "%2B").encode()
        if self.guessable:
            for digest in (hashlib.sha256(plain), hashlib.sha1(plain), hashlib.md5(plain)):  # noqa: S324
                yield f"{digest.name} in hex", digest.hexdigest().encode()
                yield digest.name, digest.digest()


def test_nothing_personal_and_no_secret_lies_on_the_disk_or_in_a_log(
    deployment: Deployment, database: Database, run_folder: Path
) -> None:
    with settled(deployment) as running:
        links = tell_a_story(running)
        complain(running, links[0])
    every = [
        Canary("e-mail", EMAIL),
        Canary("local part", EMAIL.partition("@")[0]),
        Canary("phone", NUMBER),
        Canary("phone as typed", PHONE),
        Canary("external id", EXTERNAL),
        Canary("visitor", VISITOR),
        Canary("another e-mail", LATER),
        Canary("API key", running.key, guessable=False),
        Canary("secret of the key", running.key[16:40]),
    ]
    checkpoint(database)
    places = [deployment.data]
    if database.engine == "postgresql":
        places.append(run_folder / "postgresql")
    # In use, with a log beside the database, and again after a stop.
    search(places, every, at_least=("consent.db-wal",) if database.engine == "sqlite" else ())
    deployment.stop()
    found = search(places, every)

    # The same search finds what is there: it is not blind.
    assert b"cubalys" in found["database"]
    assert b'"route"' in found["logs"]
    assert b"/u/<token>" in found["logs"]
    for link in links:
        token = link.rpartition("/")[2].encode()
        assert token not in found["logs"], "a link's token is in a log"
        assert token not in found["database"], "a link's token is in the database"


@pytest.mark.parametrize("shape", [shape for shape, _ in Canary("", EMAIL).shapes()])
def test_the_search_finds_an_address_in_every_form(tmp_path: Path, shape: str) -> None:
    canary = Canary("e-mail", EMAIL)
    planted = dict(canary.shapes())[shape]
    (tmp_path / "consent.db").write_bytes(b"\x00" * 4000 + planted + b"\xff" * 4000)
    with pytest.raises(AssertionError, match="e-mail as"):
        search([tmp_path], [canary])


def tell_a_story(running: Running) -> list[str]:
    """Let the same people come through every door."""
    subject = {"email": EMAIL, "phone": PHONE, "external_id": EXTERNAL}
    facts = {
        "relationships": [{"kind": "prospect"}],
        "country": "FR",
        "capacity": "professional",
    }
    running.post(
        "/v1/subjects",
        {"identifiers": [{k: v} for k, v in subject.items()], "source": "meeting", **facts},
        status=201,
    )
    running.tell(subject, {"newsletter": "granted", "prospecting.phone": "granted"},
                 evidence=f"call with {EMAIL}")  # fmt: skip
    running.agree(LATER)
    written = running.choose(running.choice(visitor=VISITOR)).json()
    for who in ({"email": EMAIL}, {"phone": NUMBER}, {"external_id": EXTERNAL}):
        assert running.ask(who)["because"] == "consent"
    hashed = hashlib.sha256(EMAIL.encode()).hexdigest()
    assert running.ask({"sha256_email": hashed})["because"] == "consent"
    running.command("lookup", running.slug, EMAIL, "newsletter")
    links = [running.link(EMAIL), running.link(LATER, "marketing")]
    for link in links:
        assert running.http.post(link, data=ONE_CLICK).status_code == 200
    assert running.ask({"email": EMAIL})["because"] == "withdrawn"
    running.get(f"/v1/decisions/{written['id']}")
    running.http.get(f"/v1/receipts/{written['receipt']}")
    assert running.get("/v1/events")["events"]
    return links


def complain(running: Running, link: str) -> None:
    """Put the address wherever a careless server would log it."""
    bare = running.http
    odd = {"User-Agent": EMAIL, "Referer": f"https://x.example/?{EMAIL}", "X-Request-Id": EMAIL}
    for path in (
        f"/v1/events?after={EMAIL}",
        f"/{EMAIL}",
        f"/n/{EMAIL}",
        f"/u/{EMAIL}",
        f"/v1/decisions/{EMAIL}",
        f"{link}?email={EMAIL}",
        f"/w/{EMAIL}.js",
    ):
        bare.get(path, headers={**odd, **running.headers})
        bare.post(path, headers={**odd, **running.headers}, json={"email": EMAIL, EMAIL: 1})
    for body in ({"email": PHONE}, {"phone": EMAIL}, {"email": EMAIL, "phone": EMAIL}):
        asked = {"subject": body, "purpose": EMAIL}
        for path in ("/v1/permissions", "/v1/decisions", "/v1/unsubscribe-links"):
            answer = bare.post(path, json=asked, headers={**running.headers, **odd})
            assert answer.status_code == 422
            assert EMAIL not in answer.text, "a refusal repeats what was sent"
    again = {**running.headers, "Idempotency-Key": EMAIL.replace("@", "-at-")}
    known = {"identifiers": [{"email": EMAIL}], "source": "meeting"}
    assert bare.post("/v1/subjects", json=known, headers=again).status_code == 201
    bare.get(f"/v1/purposes?key={running.key}")


def checkpoint(database: Database) -> None:
    """Let PostgreSQL write all it knows into its files."""
    if database.engine != "postgresql":
        return
    url = make_url(database.url)
    with psycopg.connect(
        host=str(url.query["host"]), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("CHECKPOINT")


def search(
    places: list[Path], canaries: list[Canary], at_least: tuple[str, ...] = ()
) -> dict[str, bytes]:
    """Search every file for every form of every canary; gives what was searched, by kind."""
    files = {
        path: path.read_bytes()
        for place in places
        for path in place.rglob("*")
        if path.is_file() and path.suffix != ".sock"
    }
    names = {path.name for path in files}
    assert names.issuperset(at_least), f"{at_least} should be there: {sorted(names)[:40]}"
    found = [
        f"{canary.name} as {shape} in {path.name}"
        for canary in canaries
        for shape, text in canary.shapes()
        for path, data in files.items()
        if text in data
    ]
    assert found == []
    logs = b"".join(data for path, data in files.items() if path.suffix == ".log")
    rest = b"".join(data for path, data in files.items() if path.suffix != ".log")
    return {"logs": logs, "database": rest}
