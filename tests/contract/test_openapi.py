"""The document and the code keep each other's word (security.md, tests 60 and 61)."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, Final

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.contract.document import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask
    from schemathesis.checks import CheckFunction

    from tests.support.ground import Ground

# One number, the profile's, changes the size of the whole: 10 by hand, 40 in CI.
EXAMPLES: Final = settings().max_examples // 5
METHODS: Final = {"get", "post", "put", "patch", "delete"}
# Read by people and by tools that read the document; they are not described by it.
ABOUT_THE_API: Final = {"/v1/openapi.json", "/v1/docs"}
# The tool asks for compressed answers and does not unpack those of an application.
PLAIN: Final = {"Accept-Encoding": "identity"}
# A body may have every right form and still name a purpose that nobody declared.
NOT_CHECKED: Final[list[CheckFunction]] = [positive_data_acceptance]


class Relay:
    """Stands where the tool wants an application, before any test has made one."""

    app: Flask

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        return self.app(environ, start)


def made() -> schemathesis.BaseSchema:
    """Make the contract from the document."""
    read = schemathesis.openapi.from_dict(document())
    # The tool does not know the answers to a change that names no state, or another one.
    read.config.checks.missing_required_header.expected_statuses = ["4xx"]
    read.config.checks.negative_data_rejection.expected_statuses += ["412", "413"]
    read.app = relay
    # It ends the key that everything else is asked with; it has tests of its own.
    return read.exclude(path="/v1/keys/self")


relay = Relay()
contract = made()
_without_a_key = contract.exclude(
    lambda context: bool(context.operation.definition.raw.get("security"))
)
_quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@contract.parametrize()
@_quick
def test_a_system_with_every_scope_is_answered_as_the_document_says(
    case: schemathesis.Case[Any], grounds: list[Ground]
) -> None:
    for ground in _in_turn(case, grounds):
        case.call_and_validate(
            headers={**PLAIN, **ground.ours.headers}, excluded_checks=NOT_CHECKED
        )


@_without_a_key.parametrize()
@_quick
def test_a_stranger_is_answered_as_the_document_says(
    case: schemathesis.Case[Any], grounds: list[Ground]
) -> None:
    for _ in _in_turn(case, grounds):
        case.call_and_validate(headers=PLAIN, excluded_checks=NOT_CHECKED)


def _in_turn(case: schemathesis.Case[Any], grounds: list[Ground]) -> Iterator[Ground]:
    """Aim a request at each application; every second one reaches something that exists."""
    if case.query.get("wait"):
        case.query["wait"] = 0  # nobody has half a minute for each example
    drawn = dict(case.path_parameters or {})
    aimed = {name for name, value in drawn.items() if zlib.crc32(str(value).encode()) % 2}
    for ground in grounds:
        relay.app = ground.app
        known = {
            "purpose": "newsletter",
            "tracker": "tidemark",
            "notice": "contact-form",
            "site": ground.ours.site,
            "site_id": ground.ours.site,
            "organisation": "cubalys",
        }
        for name in known.keys() & aimed:
            case.path_parameters[name] = known[name]
        yield ground


def test_every_address_under_v1_is_in_the_document_and_back(ground: Ground) -> None:
    described = {
        (method.upper(), path)
        for path, item in document()["paths"].items()
        for method in METHODS & item.keys()
    }
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in ground.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/v1/", "/w/"))
        and rule.rule not in ABOUT_THE_API
        # Files under the names of their bytes are fetched by browsers, not called.
        and "digest" not in rule.rule
        and not rule.rule.endswith((".record.js", ".trackers.js"))
    }

    assert described == served
    assert len(described) > 30


def test_every_list_says_what_it_holds() -> None:
    """A generator of clients makes nothing of one that does not."""
    silent: list[str] = []

    def walk(node: Any, place: str) -> None:
        if isinstance(node, dict):
            kinds = node.get("type", ())
            if (
                "array" in ([kinds] if isinstance(kinds, str) else kinds)
            ) and "items" not in node:
                silent.append(place)
        several = node.items() if isinstance(node, dict) else enumerate(node)
        for name, inner in several:
            if isinstance(inner, (dict, list)):
                walk(inner, f"{place}/{name}")

    walk(document(), "")
    assert silent == []


def test_what_is_served_is_the_document_that_is_tested(ground: Ground) -> None:
    assert ground.app.test_client().get("/v1/openapi.json").get_json() == document()
