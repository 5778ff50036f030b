"""An organisation's own sender and words, from its file to the message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server import notices
from consent_server.db import write
from consent_server.organisations.document import parse_document
from consent_server.problems import Unprocessable
from tests.support import document as documents
from tests.support.mailserver import post_office
from tests.support.make import ACTOR

if TYPE_CHECKING:
    from consent_server.organisations.document import OrganisationDocument
    from tests.mail.conftest import Office


def with_words(message: dict[str, Any]) -> OrganisationDocument:
    def own(told: Any) -> None:
        sender = {"name": "La lettre", "email": "lettre@cubalys.example"}
        told["organisation"]["sender"] = {
            **sender,
            "reply_to": "bonjour@cubalys.example",
            "messages": [message],
        }

    return parse_document(documents.plain(own))


def test_its_words_and_its_reply_to_are_those_of_the_message(office: Office) -> None:
    subject = {"fr": "Encore un clic, {organisation}", "en": "One more click"}
    document = with_words({"template": "confirm", "subject": subject})
    _apply(office, document)
    with post_office() as post:
        office.use(post.port)
        office.queue()
        office.deliver()
    (taken,) = post.taken
    assert taken.message["Subject"] == f"Encore un clic, {document.organisation.name}"
    assert taken.message["Reply-To"] == "bonjour@cubalys.example"


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        pytest.param(
            {"template": "confirm", "text": {"fr": "Bonjour {email}, {link}", "en": "{link}"}},
            "/organisation/sender/messages/0/text/fr",
            id="an unknown value",
        ),
        pytest.param(
            {"template": "confirm", "text": {"fr": "Bonjour", "en": "{link}"}},
            "/organisation/sender/messages/0/text/fr",
            id="no link",
        ),
        pytest.param(
            {"template": "confirmation", "subject": {"fr": "x", "en": "x"}},
            "/organisation/sender/messages/0/template",
            id="no such message",
        ),
    ],
)
def test_words_that_cannot_be_a_message_are_refused_by_place(
    office: Office, message: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        _apply(office, with_words(message))
    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def _apply(office: Office, document: OrganisationDocument) -> None:
    with write(office.organisation) as tx:
        notices.apply_document(tx, document, actor=ACTOR, now=office.clock())
