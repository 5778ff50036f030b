"""A dispute as one archive, to be opened in ten years with no network and without us.

In it: two cover pages, the proofs, the words in every language concerned, the keys, what
checks them all, and a signed list of its files. The same dispute at the same moment is the
same bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339
from ..ids import public
from ..ledger.canonical import canonical_bytes
from ..notices.pages import kept_page
from ..web import assets, current
from .cover import LANGUAGES, cover_page
from .packed import packed
from .verifier import NAME, verifier_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..notices.values import VersionShown
    from .gather import Dispute

FORMAT: Final = "consent-dispute/1"
MANIFEST: Final = "manifest.jws"
SIGNED: Final = "consent-dispute+jwt"
_VERIFY_PAGE: Final = "verify/verify.html"


def dispute_file(dispute: Dispute) -> bytes:
    """Give the archive of a dispute."""
    files = dict(sorted(_files(dispute)))
    files |= dict(_covers(dispute, files))
    ordered = dict(sorted(files.items()))
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    manifest = signer.sign_statement(_manifest(dispute, ordered), SIGNED)
    return packed({**ordered, MANIFEST: manifest.encode()})


def languages_of(dispute: Dispute, version: VersionShown) -> list[str]:
    """List the languages of a version that matter: its own, and those it was shown in."""
    shown = {
        each.receipt.language
        for each in dispute.decisions
        if each.receipt.language and each.receipt.version == version
    }
    return [*version.languages, *sorted(shown - set(version.languages))]


def _files(dispute: Dispute) -> Iterator[tuple[str, bytes]]:
    for each in dispute.decisions:
        yield f"decisions/{each.receipt.decision}.json", each.proof
    for version in dispute.versions:
        name = f"notices/{public('ntv', version.id)}"
        # The very bytes whose hash the records name.
        yield f"{name}.json", canonical_bytes(version.body)
        for language in languages_of(dispute, version):
            yield f"{name}.{language}.html", kept_page(version, language).encode()
    for number, replayed in dispute.replays.items():
        name = f"replays/{public('ntv', number)}"
        yield f"{name}/proof.json", replayed.proof
        for view in replayed.views:
            if view.content is not None:
                yield f"{name}/{view.file}", view.content
    yield "answer.json", canonical_bytes(_told(dispute))
    yield from _keys(dispute)
    yield "verify.html", assets.asset(_VERIFY_PAGE).body
    yield NAME, verifier_file()


def _keys(dispute: Dispute) -> Iterator[tuple[str, bytes]]:
    settings = current.settings()
    signer = ledger.LogSigner.of(settings, current.keyring())
    yield "keys/log.keys", "".join(f"{each}\n" for each in dispute.log_keys).encode()
    yield "keys/jwks.json", canonical_bytes(signer.jwks())
    if settings.timestamp_roots is not None:
        yield "keys/authorities.pem", settings.timestamp_roots.read_bytes()


def _covers(dispute: Dispute, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    own = str(dispute.organisation.get("default_language"))
    first = own if own in LANGUAGES else LANGUAGES[0]
    names = {
        each: "index.html" if each == first else f"index.{each}.html" for each in LANGUAGES
    }
    words = {version.id: languages_of(dispute, version) for version in dispute.versions}
    for language, name in names.items():
        page = cover_page(dispute, language, covers=names, words=words, files=sorted(files))
        yield name, page.encode()


def _told(dispute: Dispute) -> dict[str, Any]:
    """Write the question and its answer, without whom it was asked about."""
    return {
        "asked_at": rfc3339(current.now()),
        "at": rfc3339(dispute.asked.at),
        "purpose": dispute.purpose.slug,
        "organisation": public("org", dispute.asked.organisation),
        "answer": dict(dispute.answer),
    }


def _manifest(dispute: Dispute, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": rfc3339(current.now()),
        "organisation": public("org", dispute.asked.organisation),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
