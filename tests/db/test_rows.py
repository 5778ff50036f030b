"""Rows that are written together arrive as they were given, whatever is in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from consent_server.db import Insert, Sql, swift_write
from consent_server.ids import new_id
from consent_server.ledger.models import Record

if TYPE_CHECKING:
    from flask import Flask

_KEEP = Insert(Record.__table__)
_READ = Sql(
    "SELECT kind, sealed, announcements FROM ledger_record"
    " WHERE organisation_id = :organisation AND id = :id"
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
awkward = st.sampled_from(["'", "\\", "\\'", '"', "\n", "$$", "%(a)s", "é", "\u2028", "');--"])
rows = st.lists(
    st.tuples(
        st.builds("".join, st.lists(texts | awkward, max_size=4)),
        st.none() | st.binary(max_size=80),
        st.lists(st.dictionaries(texts, texts | st.integers(-(2**62), 2**62)), max_size=2),
    ),
    min_size=1,
    max_size=3,
)


def test_texts_bytes_and_json_come_back_as_they_were_given(app: Flask) -> None:
    @given(given=rows)
    def alike(given: list[tuple[str, bytes | None, Any]]) -> None:
        ids = [new_id() for _ in given]
        with swift_write(7) as tx:
            for number, (kind, sealed, told) in zip(ids, given, strict=True):
                tx.later(
                    _KEEP,
                    {
                        "organisation_id": 7,
                        "id": number,
                        "kind": kind,
                        "recorded_at": 1,
                        "sealed": sealed,
                        "announcements": json.dumps(told, ensure_ascii=False),
                    },
                )
            found = [tx.run(_READ, {"organisation": 7, "id": each})[0] for each in ids]
        for (kind, sealed, told), (own, kept, text) in zip(given, found, strict=True):
            assert (own, kept and bytes(kept)) == (kind, sealed)
            assert (json.loads(text) if isinstance(text, str) else text) == told

    alike()
