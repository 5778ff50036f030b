"""The two mails of the centre: the link to it, and the proof that a mailbox is hers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from babel.dates import format_date

from ... import mail
from ...db import read, swift_write
from ...organisations import keys_of
from ...subjects import Identified, NotAnIdentifier, identify
from ...web import current
from .person import holder
from .tokens import LINK_DAYS, PROOF_MINUTES, write_token

if TYPE_CHECKING:
    from .tokens import Bearer


def link(organisation: int, address: str, language: str) -> bool:
    """Mail a link to an address, whether or not anybody is known by it; False for none.

    Nothing is asked of what is known, so the answer and its time tell nothing either.
    """
    try:
        given = identify("email", address.strip(), region="")
    except NotAnIdentifier:
        return False
    until = current.now() + timedelta(days=LINK_DAYS)
    until_said = format_date(until, "d MMMM y", locale=language)
    return _mail(organisation, given, "preferences", language, {"until": until_said})


def prove(bearer: Bearer, language: str) -> bool:
    """Mail a link that opens the page for who reads that mailbox; False if there is none."""
    with read(bearer.organisation) as tx:
        held = holder(tx, keys_of(bearer.organisation, tx), bearer)
    if held is None or held.given.kind != "email":
        return False
    minutes = {"minutes": str(PROOF_MINUTES)}
    return _mail(bearer.organisation, held.given, "prove", language, minutes)


def _mail(
    organisation: int, given: Identified, template: str, language: str, values: dict[str, str]
) -> bool:
    with read(organisation) as tx:
        keys = keys_of(organisation, tx)
    token = write_token(keys, given.kind, given.match, proved=template == "prove")
    message = mail.Message(
        organisation=organisation,
        to=given.display,
        match=given.match,
        template=template,
        language=language,
        values={**values, "link": f"{current.settings().base_url}/p/{token}?lang={language}"},
        about=template,
    )
    try:
        with swift_write(organisation, lock=mail.lock_of(keys, given.match)) as tx:
            # One whose budget is spent has the mail already, and is answered alike.
            mail.queue(tx, message, now=current.now(), budget=current.settings().mail)
    except mail.UnfitAddress:
        return False
    return True
