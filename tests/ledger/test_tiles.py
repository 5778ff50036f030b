"""Tiles hold the same tree, however its leaves arrived, and know what each proof needs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server.ledger.merkle import (
    EMPTY_ROOT,
    prove_consistency,
    prove_inclusion,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from consent_server.ledger.tiles import (
    TileError,
    TileId,
    TilePath,
    TilePathError,
    append_leaves,
    edge_tiles,
    entry_bundle,
    fold,
    parse_tile_path,
    reader_of,
    tile_path,
    tiles_for_consistency,
    tiles_for_inclusion,
    tiles_for_root,
)
from tests.ledger.vectors import naive_root, some_leaves

LEAVES = some_leaves(1500)
Store = dict[TileId, bytes]


def grow(store: Store, size: int, leaves: list[bytes]) -> bytes:
    edge = {name: store[name] for name in edge_tiles(size)}
    appended = append_leaves(size, edge, leaves)
    assert appended.size == size + len(leaves)
    store.update(appended.tiles)
    return appended.root


def grown(sizes: list[int]) -> tuple[Store, bytes]:
    store: Store = {}
    root, size = EMPTY_ROOT, 0
    for more in sizes:
        root = grow(store, size, LEAVES[size : size + more])
        size += more
    return store, root


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, 300), max_size=5))
def test_any_split_into_batches_gives_the_root_of_the_definition(sizes: list[int]) -> None:
    _, root = grown(sizes)
    assert root == naive_root(LEAVES[: sum(sizes)])


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 300), max_size=5))
def test_any_split_into_batches_leaves_the_same_tiles(sizes: list[int]) -> None:
    assert grown(sizes)[0] == grown([sum(sizes)])[0]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 1024, 1500])
def test_tiles_have_the_widths_of_the_format(size: int) -> None:
    store, _ = grown([size])
    for (level, number), data in store.items():
        row = size // 256**level
        assert len(data) == 32 * min(256, row - 256 * number)
    assert set(edge_tiles(size)) <= set(store)


def test_a_tile_of_the_next_level_holds_the_roots_of_full_tiles_only() -> None:
    store, _ = grown([700])
    full = [store[TileId(0, number)] for number in (0, 1)]
    assert store[TileId(1, 0)] == b"".join(fold(tile) for tile in full)


def test_the_third_level_begins_after_65536_leaves() -> None:
    leaves = some_leaves(1) * 65_537
    appended = append_leaves(0, {}, leaves)
    assert len(appended.tiles[TileId(1, 0)]) == 8192
    assert appended.tiles[TileId(2, 0)] == fold(appended.tiles[TileId(1, 0)])
    assert appended.root == naive_root(leaves)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_tiles_named_for_a_proof_are_enough_for_it(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(1, 1500))
    size1 = data.draw(st.integers(1, size2))
    index = data.draw(st.integers(0, size2 - 1))
    # The whole log is stored: a proof in a smaller tree reads wider tiles than it needs.
    store, _ = grown([1500])
    root1, root2 = naive_root(LEAVES[:size1]), naive_root(LEAVES[:size2])

    fetched = reader_of({name: store[name] for name in tiles_for_inclusion(index, size2)})
    proof = prove_inclusion(fetched, index, size2)
    verify_inclusion(LEAVES[index], index, size2, proof, root2)

    fetched = reader_of({name: store[name] for name in tiles_for_consistency(size1, size2)})
    proof = prove_consistency(fetched, size1, size2)
    verify_consistency(size1, size2, proof, root1, root2)

    fetched = reader_of({name: store[name] for name in tiles_for_root(size2)})
    assert root_hash(fetched, size2) == root2


def test_a_tile_left_wider_by_a_crash_does_not_bend_the_tree() -> None:
    store, _ = grown([300])
    overwritten = append_leaves(
        300, {name: store[name] for name in edge_tiles(300)}, LEAVES[:9]
    )
    store.update(overwritten.tiles)
    assert grow(store, 300, LEAVES[300:320]) == naive_root(LEAVES[:320])


def test_nothing_appended_changes_nothing() -> None:
    store, root = grown([300])
    appended = append_leaves(300, {name: store[name] for name in edge_tiles(300)}, [])
    assert (appended.size, appended.root, appended.tiles) == (300, root, {})
    assert append_leaves(0, {}, []).root == EMPTY_ROOT


def test_a_missing_or_short_edge_tile_stops_the_append() -> None:
    store, _ = grown([300])
    with pytest.raises(TileError, match="edge tile 0/1"):
        append_leaves(300, {}, LEAVES[:1])
    short = {**{name: store[name] for name in edge_tiles(300)}, TileId(0, 1): b"\0" * 32}
    with pytest.raises(TileError, match="edge tile 0/1"):
        append_leaves(300, short, LEAVES[:1])


def test_a_missing_tile_stops_the_proof_and_is_named() -> None:
    store, _ = grown([300])
    del store[TileId(0, 1)]
    with pytest.raises(TileError, match="0/1"):
        prove_inclusion(reader_of(store), 5, 300)


def test_a_leaf_of_another_length_is_refused() -> None:
    with pytest.raises(TileError):
        append_leaves(0, {}, [b"short"])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TilePath(0, 1234067), "tile/0/x001/x234/067"),
        (TilePath(0, 0), "tile/0/000"),
        (TilePath(1, 1000, 12), "tile/1/x001/000.p/12"),
        (TilePath(None, 7, 255), "tile/entries/007.p/255"),
        (TilePath(63, 999), "tile/63/999"),
    ],
)
def test_tl_3_tile_paths_are_those_of_the_format(tile: TilePath, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@given(
    level=st.none() | st.integers(0, 63),
    number=st.integers(0, 10**18),
    width=st.integers(1, 256),
)
def test_every_tile_has_one_path(level: int | None, number: int, width: int) -> None:
    tile = TilePath(level, number, width)
    assert parse_tile_path(tile_path(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/012",
        "tile/0/001/",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/../001",
        "tile/0/\u0660\u0660\u0661",
        "tile/data/001",
    ],
)
def test_no_other_path_names_a_tile(path: str) -> None:
    with pytest.raises(TilePathError):
        parse_tile_path(path)


def test_entries_are_joined_after_their_lengths() -> None:
    assert entry_bundle([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"
