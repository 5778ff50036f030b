"""The journal's lines of many noes: written once for all who say the same, and filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..ids import public
from ..web import current
from .journal import write_noes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..keyring import OrganisationKeys
    from .many import Chosen

# What stands in a line where each has her own; nothing else in it is so long, or begins so.
_NUMBER: Final = 1
_DECISION: Final = public("dec", _NUMBER).encode()
_HASH: Final = b"#" * 64


def keep_noes(
    keys: OrganisationKeys,
    several: Sequence[Chosen],
    numbers: Sequence[int],
    journal: list[bytes],
) -> None:
    """Leave the lines of those who said no, as `write_noes` would each of them."""
    lines: dict[Any, list[bytes]] = {}
    for one, number in zip(several, numbers, strict=True):
        if not one.named:
            continue
        undoing = [str(each) for each, row in one.rows.items() if row.yes is not None]
        alike = (id(one.pattern), one.kind, one.named, one.recorded_at, *undoing)
        found = lines.get(alike)
        if found is None:
            found = lines[alike] = _line_of_noes(keys, one, undoing)
        for line in found:
            own = line.replace(_DECISION, public("dec", number).encode())
            journal.append(own.replace(_HASH, one.hash.hex().encode()))


def _line_of_noes(keys: OrganisationKeys, one: Chosen, undoing: list[str]) -> list[bytes]:
    """Write the line of all whose noes are named and undo alike; none, if it needs none."""
    noes = [purpose for purpose, yes, _ in one.pattern.answers if not yes]
    identifier = {"kind": one.kind, "hash": _HASH.decode()}
    line: list[bytes] = []
    write_noes(
        current.settings().data / ledger.FOLDER,
        organisation=keys.organisation,
        decision=_NUMBER,
        recorded_at=one.recorded_at,
        named=lambda: {"identifiers": [identifier], "key_version": keys.index_version},
        choices={
            str(purpose): {"answer": "no", "named": name}
            for purpose, name in zip(noes, one.named, strict=True)
        },
        undoing=undoing,
        waiting=line,
    )
    return line
