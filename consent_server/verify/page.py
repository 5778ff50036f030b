"""What the commands share: keys gathered from texts and files, a verdict as a page of text."""

from collections.abc import Iterable
from pathlib import Path

from consent_server.verify.archive import MAX_ARCHIVE, is_archive
from consent_server.verify.check import verify_bundle
from consent_server.verify.dispute import verify_dispute
from consent_server.verify.exact import canonical
from consent_server.verify.keys import BadKeyError
from consent_server.verify.verdict import Sort, Verdict
from consent_server.verify.words import say

# A little more than may be read is enough to refuse a file.
MOST_READ = MAX_ARCHIVE + 2


def check_file(
    data: bytes, *, keys: Iterable[str], identifier: str | None, authorities: Iterable[Path]
) -> Verdict:
    """Check a file of either sort: a proof, or the archive of a dispute."""
    verify = verify_dispute if is_archive(data) else verify_bundle
    return verify(
        data,
        keys=gather_keys(keys),
        identifier=identifier,
        authorities=gather_authorities(authorities),
    )


def gather_keys(keys: Iterable[str]) -> list[str]:
    """Give the keys themselves: each is one, or a file that holds some; raises BadKeyError."""
    gathered = []
    for key in keys:
        gathered += _keys_in(Path(key)) if _is_file(key) else [key]
    return gathered


def gather_authorities(files: Iterable[Path]) -> bytes | None:
    """Give all certificates in these files, or None where there are no files."""
    return b"\n".join(each.read_bytes() for each in files) or None


def show(verdict: Verdict, language: str, *, as_json: bool) -> str:
    """Write a verdict, for people or for machines."""
    if as_json:
        return canonical(verdict.as_value(language)).decode()
    return _page(verdict, language)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _keys_in(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeyError(f"{path} cannot be read as keys") from error
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys:
        raise BadKeyError(f"{path} holds no key")
    return keys


def _page(verdict: Verdict, language: str) -> str:
    parts = [say(language, "holds" if verdict.holds else "fails")]
    for sort in (Sort.REFUSED, Sort.PROVED, Sort.TOLD, Sort.NOT_PROVED):
        found = verdict.of(sort)
        if found:
            lines = [f"  - {_printable(each.say(language))}" for each in found]
            title = say(language, "part", {"title": say(language, sort.value)})
            parts.append("\n".join([title, *lines]))
    return "\n\n".join(parts)


def _printable(text: str) -> str:
    """Show control characters instead of obeying them: the file is a stranger's."""
    kept = "\u00a0"  # French sets it before its colons
    return "".join(
        each if each.isprintable() or each == kept else f"\\u{ord(each):04x}" for each in text
    )
