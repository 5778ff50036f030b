"""The applications that the document's promises are tried on."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import ENGINES
from tests.support.ground import Ground, ground, ground_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ground"]


@pytest.fixture(scope="module")
def grounds(
    run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Ground]]:
    """Give an application on each engine: a request takes longer to make up than to answer."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                ground_on(engine, run_folder, tmp_path_factory.mktemp(engine) / "data")
            )
            for engine in ENGINES
        ]
