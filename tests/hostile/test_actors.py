"""Who may call what: every address of the application by every kind of caller.

security.md, tests 55 and 66. The addresses come from the application's own map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from consent_server.clock import rfc3339
from consent_server.organisations import Scope
from tests.hostile.doors import FORMS, WORDS, Knock, Place, fill, ids_of, missing, places
from tests.support.ground import path_of
from tests.support.house import ORIGIN
from tests.support.make import bearer, make_key

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.ground import Ground

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Open to everybody, each for a reason that design.md §7 names.
OPEN: Final = {
    ("GET", "/"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
    ("GET", "/static/<folder>/<name>"), ("GET", "/.well-known/gpc.json"),
    ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/security.txt"),
    ("GET", "/verify"), ("GET", "/log/checkpoint"), ("GET", "/log/<log>/checkpoint"),
    ("GET", "/log/"), ("GET", "/log/cosigned"), ("POST", "/witness/add-checkpoint"),
    ("GET", "/log/tile/<path:rest>"), ("GET", "/log/<log>/tile/<path:rest>"),
    ("GET", "/n/<name>"), ("GET", "/n/<name>.json"), ("GET", "/u/<token>"),
    ("POST", "/u/<token>"), ("GET", "/confirm/<token>"), ("POST", "/confirm/<token>"),
    ("POST", "/v1/sites/<site_id>/subscriptions"), ("GET", "/v1/docs"),
    ("GET", "/v1/openapi.json"),
    ("POST", "/u/<token>"), ("GET", "/p/<centre>"), ("POST", "/p/<centre>"),
    ("GET", "/o/<mark>.gif"), ("GET", "/c/<mark>"),
    ("GET", "/p/at/<organisation>"), ("POST", "/p/at/<organisation>"),
    ("GET", "/v1/docs"), ("GET", "/v1/openapi.json"),
    ("GET", "/v1/receipts/<receipt>"), ("GET", "/v1/sites/<site>/experience"),
    ("POST", "/v1/sites/<site_id>/decisions"), ("GET", "/w/<site>.js"),
    ("POST", "/v1/sites/<site_id>/record"), ("GET", "/n/<site>/trackers"),
    ("GET", "/preview/<token>"), ("GET", "/preview/<token>/page"),
    ("GET", "/preview/<token>/banner.js"),
    ("GET", "/preview/<token>/kept"), ("GET", "/preview/<token>/kept/<digest>"),
    ("GET", "/w/<string(length=18):site>.<string(length=16):digest>.js"),
    ("GET", "/w/<string(length=18):site>.record.js"),
    ("GET", "/w/<string(length=18):site>.trackers.js"),
    ("GET", "/w/<string(length=18):site>.<string(length=16):digest>.json"),
}  # fmt: skip
# The rest asks for a key with this scope.
SCOPES: Final = {
    ("POST", "/v1/organisations"): Scope.HOST,
    ("GET", "/v1/audit"): Scope.AUDIT,
    ("GET", "/v1/sites/<site>/statistics"): Scope.STATISTICS,
    ("GET", "/v1/events"): Scope.EVENTS,
    ("GET", "/v1/renewals"): Scope.EVENTS,
    ("POST", "/v1/permissions"): Scope.LOOKUP,
    ("POST", "/v1/permissions/bulk"): Scope.LOOKUP,
    **{(method, "/v1/permissions/jobs"): Scope.LOOKUP for method in ("GET", "POST")},
    **{(method, "/v1/permissions/jobs/<job_id>"): Scope.LOOKUP for method in ("GET", "DELETE")},
    ("GET", "/v1/permissions/jobs/<job_id>/result"): Scope.LOOKUP,
    ("GET", "/v1/clearances/<clearance>"): Scope.LOOKUP,
    ("GET", "/v1/clearances/<clearance>/proof"): Scope.PROOFS,
    ("POST", "/v1/permissions/verify"): Scope.LOOKUP,
    ("POST", "/v1/permissions/snapshot"): Scope.LOOKUP,
    ("POST", "/v1/permissions/asked"): Scope.PROOFS,
    ("POST", "/v1/unsubscribe-links"): Scope.LINKS,
    ("POST", "/v1/preference-links"): Scope.LINKS,
    ("POST", "/v1/tools/check-message"): Scope.LOOKUP,
    ("POST", "/v1/tracking-links"): Scope.LINKS,
    ("GET", "/v1/tracking/<campaign>"): Scope.STATISTICS,
    ("POST", "/v1/subjects"): Scope.RECORD,
    ("POST", "/v1/contacts/touch"): Scope.RECORD,
    ("POST", "/v1/contacts/attempts"): Scope.RECORD,
    ("POST", "/v1/frequency"): Scope.RECORD,
    ("POST", "/v1/subjects/erase"): Scope.ERASE,
    **{(method, "/v1/suppressions"): Scope.SUPPRESS for method in ("GET", "POST")},
    ("POST", "/v1/suppressions/reports"): Scope.SUPPRESS,
    **{(method, "/v1/links"): Scope.RECORD for method in ("GET", "POST")},
    **{(method, "/v1/links/<link_id>"): Scope.RECORD for method in ("GET", "DELETE")},
    ("POST", "/v1/decisions"): Scope.RECORD,
    ("GET", "/v1/trackers/<tracker>/proofs"): Scope.PROOFS_PARTNER,
    ("GET", "/v1/decisions/<decision_id>"): Scope.PROOFS,
    ("GET", "/v1/decisions/<decision_id>/proof"): Scope.PROOFS,
    ("GET", "/v1/decisions/<decision_id>/tlog-proof"): Scope.PROOFS,
    **{(method, "/v1/keys"): Scope.KEYS for method in ("GET", "POST")},
    ("DELETE", "/v1/keys/<key>"): Scope.KEYS,
    ("POST", "/v1/keys/<key>/secret"): Scope.KEYS,
    ("POST", "/v1/sandbox"): Scope.KEYS,
    ("POST", "/v1/sandbox/wipe"): Scope.KEYS,
    **{(method, "/v1/webhooks"): Scope.WEBHOOKS for method in ("GET", "POST")},
    **{(method, "/v1/imports"): Scope.IMPORTS for method in ("GET", "POST")},
    ("GET", "/v1/imports/<job>"): Scope.IMPORTS,
    ("GET", "/v1/exports/<what>"): Scope.EXPORTS,
    ("GET", "/v1/imports/<job>/errors"): Scope.IMPORTS,
    **{(each, "/v1/mail/server"): Scope.CONFIGURE for each in ("GET", "POST", "DELETE")},
    ("GET", "/v1/mail/messages"): Scope.CONFIGURE,
    ("DELETE", "/v1/webhooks/<webhook>"): Scope.WEBHOOKS,
    ("GET", "/v1/webhooks/<webhook>/deliveries"): Scope.WEBHOOKS,
    **{
        ("POST", f"/v1/webhooks/<webhook>/{deed}"): Scope.WEBHOOKS
        for deed in ("secret", "test", "replay", "enable")
    },
}
# Whoever holds a key in force may, whatever else it may do; they act on that key alone.
ANY_KEY: Final = {("DELETE", "/v1/keys/self")}
CONFIGURATION: Final = ("organisations", "purposes", "trackers", "sites", "notices")


def scope_of(place: Place) -> Scope:
    """Give the scope an address asks for; fails for one that nobody has thought about."""
    if place in SCOPES:
        return SCOPES[place]
    assert place[1].split("/")[2] in CONFIGURATION, f"who may call {place}?"
    return Scope.CONFIGURE


@pytest.fixture(scope="module")
def ids(ground: Ground) -> dict[str, str]:
    """Give ids of ours."""
    return ids_of(ground, ground.ours)


@pytest.fixture(scope="module")
def guarded(ground: Ground, ids: dict[str, str]) -> dict[Place, Knock]:
    """Give a good request without a key for every address that asks for one."""
    found = {}
    for place, rule in places(ground, *METHODS):
        if place in OPEN:
            continue
        knock = Knock(place[0], path_of(rule, ids))
        if place[0] in {"POST", "PUT", "PATCH"}:
            fill(ground, place, knock)
        found[place] = knock
    return found


def test_every_address_is_either_open_or_asks_for_a_scope(ground: Ground) -> None:
    every = {place for place, _ in places(ground, *METHODS)}

    assert every >= OPEN | set(SCOPES)
    assert all(scope_of(place) in Scope for place in every - OPEN - ANY_KEY)
    assert len(every - OPEN) > 30


def strangers(ground: Ground) -> dict[str, dict[str, str]]:
    """Give the headers of everybody who has no business here."""
    ours = ground.ours
    soon = rfc3339(ground.clock.advance(seconds=1))
    every = {"name": "x", "scopes": list(Scope), "trackers": ["tidemark"]}
    expired = {**every, "expires_at": soon}
    revoked = ours.post("/v1/keys", every).get_json()
    headers = {
        "anonymous": {},
        "revoked": bearer(revoked["key"]),
        "unknown": bearer(ours.key[:-1] + ("0" if ours.key[-1] != "0" else "1")),
        "another scheme": {"Authorization": f"Basic {ours.key}"},
        "empty": {"Authorization": "Bearer "},
        "cookie": {"Cookie": f"key={ours.key}"},
    }
    ground.clock.advance(seconds=-60)
    headers["expired"] = bearer(ours.post("/v1/keys", expired).get_json()["key"])
    ground.clock.advance(seconds=120)
    gone = ground.app.test_client().delete(f"/v1/keys/{revoked['id']}", headers=ours.headers)
    assert gone.status_code == 204
    return headers


def test_who_has_no_key_is_turned_away_everywhere_and_leaves_no_trace(
    ground: Ground, guarded: dict[Place, Knock]
) -> None:
    known = strangers(ground)
    before = ground.dump()
    wrong = {}
    for place, knock in guarded.items():
        for who, headers in known.items():
            answer = knock.send(ground, headers={**knock.headers, **headers})
            asks = answer.headers.get("WWW-Authenticate", "")
            if answer.status_code != 401 or not asks.startswith("Bearer"):
                wrong[place, who] = answer.status_code

    assert wrong == {}
    assert ground.dump() == before


def test_a_key_without_the_scope_is_turned_away_everywhere_and_leaves_no_trace(
    ground: Ground, guarded: dict[Place, Knock]
) -> None:
    lacking = {
        scope: bearer(make_key(ground.clock, ground.ours.organisation, set(Scope) - {scope}))
        for scope in Scope
    }
    before = ground.dump()
    wrong = {}
    for place, knock in guarded.items():
        if place in ANY_KEY:
            continue
        answer = knock.send(ground, headers={**knock.headers, **lacking[scope_of(place)]})
        if answer.status_code != 403 or answer.get_json()["code"] != "missing_scope":
            wrong[place] = answer.status_code

    assert wrong == {}
    assert ground.dump() == before


def test_a_key_with_only_that_scope_is_let_in(
    ground: Ground, guarded: dict[Place, Knock]
) -> None:
    having = {
        scope: bearer(make_key(ground.clock, ground.ours.organisation, {scope}))
        for scope in Scope
    }
    wrong = {}
    for place, knock in guarded.items():
        if place in ANY_KEY:
            continue
        answer = knock.send(ground, headers={**knock.headers, **having[scope_of(place)]})
        if answer.status_code in {401, 403} or answer.status_code >= 500:
            wrong[place] = answer.get_json()

    # A key makes no key that may more than itself, nor a new secret of one.
    assert set(wrong) <= {("POST", "/v1/keys"), ("POST", "/v1/keys/<key>/secret")}


@pytest.mark.parametrize("place", ["query", "path"])
def test_a_key_in_an_address_is_never_taken(ground: Ground, place: str) -> None:
    key = ground.ours.key
    path = f"/v1/purposes?key={key}" if place == "query" else f"/v1/purposes/{key}"
    assert ground.app.test_client().get(path).status_code in {400, 401}


def _seen(answer: TestResponse) -> tuple[int, bytes, dict[str, Any]]:
    """Give all that a caller can see, but what is another with every request."""
    headers = {name.lower(): value for name, value in answer.headers}
    for changing in ("x-request-id", "date", "ratelimit"):
        headers.pop(changing, None)
    return answer.status_code, answer.data, headers


def test_anothers_id_is_not_found_byte_for_byte_as_one_that_nobody_has(
    ground: Ground, guarded: dict[Place, Knock]
) -> None:
    foreign = ids_of(ground, ground.theirs)
    before = ground.dump()
    tried, wrong = 0, {}
    for place, rule in places(ground, *METHODS):
        if place not in guarded or not rule.arguments - WORDS:
            continue
        tried += 1
        knock = Knock(place[0], "", guarded[place].body, dict(guarded[place].headers))
        knock.headers.update(ground.ours.headers)
        seen = []
        for known in (foreign, missing()):
            knock.path = path_of(rule, known)
            seen.append(_seen(knock.send(ground)))
        if seen[0] != seen[1] or seen[0][0] != 404:
            wrong[place] = seen

    assert wrong == {}
    assert tried > 20
    assert ground.dump() == before


def test_anothers_id_in_a_body_is_as_unknown_as_one_that_nobody_has(ground: Ground) -> None:
    ours, foreign, nobody = ground.ours, ids_of(ground, ground.theirs), missing()
    mine = ids_of(ground, ours)

    def bodies(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
        version, decision, subject = ids["name"], ids["decision_id"], ids["subject"]
        ada = {"email": "ada.lindqvist@people.example"}
        asked = {"subject": ada, "purpose": ids["purpose"]}
        return [
            ("/v1/decisions", ours.told(ada, notice_version=version)),
            ("/v1/decisions", ours.told(ada, previous=decision)),
            ("/v1/decisions", ours.told(ada, choices={ids["purpose"]: "refused"})),
            ("/v1/permissions", asked),
            ("/v1/unsubscribe-links", asked),
            ("/v1/links", {"subjects": [subject, mine["subject"]], "source": "x"}),
            (f"/v1/sites/{ours.site}/decisions", ours.choice(notice_version=version)),
            (f"/v1/sites/{ours.site}/decisions", ours.choice(previous=decision)),
        ]

    before = ground.dump()
    for (path, theirs), (_, none) in zip(bodies(foreign), bodies(nobody), strict=True):
        seen = []
        for body, ids in ((theirs, foreign), (none, nobody)):
            headers = {**ours.headers, "Origin": ORIGIN}
            status, data, more = _seen(ours.client.post(path, json=body, headers=headers))
            # A refusal names the field, and here a purpose's id is the field's name.
            seen.append((status, data.replace(ids["purpose"].encode(), b"pur"), more))
        if path == "/v1/permissions":  # a question about an unknown purpose has an answer
            assert b'"because":"unknown_purpose"' in seen[0][1]
        else:
            assert seen[0][0] in {404, 409, 422}, path
        assert seen[0] == seen[1], path
    assert ground.dump() == before


def test_another_organisation_sees_and_changes_nothing_of_ours(ground: Ground) -> None:
    """With their own key at our addresses, they find only their own."""
    ours = ids_of(ground, ground.ours)
    before = ground.dump()["decision"]
    for place, rule in places(ground, *METHODS):
        if place in OPEN or place in FORMS or not rule.arguments - WORDS:
            continue
        knock = Knock(place[0], path_of(rule, ours), {"x": "y"}, dict(ground.theirs.headers))
        answer = knock.send(ground)
        assert answer.status_code in {404, 422, 428}, place
    assert ground.dump()["decision"] == before
