"""Run by the python of the rivals' own environment: one program, two files, who is left."""

# mypy: ignore-errors
# Each library is there only where this runs.
# ruff: noqa: PLC0415
from __future__ import annotations

import sys


def duckdb(denied: str, asked: str, goal: str) -> None:
    import duckdb as library

    library.sql(
        f"COPY (SELECT a.* FROM read_csv('{asked}') a ANTI JOIN read_csv('{denied}') d"
        f" USING (email)) TO '{goal}' (HEADER)"
    )


def polars(denied: str, asked: str, goal: str) -> None:
    import polars as library

    left = library.scan_csv(asked).join(library.scan_csv(denied), on="email", how="anti")
    left.sink_csv(goal)


def pandas(denied: str, asked: str, goal: str) -> None:
    import pandas as library

    list_, known = library.read_csv(asked), library.read_csv(denied)
    list_[~list_["email"].isin(known["email"])].to_csv(goal, index=False)


if __name__ == "__main__":
    {"duckdb": duckdb, "polars": polars, "pandas": pandas}[sys.argv[1]](*sys.argv[2:])
