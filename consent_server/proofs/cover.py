"""The cover of a dispute: who, what, when, in which words, whether it was allowed, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..decisions.said import WORDS as SAID
from ..decisions.said import say_answer, say_moment, say_where
from ..ids import public
from ..notices.speak import spoken
from ..permissions.explain import explain_reason
from ..web import current, load_words, render_kept
from ..web.pages import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .gather import Dispute, Proved

WORDS: Final = load_words(Path(__file__).parent)
LANGUAGES: Final = tuple(sorted(WORDS))


def cover_page(
    dispute: Dispute,
    language: str,
    *,
    covers: Mapping[str, str],
    words: Mapping[int, Sequence[str]],
    files: Sequence[str],
) -> str:
    """Make the page that is opened first, in one language; it leads to all the others."""
    own = str(dispute.organisation.get("default_language") or "en")
    title = spoken(dispute.purpose.title, language, own)
    chain = dispute.answer.get("chain", ())
    return render_kept(
        "proofs/cover.html",
        language=language,
        title=WORDS[language]["title"],
        words=WORDS[language],
        names=NAMES,
        covers=covers,
        dispute=dispute,
        organisation=dispute.organisation,
        identifier=dispute.asked.typed,
        purpose=title.text if title else dispute.purpose.slug,
        at=say_moment(to_micros(dispute.asked.at), language),
        made=say_moment(to_micros(current.now()), language),
        reason=explain_reason(dispute.answer["because"], language),
        steps=[each[language] for each in chain],
        decisions=[_said(each, dispute, language) for each in dispute.decisions],
        versions=[
            {
                "id": public("ntv", each.id),
                "number": each.number,
                "published": say_moment(each.recorded_at, language),
                "hash": each.content_hash,
                "languages": words[each.id],
                "views": [
                    view
                    for view in (replayed.views if replayed else ())
                    if view.language in words[each.id]
                ],
            }
            for each in dispute.versions
            for replayed in [dispute.replays.get(each.id)]
        ],
        keys=dispute.log_keys,
        files=files,
    )


def _said(proved: Proved, dispute: Dispute, language: str) -> dict[str, Any]:
    receipt, words = proved.receipt, SAID[language]
    (answer,) = [each for each in receipt.answers if each.purpose == dispute.purpose.slug]
    return {
        "id": receipt.decision,
        "recorded": say_moment(receipt.recorded_at, language),
        "decided": say_moment(receipt.decided_at, language),
        "answer": say_answer(answer, words),
        "where": say_where(receipt, words),
        "version": receipt.version,
        "version_id": public("ntv", receipt.version.id) if receipt.version else None,
        "language": receipt.language,
        "opened": proved.opened,
        "stamps": proved.stamps,
    }
