"""The page of the log, in plain words: what it is, how big, who vouches, how to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from babel.dates import format_datetime
from babel.numbers import format_decimal

from .. import web
from ..clock import from_micros
from ..db import read
from ..web.pages import LANGUAGES, PUBLIC
from .health import log_health
from .note import parse_vkey
from .signer import LogSigner
from .stamped import stamps
from .witness.cosign import known_logs
from .witness.state import witness_states

if TYPE_CHECKING:
    from flask import Response

    from ..db import Transaction

WORDS: Final = web.load_words(Path(__file__).parent)
_SHOWN: Final = 5


def show_log_page() -> Response:
    """Answer the page in the reader's language."""
    language = web.choose_language(LANGUAGES, "en")
    with read() as tx:
        told = _told(tx, language)
    settings = web.current.settings()
    return web.render_page(
        "ledger/log.html",
        language=language,
        cache=PUBLIC,
        title=WORDS[language]["title"],
        words=WORDS[language],
        stamping=bool(settings.timestamp_urls),
        witnesses=[
            {
                "name": parse_vkey(each.witness).name,
                "key": each.witness,
                "size": _count(each.size, language),
                "at": _moment(each.cosigned_at, language) if each.cosigned_at else None,
                "pending": _count(each.pending, language),
                "waits": each.pending > 0,
            }
            for each in witness_states(settings)
        ],
        witnessed=sorted(known_logs(settings.witness_logs)),
        **told,
    )


def _told(tx: Transaction, language: str) -> dict[str, Any]:
    health = log_health(tx)
    signer = LogSigner.of(web.current.settings(), web.current.keyring())
    given = [each for each in stamps(tx, _SHOWN) if each.log == "main"]
    head = health.head
    return {
        "size": _count(health.size, language),
        "head": head
        and {
            "origin": head.origin,
            "signed": _moment(head.signed_at, language),
            "key": signer.key_for(head.origin).vkey,
        },
        "stamps": [
            {
                "at": _moment(each.told_at, language),
                "size": _count(each.size, language),
                "by": urlsplit(each.authority).hostname or "",
            }
            for each in given
        ],
        "unstamped": _count(health.unsaid(health.stamped), language),
        "all_stamped": health.unsaid(health.stamped) == 0,
    }


def _moment(micros: int, language: str) -> str:
    form = "d MMMM yyyy, HH:mm 'UTC'"
    return str(format_datetime(from_micros(micros), form, locale=language))


def _count(number: int, language: str) -> str:
    return str(format_decimal(number, locale=language))
