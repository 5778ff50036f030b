"""Parquet files, read and written in batches; needs the extra `parquet`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ...problems import Unprocessable
from .sheets import refuse

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    raise Unprocessable.at(
        "", "Parquet files need another library: pip install 'consent-server[parquet]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from .sheets import Values

_BATCH: Final = 10_000


class ParquetSheet:
    """A Parquet file's rows; their types are kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            file = parquet.ParquetFile(path)
        except (pa.ArrowException, OSError):
            raise refuse(path, "cannot be read as Parquet") from None
        self._schema = file.schema_arrow
        self.header = list(self._schema.names)
        self.size = file.metadata.num_rows

    def rows(self) -> Iterator[Values]:
        """Give every row."""
        for batch in parquet.ParquetFile(self._path).iter_batches(_BATCH):
            columns = [column.to_pylist() for column in batch.columns]
            yield from map(list, zip(*columns, strict=True))

    def write(self, goal: Path, rows: Iterable[Values], added: Sequence[str]) -> None:
        """Write rows under this file's schema, and text columns after it."""
        names = [name for name in self.header if name not in added]
        kept = [at for at, name in enumerate(self.header) if name not in added]
        schema = pa.schema(
            [*(self._schema.field(name) for name in names), *(_added(name) for name in added)]
        )
        width, waiting = len(self.header), iter(rows)
        with parquet.ParquetWriter(goal, schema) as writer:
            while batch := list(islice(waiting, _BATCH)):
                table = [[*(row[at] for at in kept), *_typed(row[width:])] for row in batch]
                writer.write_table(pa.table(_columns(table, schema), schema=schema))


def _added(name: str) -> Any:
    return pa.field(name, pa.bool_() if name == "allowed" else pa.string())


def _typed(said: Sequence[str]) -> list[bool | str | None]:
    return [said[0] == "true", *(text or None for text in said[1:])]


def _columns(rows: list[Values], schema: Any) -> list[Any]:
    columns = zip(*rows, strict=True)
    return [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
