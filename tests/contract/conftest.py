"""The application that the document's promises are tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.ground import ground_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Engine
    from tests.support.ground import Ground


@pytest.fixture(scope="module")
def ground(
    engine: Engine, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Give two organisations on an application of this module's own."""
    with ground_on(engine, run_folder, tmp_path_factory.mktemp("ground") / "data") as made:
        yield made
