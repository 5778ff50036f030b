"""The receipt's door: whoever knows the name may read it; nobody can guess one."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app, request
from werkzeug.exceptions import NotAcceptable

from ..db import read
from ..ledger import LogSigner
from ..notices.speak import Spoken, spoken
from ..problems import NotFound
from ..web import (
    Door,
    choose_language,
    client_prefix,
    current,
    keep_private,
    limit,
    render_page,
)
from ..web.door import encode
from .forms import dpv_receipt, kantara_receipt
from .forms.parts import Sheet
from .receipt import Receipt, read_receipt
from .receipts import read_receipt_name
from .said import WORDS, say_answer, say_moment, say_where
from .schemas import ReceiptForm, ReceiptOut

if TYPE_CHECKING:
    from collections.abc import Mapping

door = Door("receipts", __name__, description="What the person gets, and may always read.")

LANGUAGES: Final = tuple(WORDS)
_HTML: Final = "text/html"
_JSON: Final = "application/json"
_PDF: Final = "application/pdf"
_LD: Final = "application/ld+json"
_JOSE: Final = "application/jose"
# Kantara named none: a name of our own keeps it apart from our JSON.
_KANTARA: Final = "application/vnd.kantara.consent-receipt+json"
# The forms by what an `Accept` may ask for.
_BY_MEDIA: Final = {
    _JSON: "json",
    _HTML: "html",
    _PDF: "pdf",
    _LD: "dpv",
    _JOSE: "jws",
    _KANTARA: "kantara",
}
SIGNED: Final = "consent-receipt+jwt"
_MINUTE: Final = 60_000_000


def _keep_private(response: Response) -> Response:
    response.vary.add("Accept")
    return keep_private(response)


door.after_request(_keep_private)


@door.get("/v1/receipts/<receipt>")
@door.takes_query(ReceiptForm)
@door.answers(HTTPStatus.OK, ReceiptOut, description="The receipt.")
@door.answers(HTTPStatus.OK, media=_HTML)
@door.answers(HTTPStatus.OK, media=_PDF)
@door.answers(HTTPStatus.OK, media=_JOSE)
@door.answers(HTTPStatus.OK, media=_LD)
@door.answers(HTTPStatus.OK, media=_KANTARA)
@door.refuses(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_ACCEPTABLE)
def show_receipt(query: dict[str, Any], receipt: str) -> Response:
    """Show a receipt by its unguessable name: as JSON, page, PDF, signed, DPV or Kantara's."""
    form = query.get("form") or _accepted()
    found = _find(receipt)
    if form == "json":
        return encode(found.as_json(), HTTPStatus.OK)
    return _WRITERS[form](found)


def _accepted() -> str:
    # Who says nothing takes anything (RFC 9110, 12.5.1).
    if "Accept" not in request.headers:
        return "json"
    wanted = request.accept_mimetypes.best_match(list(_BY_MEDIA))
    if wanted is None:
        raise NotAcceptable
    return _BY_MEDIA[wanted]


def _find(name: str) -> Receipt:
    place = read_receipt_name(current.keyring().derive("receipts"), name)
    # Guesses share one quota; a receipt that exists has its own.
    own = hashlib.sha256(name.encode()).hexdigest()[:32] if place else "guess"
    limit("pages", f"receipt|{own}|{client_prefix()}")
    if place is None:
        raise NotFound
    organisation, decision = place
    with read(organisation) as tx:
        found = read_receipt(tx, organisation, decision, name)
    if found is None:
        raise NotFound
    return found


def _page(found: Receipt) -> Response:
    told = _told(found)
    return render_page("decisions/receipt.html", title=told["words"]["title"], **told)


def _pdf(found: Receipt) -> Response:
    # The library, and what it brings along, is nothing that a server needs before.
    from .receipt_pdf import write_receipt  # noqa: PLC0415

    response = Response(write_receipt(_told(found)), mimetype=_PDF)
    response.headers["Content-Disposition"] = f'inline; filename="{found.decision}.pdf"'
    return response


def _signed(found: Receipt) -> Response:
    signer = LogSigner.of(current.settings(), current.keyring())
    return _named(
        signer.sign_statement(found.as_json(), SIGNED), _JOSE, f"{found.decision}.jws"
    )


def _dpv(found: Receipt) -> Response:
    said = current_app.json.dumps(dpv_receipt(_sheet(found)))
    return _named(said, _LD, f"{found.decision}.jsonld")


def _kantara(found: Receipt) -> Response:
    said = current_app.json.dumps(kantara_receipt(_sheet(found)))
    return _named(said, _KANTARA, f"{found.decision}.kantara.json")


def _sheet(found: Receipt) -> Sheet:
    key = current.keyring().derive("receipt-forms")
    return Sheet(receipt=found, base_url=current.settings().base_url, key=key)


def _named(said: str, media: str, name: str) -> Response:
    response = Response(said, content_type=media)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


_WRITERS: Final = {
    "html": _page,
    "pdf": _pdf,
    "jws": _signed,
    "dpv": _dpv,
    "kantara": _kantara,
}


def _told(found: Receipt) -> dict[str, Any]:
    """Say everything that a person reads, in her language."""
    home = str(found.organisation.get("default_language") or "en")
    said = found.language or home
    language = choose_language(LANGUAGES, said if said in LANGUAGES else "en")
    words = WORDS[language]

    def text(texts: Mapping[str, Any] | None) -> Spoken | None:
        return spoken(texts, language, home)

    return {
        "language": language,
        "words": words,
        "receipt": found,
        "organisation": found.organisation,
        "where": say_where(found, words),
        "change": _change(found, words),
        "recorded": say_moment(found.recorded_at, language),
        "decided": _decided(found, language),
        "text": text,
        "yes_or_no": [(answer, say_answer(answer, words)) for answer in found.answers],
    }


def _change(found: Receipt, words: Mapping[str, str]) -> str:
    key = found.door if f"change_{found.door}" in words else "system"
    site = (found.site or {}).get("name") or ""
    organisation = found.organisation.get("name") or ""
    return words[f"change_{key}"].format(site=site, organisation=organisation)


def _decided(found: Receipt, language: str) -> str:
    # Told only where it differs: a paper form entered days later.
    if abs(found.recorded_at - found.decided_at) < _MINUTE:
        return ""
    return say_moment(found.decided_at, language)
