"""Every door of the application, found in its own map of addresses, with a body it takes.

A door that is added without an entry here fails the tests that go through all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from consent_server.ids import new_id, public
from tests.support import document as documents
from tests.support.ground import path_of
from tests.support.house import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.test import TestResponse

    from tests.support.ground import Ground
    from tests.support.house import House

ADA: Final = {"email": "ada.lindqvist@people.example"}
BEN: Final = {"external_id": "crm-774"}
GONE: Final = {"external_id": "crm-999"}
# A name that leads inside without asking anybody: it may be declared, and is never called.
RECEIVER: Final = "https://hooks.localhost/consent"
# A file comes as it is.
FILES: Final = {
    ("POST", "/v1/imports"): "email,purpose,answer\nada@people.example,newsletter,no\n",
    ("POST", "/v1/permissions/bulk"): "email\nada.lindqvist@people.example\n",
    ("POST", "/v1/permissions/jobs"): "email\nada.lindqvist@people.example\n",
}
ASKING: Final = {"/v1/permissions/bulk", "/v1/permissions/jobs"}
# The page of a link takes a form, because that is what a mailbox sends (RFC 8058), and what
# mail servers report comes as a message; a log asks its witness by a text of its own.
FORMS: Final = {
    ("POST", "/u/<token>"),
    ("POST", "/confirm/<token>"),
    ("POST", "/v1/suppressions/reports"),
    ("POST", "/p/<centre>"),
    ("POST", "/p/at/<organisation>"),
    ("POST", "/v1/tools/check-message"),
    ("POST", "/witness/add-checkpoint"),
}
# A part of an address that is a word of the contract, and nobody's.
WORDS: Final = {"what", "campaign"}
WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")

Place = tuple[str, str]


@dataclass
class Knock:
    """One request as it should be."""

    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    file: str = ""

    def send(self, ground: Ground, **but: Any) -> TestResponse:
        """Send it; `but` replaces what the test client would be told."""
        told: dict[str, Any] = {"method": self.method, "headers": self.headers}
        if self.file:
            told |= {"data": self.file, "content_type": "text/csv", "buffered": True}
        elif self.body or self.method == "POST":
            told["json"] = self.body
        return ground.app.test_client().open(self.path, **{**told, **but})


def places(ground: Ground, *methods: str) -> Iterator[tuple[Place, Any]]:
    """Find every address of the application that has one of these methods."""
    for rule in sorted(ground.app.url_map.iter_rules(), key=str):
        for method in methods:
            if method in (rule.methods or ()):
                yield (method, str(rule.rule)), rule


def ids_of(ground: Ground, house: House) -> dict[str, str]:
    """Give an id of a house for every variable that addresses hold; makes what is missing."""
    written = house.choose(house.choice()).get_json()
    subjects = [
        house.post("/v1/subjects", {"identifiers": [who], "source": "x"}).get_json()["subject"]
        for who in (ADA, BEN)
    ]
    linked = house.post("/v1/links", {"subjects": subjects, "source": "x"}).get_json()
    key = house.post("/v1/keys", {"name": "spare", "scopes": ["metrics"]}).get_json()
    asked = {"subject": ADA, "purpose": "newsletter"}
    url = house.post("/v1/unsubscribe-links", asked).get_json()["url"]
    page = house.post("/v1/preference-links", {"subject": ADA}).get_json()["url"]
    led = {"subject": ADA, "target": "https://shop.example/"}
    made = house.post("/v1/tracking-links", {"campaign": "spring", "links": [led]}).get_json()
    # Only who has declared that clicks are counted may count them.
    mark = made["links"][0]["url"] if "links" in made else "/c/none"
    hook = house.post("/v1/webhooks", {"url": RECEIVER}).get_json()
    house.post(f"/v1/webhooks/{hook['id']}/test", {})
    sent = {"data": FILES["POST", "/v1/imports"], "content_type": "text/csv"}
    query = {"source": "x", "map": "email=email", "save_map": "spare"}
    job = house.client.post(
        "/v1/imports", query_string=query, headers=house.headers, **sent
    ).get_json()
    campaign = house.client.post(
        "/v1/permissions/bulk?purpose=newsletter",
        data=FILES["POST", "/v1/permissions/bulk"],
        content_type="text/csv",
        headers=house.headers,
        buffered=True,
    )
    left = house.client.post(
        "/v1/permissions/jobs?purpose=newsletter",
        data=FILES["POST", "/v1/permissions/jobs"],
        content_type="text/csv",
        headers=house.headers,
    ).get_json()
    house.integrate()
    first = {
        section: house.get(f"/v1/{section}").get_json()[section][0]["id"]
        for section in ("purposes", "trackers", "notices")
    }
    return {
        "decision_id": written["id"],
        "receipt": written["receipt"],
        "subject": subjects[0],
        "link_id": linked["link"],
        "key": key["id"],
        "webhook": hook["id"],
        "clearance": campaign.headers["Consent-Clearance"],
        "job": job["id"],
        "job_id": left["id"],
        "what": "decisions",
        "token": url.rpartition("/")[2],
        "centre": page.rpartition("/")[2],
        "mark": mark.rpartition("/")[2],
        "campaign": "spring",
        "purpose": first["purposes"],
        "tracker": first["trackers"],
        "notice": first["notices"],
        "site": house.site,
        "digest": "0" * 16,
        "site_id": house.site,
        "organisation": public("org", house.organisation),
        "name": house.banner,
        "log": "main",
        "rest": "0/000.p/1",
        "folder": "pages",
    }


def missing() -> dict[str, str]:
    """Give an id that nobody has, for every variable that addresses hold."""
    prefixes = {
        "decision_id": "dec", "link_id": "lnk", "purpose": "pur", "tracker": "trk",
        "notice": "ntc", "site": "site", "site_id": "site", "organisation": "org",
        "name": "ntv", "subject": "sub", "webhook": "whk", "clearance": "clr", "job": "job",
        "job_id": "job",
    }  # fmt: skip
    return {
        "key": "key_00000000",
        **{name: public(prefix, new_id()) for name, prefix in prefixes.items()},
    }


def knocks(ground: Ground, ids: Mapping[str, str]) -> dict[Place, Knock]:
    """Give a good request for every door that takes JSON."""
    found = {}
    for place, rule in places(ground, "POST", "PUT", "PATCH"):
        if place not in FORMS and place not in FILES:
            path = path_of(rule, dict(ids))
            headers = {**ground.ours.headers, "Origin": ORIGIN}
            knock = Knock(place[0], path, headers=headers)
            fill(ground, place, knock)
            found[place] = knock
    return found


def fill(ground: Ground, place: Place, knock: Knock) -> None:
    """Put the right body, and the name of the state it changes, into a request."""
    method, rule = place
    if place in FILES:
        knock.file = FILES[place]
        if rule in ASKING:
            knock.path += "?purpose=newsletter"
        return
    if method in {"PUT", "PATCH"}:
        read = ground.ours.get(knock.path)
        if read.status_code != 200:  # what does not exist has no state either
            read = ground.ours.get(fallback(ground, rule))
        knock.headers["If-Match"] = read.headers["ETag"]
        knock.body = {k: v for k, v in read.get_json().items() if k != "publishing"}
        return
    knock.body = _bodies(ground)[rule]


def fallback(ground: Ground, rule: str) -> str:
    """Give the address of something of ours of the same kind."""
    ours = {
        "purpose": "newsletter", "tracker": "tidemark", "notice": "contact-form",
        "site": ground.ours.site, "organisation": public("org", ground.ours.organisation),
    }  # fmt: skip
    for name, value in ours.items():
        rule = rule.replace(f"<{name}>", value)
    return rule


def _bodies(ground: Ground) -> dict[str, dict[str, Any]]:
    ours = ground.ours
    subjects = [
        ours.post("/v1/subjects", {"identifiers": [who], "source": "x"}).get_json()["subject"]
        for who in (ADA, BEN)
    ]
    return {
        "/v1/organisations": documents.plain(
            lambda told: told["organisation"].update(slug=f"house-{new_id()}")
        ),
        "/v1/keys": {"name": "a tool", "scopes": ["lookup"], "quotas": {"lookups": "9/second"}},
        "/v1/keys/<key>/secret": {},
        "/v1/sandbox": {},
        "/v1/sandbox/wipe": {},
        "/v1/webhooks": {"url": RECEIVER, "events": ["consent.withdrawn"]},
        **{f"/v1/webhooks/<webhook>/{deed}": {} for deed in ("secret", "test", "enable")},
        "/v1/webhooks/<webhook>/replay": {"after": 0},
        "/v1/mail/server": {"host": "smtp.example.org", "port": 587, "security": "starttls"},
        "/v1/notices/<notice>/versions": {"ask_again": ["newsletter"]},
        "/v1/subjects": {"identifiers": [ADA], "source": "meeting", "actor": "shop"},
        "/v1/contacts/touch": {"subject": ADA, "kind": "order", "source": "meeting"},
        "/v1/contacts/attempts": {"subject": ADA, "channel": "email", "source": "meeting"},
        "/v1/frequency": {
            "subject": ADA,
            "purpose": "newsletter",
            "source": "meeting",
            "cap": {"most": 9, "within": "P1M"},
        },
        "/v1/links": {"subjects": subjects, "source": "meeting"},
        "/v1/suppressions": {"subject": GONE, "scope": "marketing"},
        "/v1/suppressions/reports": {},
        "/v1/tools/check-message": {},
        "/v1/subjects/erase": {"subject": GONE, "reason": "asked by letter"},
        "/v1/sites/<site_id>/decisions": ours.choice(),
        "/v1/sites/<site_id>/subscriptions": {
            "email": "dora@people.example",
            "purposes": ["newsletter"],
            "notice_version": ours.form,
            "language": "fr",
        },
        "/v1/sites/<site_id>/record": {"visitor": "v" * 22, "do": "show"},
        "/v1/decisions": ours.told(ADA, decided_at=ours.at(ground.clock())),
        "/v1/permissions": {"purpose": "newsletter", "subject": ADA},
        "/v1/permissions/asked": {"subject": ADA},
        "/v1/permissions/verify": {"clearance": "x.y.z"},
        "/v1/permissions/snapshot": {"purpose": "newsletter"},
        "/v1/unsubscribe-links": {"purpose": "newsletter", "subject": ADA},
        "/v1/preference-links": {"subject": ADA},
        "/v1/tracking-links": {"campaign": "spring", "links": [{"subject": ADA}]},
    }
