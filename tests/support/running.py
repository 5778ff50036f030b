"""An organisation on a running deployment, set up by command line as its user would."""

from __future__ import annotations

import json
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from consent_server.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.server import Deployment

FOLDER = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
TRACKERS = ("analytics", "advertising", "video")
SCOPES = (
    "record", "lookup", "links", "events", "configure", "keys", "proofs", "audit", "metrics",
    "imports", "exports",
    "suppress", "erase",
)  # fmt: skip
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def somebody() -> str:
    """Make an address that no other test uses."""
    return f"{secrets.token_hex(6)}@people.example"


@dataclass
class Running:
    """A deployment and one organisation on it; spoken to by HTTP and by command line only."""

    deployment: Deployment
    slug: str
    origin: str
    key: str
    site: str
    banner: str
    form: str
    http: httpx.Client

    def command(self, *words: str, stdin: str | None = None, status: int = 0) -> str:
        """Run a command to its end; gives what it printed."""
        done = self.deployment.run(*words, stdin=stdin)
        assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def post(self, path: str, body: Any, *, status: int) -> Any:
        """Post JSON with the key; gives the answer's JSON."""
        answer = self.http.post(path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, *, status: int = 200) -> Any:
        """Get with the key; gives the answer's JSON."""
        answer = self.http.get(path, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        """Give the header that carries the key."""
        return {"Authorization": f"Bearer {self.key}"}

    def choice(self, action: str = "accept_all", **but: Any) -> dict[str, Any]:
        """Make the body that the banner sends."""
        answer = "granted" if action == "accept_all" else "refused"
        return {
            "id": secrets.token_urlsafe(16),
            "visitor": secrets.token_urlsafe(16),
            "notice_version": self.banner,
            "language": "fr",
            "action": action,
            "choices": dict.fromkeys(TRACKERS, answer),
            "surface": "first_layer",
            "decided_at": rfc3339(datetime.now(UTC)),
            **but,
        }

    def choose(self, body: dict[str, Any]) -> httpx.Response:
        """Send it as a page of the site does."""
        path = f"/v1/sites/{self.site}/decisions"
        return self.http.post(path, json=body, headers={"Origin": self.origin})

    def agree(self, email: str, purpose: str = "newsletter") -> Any:
        """Record a yes on the organisation's own form."""
        return self.tell({"email": email}, {purpose: "granted"})

    def tell(self, subject: dict[str, Any], choices: dict[str, str], **but: Any) -> Any:
        """Record what a person answered on the organisation's own form."""
        body = {
            "subject": subject,
            "choices": choices,
            "notice_version": self.form,
            "source": "website-form",
            "assertion": "witnessed",
            **but,
        }
        return self.post("/v1/decisions", body, status=201)

    def ask(self, subject: dict[str, Any], purpose: str = "newsletter", **more: Any) -> Any:
        """Ask whether this person may be contacted for this."""
        asked = {"subject": subject, "purpose": purpose, **more}
        return self.post("/v1/permissions", asked, status=200)

    def events_of(self, subject: str, last: str = "", within: float = 60) -> list[Any]:
        """Read the whole feed until it says something (or `last`) of a subject; gives it."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            events, after = [], 0
            while page := self.get(f"/v1/events?after={after}&limit=1000")["events"]:
                events += page
                after = page[-1]["seq"]
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            found = [event for event in events if event["subject"] == subject]
            if found and last in {"", found[-1]["type"]}:
                return found
            time.sleep(0.1)
        raise AssertionError(f"nothing about {subject} within {within} s")

    def link(self, email: str, purpose: str = "newsletter") -> str:
        """Ask for an unsubscribe link; gives its path."""
        asked = {"subject": {"email": email}, "purpose": purpose}
        url: str = self.post("/v1/unsubscribe-links", asked, status=201)["url"]
        return urlsplit(url).path


@contextmanager
def settled(
    deployment: Deployment,
    slug: str = "cubalys",
    *,
    file: Path | None = None,
    origin: str | None = None,
) -> Iterator[Running]:
    """Apply an organisation's file and make it a key, by command line."""
    origin = origin or f"http://{slug}.localhost:{deployment.port + 1}"
    apply(deployment, file or FOLDER / f"{slug}.yaml", origin)
    key = make_key(deployment, slug)
    with httpx.Client(base_url=deployment.base_url, timeout=30, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {key}"}
        site = http.get("/v1/sites", headers=headers).json()["sites"][0]["id"]
        notices = http.get("/v1/notices", headers=headers).json()["notices"]
        current = {notice["surface"]: notice["version"] for notice in notices}
        yield Running(
            deployment=deployment,
            slug=slug,
            origin=origin,
            key=key,
            site=site,
            banner=current["banner"],
            form=current["form"],
            http=http,
        )


def apply(deployment: Deployment, file: Path, origin: str, *more: str) -> str:
    """Put an organisation's file in force; gives what the command printed."""
    words = ("organisations", "apply", str(file), "--set", f"SITE_ORIGIN={origin}", *more)
    done = deployment.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_key(deployment: Deployment, slug: str) -> str:
    """Make a key of an organisation with every scope but the host's."""
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    words = ("keys", "create", "--organisation", slug, "--name", "a system", *scopes, "--json")
    done = deployment.run(*words)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["key"])
