"""The file of a dispute, `consent-dispute/1`: an archive of proofs, words and keys.

From the outside in: who signed the list of files, that each file is the one listed, that
nothing else is there; then each proof, and the words it names.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from consent_server.verify.archive import read_archive, require_exact
from consent_server.verify.check import verify_bundle
from consent_server.verify.exact import read_exact
from consent_server.verify.keys import parse_key
from consent_server.verify.statement import read_statement
from consent_server.verify.verdict import Finding, Place, Refused, Sort, Verdict

FORMAT = "consent-dispute/1"
MANIFEST = "manifest.jws"
_SIGNED = "consent-dispute+jwt"
# Said of each proof; what is the same of all of them is not said as often.
_OF_EACH = {
    "stamped",
    "stamp_unvouched",
    "cosigned",
    "about",
    "when",
    "decided",
    "choice",
    "did",
    "how",
}


def verify_dispute(
    data: bytes,
    *,
    keys: Iterable[str],
    identifier: str | None = None,
    authorities: bytes | None = None,
) -> Verdict:
    """Check a dispute's archive against keys the caller trusts; say what it proves.

    With an identifier it holds only if at least one of its proofs is about it, and none that
    shows whom it is about is about another.
    """
    vkeys = list(keys)
    findings: list[Finding] = []
    try:
        files, manifest = _opened(data, vkeys, findings)
        # Taken one by one: those before a refusal are said too.
        findings.extend(_proofs(files, vkeys, identifier, authorities))
        _say_the_rest(findings, identifier)
    except Refused as refused:
        told = Finding(Sort.REFUSED, refused.code, refused.details, refused.place)
        return Verdict(holds=False, findings=(*findings, told))
    return Verdict(holds=True, findings=tuple(findings), record=manifest)


def _opened(
    data: bytes, vkeys: Iterable[str], findings: list[Finding]
) -> tuple[Mapping[str, bytes], Mapping[str, object]]:
    trusted = [parse_key(each) for each in vkeys]
    files = read_archive(data)
    if MANIFEST not in files:
        raise Refused("missing_field", Place(MANIFEST))
    manifest, key = read_statement(files[MANIFEST], _SIGNED, trusted, MANIFEST)
    listed = manifest.get("files")
    if manifest.get("format") != FORMAT or not isinstance(listed, dict):
        raise Refused("unknown_format", Place(MANIFEST), expected=FORMAT)
    findings.append(Finding(Sort.PROVED, "archive_signed", {"key": key.label}))
    for name in sorted(files.keys() - listed.keys() - {MANIFEST}):
        raise Refused("unknown_field", Place(name))
    for name, digest in sorted(listed.items()):
        if name not in files:
            raise Refused("missing_field", Place(name))
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Refused("archive_changed", Place(name))
    require_exact(data, files)
    findings.append(Finding(Sort.PROVED, "archive_whole", {"count": len(listed)}))
    return files, manifest


def _proofs(
    files: Mapping[str, bytes],
    vkeys: Iterable[str],
    identifier: str | None,
    authorities: bytes | None,
) -> Iterator[Finding]:
    for name in sorted(each for each in files if each.startswith("decisions/")):
        opened = b'"opening":' in files[name]
        verdict = verify_bundle(
            files[name],
            keys=vkeys,
            identifier=identifier if opened else None,
            authorities=authorities,
        )
        if verdict.refusal is not None:
            raise _within(name, verdict.refusal)
        record = verdict.record or {}
        yield Finding(Sort.PROVED, "archive_proof", {"file": name})
        for each in verdict.findings:
            if each.code in _OF_EACH:
                yield Finding(each.sort, each.code, each.details, Place(name))
        if "notice_version" in record:
            yield _words(files, name, record)
    for name in sorted(each for each in files if each.startswith("replays/")):
        if name.endswith("/proof.json"):
            yield from _shown_again(files, name, vkeys, authorities)


def _shown_again(
    files: Mapping[str, bytes], name: str, vkeys: Iterable[str], authorities: bytes | None
) -> Iterator[Finding]:
    """See that each view of a banner is the one whose hash the log committed to."""
    verdict = verify_bundle(files[name], keys=vkeys, authorities=authorities)
    if verdict.refusal is not None:
        raise _within(name, verdict.refusal)
    record = verdict.record or {}
    folder = name.removesuffix("/proof.json")
    views = record.get("views")
    if folder != f"replays/{record.get('notice_version')}" or not isinstance(views, dict):
        raise Refused("archive_words", Place(name))
    listed = {
        digest: view
        for several in views.values()
        if isinstance(several, dict)
        for view, digest in several.items()
    }
    for file in sorted(each for each in files if each.startswith(f"{folder}/")):
        if file != name and hashlib.sha256(files[file]).hexdigest() not in listed:
            raise Refused("archive_words", Place(file))
    yield Finding(Sort.PROVED, "archive_proof", {"file": name})
    yield Finding(Sort.PROVED, "archive_shown", {"folder": folder})


def _within(name: str, refusal: Finding) -> Refused:
    where = refusal.place or Place()
    field = f"{name}, {where.field}" if where.field else name
    return Refused(refusal.code, Place(field, where.line, where.byte), **refusal.details)


def _words(files: Mapping[str, bytes], name: str, record: Mapping[str, object]) -> Finding:
    """See that the words in the archive are, to the letter, those the record names."""
    words = f"notices/{record['notice_version']}.json"
    if words not in files:
        raise Refused("missing_field", Place(words))
    read_exact(files[words], words)
    if hashlib.sha256(files[words]).hexdigest() != record.get("notice_hash"):
        raise Refused("archive_words", Place(words))
    return Finding(Sort.PROVED, "archive_said", {"words": words}, Place(name))


def _say_the_rest(findings: list[Finding], identifier: str | None) -> None:
    codes = {each.code for each in findings}
    if identifier is not None and "about" not in codes:
        raise Refused("archive_about_nobody", Place())
    findings.append(Finding(Sort.TOLD, "archive_cover"))
    if "stamped" not in codes:
        findings.append(Finding(Sort.NOT_PROVED, "archive_unstamped"))
    findings.append(Finding(Sort.NOT_PROVED, "archive_complete"))
