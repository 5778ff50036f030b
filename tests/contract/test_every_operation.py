"""Every operation of the document, asked for what it is there for, answers as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis

from consent_server.ids import public
from consent_server.permissions.bulk.work import carry_on
from tests.contract.document import document
from tests.support import document as documents
from tests.support.house import ORIGIN
from tests.support.make import bearer

if TYPE_CHECKING:
    from tests.support.ground import Ground

ADA = {"email": "ada.lindqvist@people.example"}

FILES = {"/v1/imports", "/v1/permissions/bulk", "/v1/permissions/jobs"}


class Caller:
    """Calls operations by their place in the document; remembers which have been called."""

    def __init__(self, ground: Ground) -> None:
        self.contract = schemathesis.openapi.from_dict(document())
        self.contract.app = ground.app
        self.key = {"Accept-Encoding": "identity", **ground.ours.headers}
        self.called: set[tuple[str, str]] = set()

    def __call__(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        media: str = "application/json",
        **parts: Any,
    ) -> Any:
        """Call one operation; gives its body, once it is what the document promises."""
        self.called.add((method, path))
        if "body" in parts:
            parts["media_type"] = "text/csv" if path in FILES else media
        case = self.contract[path][method].Case(**parts)
        answer = case.call_and_validate(headers={**self.key, **(headers or {})})
        assert answer.status_code == status, answer.text
        self.etag = next(iter(answer.headers.get("etag", ())), "")
        return (
            answer.json()
            if answer.content and "json" in answer.headers["content-type"][0]
            else None
        )

    def change(self, path: str, **parameters: str) -> None:
        """Read, send back as read, and change a little, each time naming the state read."""
        read = self("GET", path, path_parameters=parameters)
        for method, body in (("PUT", read), ("PATCH", {})):
            match = {"If-Match": self.etag}
            self(method, path, path_parameters=parameters, body=body, headers=match)


def test_every_operation_answers_as_the_document_says(ground: Ground) -> None:
    call = Caller(ground)
    configure(call, ground)
    form = write_notices(call)
    keep_keys(call)
    keep_receivers(call)
    send_mail(call)
    decide(call, ground, form)
    follow(call, ground)
    carry_over(call)

    described = {
        (method.upper(), path)
        for path, item in document()["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert call.called == described


def configure(call: Caller, ground: Ground) -> None:
    """Read and change what the organisation declares."""
    for section in ("organisations", "purposes", "trackers", "sites", "notices"):
        assert call("GET", f"/v1/{section}")[section]
    call.change("/v1/purposes/{purpose}", purpose="newsletter")
    call.change("/v1/trackers/{tracker}", tracker="tidemark")
    call.change("/v1/sites/{site}", site=ground.ours.site)
    own = public("org", ground.ours.organisation)
    call.change("/v1/organisations/{organisation}", organisation=own)
    another = documents.plain(lambda told: told["organisation"].update(slug="third-house"))
    made = call("POST", "/v1/organisations", body=another, status=201)
    assert made["key"].startswith("cs_live_")


def write_notices(call: Caller) -> str:
    """Draft and publish; gives the version that is in force then."""
    place = {"notice": "contact-form"}
    call("GET", "/v1/notices/{notice}", path_parameters=place)
    draft = call("GET", "/v1/notices/{notice}/draft", path_parameters=place)
    match = {"If-Match": call.etag}
    draft.pop("publishing")
    draft["words"]["en"]["title"] = "How shall we reach you?"
    call("PUT", "/v1/notices/{notice}/draft", path_parameters=place, body=draft, headers=match)
    call("POST", "/v1/notices/{notice}/versions", path_parameters=place, body={}, status=201)
    told = call("GET", "/v1/notices/{notice}/versions", path_parameters=place)
    assert len(told["versions"]) == 2
    return str(told["versions"][-1]["id"])


def keep_keys(call: Caller) -> None:
    """Make, list and revoke keys."""
    wanted = {"name": "short-lived", "scopes": ["lookup"]}
    made = call("POST", "/v1/keys", body=wanted, status=201)
    assert call("GET", "/v1/keys")["keys"]
    place = {"key": made["id"]}
    call("POST", "/v1/keys/{key}/secret", path_parameters=place, body={}, status=201)
    call("DELETE", "/v1/keys/{key}", path_parameters=place, status=204)
    leaked = call("POST", "/v1/keys", body=wanted, status=201)["key"]
    call("DELETE", "/v1/keys/self", headers=bearer(leaked), status=204)
    double = call("POST", "/v1/sandbox", body={}, status=201)
    call("POST", "/v1/sandbox/wipe", body={}, headers=bearer(double["key"]), status=204)


def keep_receivers(call: Caller) -> None:
    """Declare a receiver, test it, send again, replace its secret, close it."""
    url = "https://hooks.example.org/consent"
    made = call("POST", "/v1/webhooks", body={"url": url, "events": []}, status=201)
    assert call("GET", "/v1/webhooks")["webhooks"]
    place = {"webhook": made["id"]}
    for deed, body, status in (
        ("secret", {"at_once": False}, 201),
        ("test", {}, 202),
        ("replay", {"after": 0}, 202),
        ("enable", {}, 200),
    ):
        path = "/v1/webhooks/{webhook}/" + deed
        call("POST", path, path_parameters=place, body=body, status=status)
    call("GET", "/v1/webhooks/{webhook}/deliveries", path_parameters=place)
    call("DELETE", "/v1/webhooks/{webhook}", path_parameters=place, status=204)


def send_mail(call: Caller) -> None:
    """Set a server, show it, forget it; list what was written."""
    server = {"host": "smtp.example.org", "port": 587, "security": "starttls"}
    call("POST", "/v1/mail/server", body=server, status=201)
    assert call("GET", "/v1/mail/server")["host"] == "smtp.example.org"
    assert call("DELETE", "/v1/mail/server")["host"] is None
    assert call("GET", "/v1/mail/messages", query={"limit": 5}) == {"messages": []}


def decide(call: Caller, ground: Ground, form: str) -> None:
    """Decide by both doors, and show what was decided."""
    ours = ground.ours
    ids = [
        call(
            "POST", "/v1/subjects", status=201, body={"identifiers": [one], "source": "meeting"}
        )
        for one in (ADA, {"external_id": "crm-1"})
    ]
    pair = {"subjects": [each["subject"] for each in ids], "source": "meeting"}
    linked = call("POST", "/v1/links", body=pair, status=201)
    place = {"link_id": linked["link"]}
    assert call("GET", "/v1/links/{link_id}", path_parameters=place)["undone_at"] is None
    call("DELETE", "/v1/links/{link_id}", path_parameters=place)
    assert call("GET", "/v1/links", query={"subject": ids[0]["subject"]})["links"]
    call("POST", "/v1/decisions", body=ours.told(ADA, notice_version=form), status=201)
    one = {"subject": ADA, "kind": "order", "source": "meeting"}
    call("POST", "/v1/contacts/touch", body={"contacts": [one]}, status=201)
    tried = {"subject": ADA, "channel": "phone", "outcome": "no_answer", "source": "meeting"}
    call("POST", "/v1/contacts/attempts", body=tried, status=201)
    call(
        "POST",
        "/v1/sites/{site_id}/subscriptions",
        path_parameters={"site_id": ours.site},
        headers={"Origin": ORIGIN},
        status=202,
        body={
            "email": "dora@people.example",
            "purposes": ["newsletter"],
            "notice_version": form,
            "language": "fr",
        },
    )
    fewer = {"subject": one["subject"], "purpose": "marketing", "source": "meeting"}
    fewer["cap"] = {"most": 4, "within": "P1M"}
    call("POST", "/v1/frequency", body=fewer, status=201)
    choice = ours.choice()
    written = call(
        "POST",
        "/v1/sites/{site_id}/decisions",
        path_parameters={"site_id": ours.site},
        body=choice,
        headers={"Origin": "http://cubalys.localhost:8001"},
        status=201,
    )
    call(
        "POST",
        "/v1/sites/{site_id}/record",
        path_parameters={"site_id": ours.site},
        body={"visitor": choice["visitor"], "do": "show"},
        headers={"Origin": "http://cubalys.localhost:8001"},
    )
    call("GET", "/v1/sites/{site}/statistics", path_parameters={"site": ours.site})
    ours.integrate()
    one = {"decision_id": written["id"]}
    assert (
        call("GET", "/v1/decisions/{decision_id}", path_parameters=one)["ledger"]
        == "integrated"
    )
    call("GET", "/v1/decisions/{decision_id}/proof", path_parameters=one)
    shared = {"tracker": "tidemark"}
    assert call("GET", "/v1/trackers/{tracker}/proofs", path_parameters=shared)["proofs"]
    call("GET", "/v1/decisions/{decision_id}/tlog-proof", path_parameters=one)
    call("GET", "/v1/receipts/{receipt}", path_parameters={"receipt": written["receipt"]})


def follow(call: Caller, ground: Ground) -> None:
    """Ask, give links, follow the feed and the audit trail, fetch the banner."""
    asked = {"subject": ADA, "purpose": "newsletter"}
    assert call("POST", "/v1/permissions", body=asked)["because"] == "consent"
    campaign(call, ground)
    call("POST", "/v1/permissions/asked", body={"subject": ADA})
    token = call("POST", "/v1/permissions", body={**asked, "clearance": True})["clearance"]
    assert call("POST", "/v1/permissions/verify", body={"clearance": token})["valid"]
    call("POST", "/v1/permissions/snapshot", body={"purpose": "newsletter"})
    call("POST", "/v1/unsubscribe-links", body=asked, status=201)
    pages = {"links": [{"subject": asked["subject"]}]}
    assert call("POST", "/v1/preference-links", body=pages, status=201)["links"]
    marks = {"campaign": "spring", "links": [{"subject": asked["subject"]}]}
    assert call("POST", "/v1/tracking-links", body=marks, status=201)["links"]
    place = {"campaign": "spring"}
    assert call("GET", "/v1/tracking/{campaign}", path_parameters=place)["days"] == []
    assert call("GET", "/v1/events")["events"]
    assert call("GET", "/v1/renewals")["renewals"] == []
    assert call("GET", "/v1/audit")["entries"]
    stop = {"subject": ADA, "scope": "channel:email"}
    call("POST", "/v1/suppressions", body=stop, status=201)
    assert call("GET", "/v1/suppressions")["suppressions"]
    path, media = "/v1/suppressions/reports", "message/rfc822"
    mail = b"Subject: hello\r\n\r\nNo report."
    assert call("POST", path, media=media, body=mail)["kind"] == "other"
    assert not call("POST", "/v1/tools/check-message", media=media, body=mail)["fit"]
    wanted = {"subject": ADA, "reason": "asked by letter"}
    assert call("POST", "/v1/subjects/erase", body=wanted)["erased"]
    site = {"site": ground.ours.site}
    call("GET", "/v1/sites/{site}/experience", path_parameters=site)
    call("GET", "/w/{site}.js", path_parameters=site)


def carry_over(call: Caller) -> None:
    """Import a file, see what became of it."""
    text = b"email,purpose,answer\nada.lindqvist@people.example,newsletter,maybe\n"
    done = call("POST", "/v1/imports", query={"source": "old-tool"}, body=text)
    place = {"job": done["id"]}
    assert call("GET", "/v1/imports/{job}", path_parameters=place) == done
    call("GET", "/v1/imports/{job}/errors", path_parameters=place)
    assert call("GET", "/v1/imports")["imports"]
    for what in ("decisions", "subjects", "events"):
        call("GET", "/v1/exports/{what}", path_parameters={"what": what})


def campaign(call: Caller, ground: Ground) -> None:
    """Ask about a list; fetch its clearance, and the proof of it."""
    lines, query = b"email\nada.lindqvist@people.example\n", {"purpose": "newsletter"}
    call("POST", "/v1/permissions/bulk", query=query, body=lines)
    asked = ground.app.test_client().post(
        "/v1/permissions/bulk",
        query_string=query,
        data=lines,
        headers={**call.key, "Content-Type": "text/csv"},
        buffered=True,
    )
    one = {"clearance": asked.headers["Consent-Clearance"]}
    assert call("GET", "/v1/clearances/{clearance}", path_parameters=one)["asked"] == 1
    ground.ours.integrate()
    call("GET", "/v1/clearances/{clearance}/proof", path_parameters=one)
    left = call("POST", "/v1/permissions/jobs", query=query, body=lines, status=202)
    one = {"job_id": left["id"]}
    assert call("GET", "/v1/permissions/jobs/{job_id}", path_parameters=one) == left
    carry_on([ground.ours.organisation], lambda: False)
    assert call("GET", "/v1/permissions/jobs")["jobs"][0]["state"] == "done"
    call("GET", "/v1/permissions/jobs/{job_id}/result", path_parameters=one)
    call("DELETE", "/v1/permissions/jobs/{job_id}", path_parameters=one, status=204)
