"""SPF: may these addresses send in the name of a return path (RFC 7208)? Pure."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from .records import name_of, texts_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .records import Record

# Level, what, how to mend it.
Said = tuple[str, str, str]
_FINE, _BETTER, _WRONG = "fine", "could_be_better", "wrong"
# Beyond it receivers stop and answer "permerror" (RFC 7208 §4.6.4).
_MOST_LOOKUPS: Final = 10
_LOOKUPS: Final = ("include", "a", "mx", "ptr", "exists", "redirect")


def check_spf(
    records: Sequence[Record], domain: str, addresses: Sequence[str]
) -> Iterator[Said]:
    """Check the record of a return path's domain."""
    texts = _spf_at(records, domain)
    if not texts:
        yield (
            _WRONG,
            f"{domain} publishes none",
            f'Publish {domain} TXT "v=spf1 include:<your mail provider> -all".',
        )
        return
    if len(texts) > 1:
        yield _WRONG, "there are several: receivers read none", "Make one of them."
        return
    terms = texts[0].split()[1:]
    yield from _end(terms)
    reached = _Reached(records)
    reached.walk(domain)
    if reached.lookups > _MOST_LOOKUPS:
        yield (
            _WRONG,
            f"it asks {reached.lookups} other records; receivers stop at {_MOST_LOOKUPS}",
            "Take out what no longer sends, or write its networks as ip4: and ip6:.",
        )
    if any(_mechanism(term)[0] == "ptr" for term in terms):
        yield _BETTER, "ptr is slow and not to be used", "Write the networks as ip4: and ip6:."
    for address in addresses:
        yield _holds(reached, address)


def _holds(reached: _Reached, address: str) -> Said:
    if any(ip_address(address) in ip_network(each, strict=False) for each in reached.networks):
        return _FINE, f"{address} may send", ""
    if reached.not_given:
        names = ", ".join(sorted(reached.not_given))
        return (
            _BETTER,
            f"whether {address} may send hangs on records that were not given: {names}",
            "Add them to the file, and check again.",
        )
    family = "ip6" if ":" in address else "ip4"
    return _WRONG, f"{address} may not send", f"Add {family}:{address} before the last term."


def _end(terms: Sequence[str]) -> Iterator[Said]:
    last = [term for term in terms if _mechanism(term)[0] == "all"]
    if any(term.startswith("redirect=") for term in terms):
        return
    if not last:
        yield _BETTER, "it does not say who may not", "End it with -all, or with ~all at first."
    elif last[0] in {"all", "+all"}:
        yield _WRONG, "+all lets everybody write in your name", "End it with -all."
    elif last[0] == "?all":
        yield _BETTER, "?all says nothing about others", "End it with -all, or ~all at first."
    else:
        yield _FINE, f"it ends with {last[0]}", ""


def _spf_at(records: Sequence[Record], name: str) -> list[str]:
    found = texts_at(records, name)
    return [each for each in found if each.lower().split()[:1] == ["v=spf1"]]


def _mechanism(term: str) -> tuple[str, str]:
    plain = term.lstrip("+-~?").lower()
    for separator in (":", "="):
        name, found, value = plain.partition(separator)
        if found:
            return name, value
    return plain.partition("/")[0], ""


class _Reached:
    """The networks a record lets send, its own and those of what it includes."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.networks: list[str] = []
        self.not_given: set[str] = set()
        self.lookups = 0
        self._seen: set[str] = set()

    def walk(self, domain: str) -> None:
        if domain in self._seen:
            return
        self._seen.add(domain)
        texts = _spf_at(self.records, domain)
        if not texts:
            self.not_given.add(domain)
            return
        for term in texts[0].split()[1:]:
            self._take(domain, term)

    def _take(self, domain: str, term: str) -> None:
        name, value = _mechanism(term)
        if name in _LOOKUPS:
            self.lookups += 1
        if term.startswith(("-", "~", "?")):
            return
        if name in {"ip4", "ip6"}:
            self._network(value)
        elif name in {"include", "redirect"}:
            self.walk(name_of(value))
        elif name in {"a", "mx", "ptr", "exists"}:
            self.not_given.add(f"{name} of {name_of(value) or domain}")

    def _network(self, text: str) -> None:
        try:
            ip_network(text, strict=False)
        except ValueError:
            return
        self.networks.append(text)
