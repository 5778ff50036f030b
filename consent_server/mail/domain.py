"""Do a domain's SPF, DKIM and DMARC records fit the mail that leaves in its name? Pure.

Without a network: the records are given. Each finding says how to mend it.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .records import delegated, tags_of, texts_at
from .spf import check_spf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .records import Record

_POLICIES: Final = ("none", "quarantine", "reject")
_SHORTEST: Final = 1024
_GOOD: Final = 2048


class Level(StrEnum):
    """How much it matters."""

    FINE = "fine"
    COULD_BE_BETTER = "could_be_better"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing about a record, and what to do."""

    level: Level
    record: str
    what: str
    mend: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What leaves: from which domain, with which return path, signed by which selectors."""

    domain: str
    return_path: str
    selectors: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def check_domain(records: Sequence[Record], asked: Asked) -> list[Finding]:
    """Check what receivers will look at, in the order in which they look."""
    found = [
        Finding(Level(level), "SPF", what, mend)
        for level, what, mend in check_spf(records, asked.return_path, asked.addresses)
    ]
    found += _dkim(records, asked)
    found += _dmarc(records, asked)
    return found


def _dkim(records: Sequence[Record], asked: Asked) -> Iterator[Finding]:
    suffix = f"._domainkey.{asked.domain}"
    known = [each.name.removesuffix(suffix) for each in records if each.name.endswith(suffix)]
    selectors = asked.selectors or tuple(dict.fromkeys(known))
    if not selectors:
        yield Finding(
            Level.WRONG,
            "DKIM",
            f"no key is published under _domainkey.{asked.domain}",
            "Have your mail server sign with a key of this domain, and publish the record it"
            f" gives you at <selector>._domainkey.{asked.domain}.",
        )
    for selector in selectors:
        yield from _key(records, f"{selector}{suffix}")


def _key(records: Sequence[Record], name: str) -> Iterator[Finding]:
    record = f"DKIM {name}"
    texts = texts_at(records, name)
    if not texts:
        if delegated(records, name):
            yield Finding(
                Level.COULD_BE_BETTER,
                record,
                "it leads to another name, whose record was not given",
                "Add the TXT record of that name to the file, and check again.",
            )
            return
        yield Finding(Level.WRONG, record, "there is no such record", "Publish it as TXT.")
        return
    tags = tags_of(texts[0])
    if len(texts) > 1:
        yield Finding(
            Level.WRONG, record, "there are several records at this name", "Leave only one."
        )
    if not tags.get("p"):
        yield Finding(
            Level.WRONG,
            record,
            "the key is empty: it was withdrawn, and signatures by it fail",
            "Publish the key your server signs with in p=, or sign with another selector.",
        )
        return
    yield from _strength(record, tags.get("k", "rsa"), tags["p"])
    if "y" in tags.get("t", "").split(":"):
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            "it says that it is a test (t=y): receivers may ignore the signature",
            "Take t=y out once mail arrives signed.",
        )
    if tags.get("h") == "sha1":
        yield Finding(
            Level.WRONG, record, "it allows SHA-1 alone, which is refused", "Write h=sha256."
        )


def _strength(record: str, kind: str, text: str) -> Iterator[Finding]:
    if kind == "ed25519":
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            "an Ed25519 key: many receivers cannot check it",
            "Sign with an RSA key of 2048 bits as well.",
        )
        return
    try:
        key = load_der_public_key(b64decode("".join(text.split()), validate=True))
    except (Base64Error, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        yield Finding(
            Level.WRONG,
            record,
            "the key cannot be read",
            "Copy p= again, whole: long records are cut by some forms.",
        )
    elif key.key_size < _SHORTEST:
        yield Finding(
            Level.WRONG,
            record,
            f"a key of {key.key_size} bits is refused",
            f"Make one of {_GOOD} bits.",
        )
    elif key.key_size < _GOOD:
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            f"a key of {key.key_size} bits is weak today",
            f"Make one of {_GOOD} bits, under another selector.",
        )
    else:
        yield Finding(Level.FINE, record, f"an RSA key of {key.key_size} bits")


def _dmarc(records: Sequence[Record], asked: Asked) -> Iterator[Finding]:
    place, texts = _policy_of(records, asked.domain)
    record = f"DMARC _dmarc.{place}"
    if not texts:
        yield Finding(
            Level.WRONG,
            f"DMARC _dmarc.{asked.domain}",
            "there is none: large mailbox providers refuse mass mail without it",
            f'Publish _dmarc.{asked.domain} TXT "v=DMARC1; p=none; rua=mailto:<an inbox>".',
        )
        return
    if len(texts) > 1:
        yield Finding(
            Level.WRONG, record, "there are several: none of them counts", "Leave only one."
        )
        return
    tags = tags_of(texts[0])
    inherited = place != asked.domain
    policy = (tags.get("sp") if inherited else None) or tags.get("p", "")
    yield from _policy(record, policy.lower())
    if not tags.get("rua"):
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            "nobody is told what receivers see",
            "Add rua=mailto:<an inbox of yours>.",
        )
    if tags.get("pct", "100") != "100":
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            f"it holds for {tags['pct']} % of the mail only",
            "Take pct= out once the reports are clean.",
        )
    yield from _alignment(record, tags.get("aspf", "r"), asked)


def _policy(record: str, policy: str) -> Iterator[Finding]:
    if policy not in _POLICIES:
        yield Finding(
            Level.WRONG,
            record,
            "p= says nothing receivers know",
            "Write p=none first.",
        )
    elif policy == "none":
        yield Finding(
            Level.COULD_BE_BETTER,
            record,
            "p=none: others may still write in your name",
            "Read the reports for some weeks, then write p=quarantine, then p=reject.",
        )
    else:
        yield Finding(Level.FINE, record, f"p={policy}")


def _alignment(record: str, strictness: str, asked: Asked) -> Iterator[Finding]:
    same = asked.return_path == asked.domain
    related = asked.return_path.endswith(f".{asked.domain}") or asked.domain.endswith(
        f".{asked.return_path}"
    )
    if same or (related and strictness != "s"):
        yield Finding(Level.FINE, record, "the return path's domain fits the sender's")
        return
    yield Finding(
        Level.COULD_BE_BETTER,
        record,
        f"the return path is at {asked.return_path}, not at {asked.domain}: SPF does not count"
        " for DMARC, so DKIM alone must hold",
        f"Use a return path at {asked.domain}, or make sure every message is signed for it.",
    )


def _policy_of(records: Sequence[Record], domain: str) -> tuple[str, list[str]]:
    """Find the policy of a domain, else of one above it."""
    name = domain
    while "." in name:
        texts = [
            text
            for text in texts_at(records, f"_dmarc.{name}")
            if text.strip().lower().startswith("v=dmarc1")
        ]
        if texts:
            return name, texts
        name = name.partition(".")[2]
    return domain, []
