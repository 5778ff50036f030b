"""The tree as C2SP tiles: 256 hashes a tile, eight levels apart, only the right edge grows.

Tile (level, number) holds the nodes (8 * level, 256 * number + i) for i in 0..255; the
last tile of a level may be partial. A tile only ever gets longer, so the widest one stored
also serves every smaller tree.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from consent_server.ledger.merkle import (
    HASH_SIZE,
    Node,
    NodeReader,
    Span,
    complete_nodes,
    consistency_spans,
    inclusion_spans,
    root_hash,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_SIZE


class TileId(NamedTuple):
    """Which tile: its level (0 holds the leaf hashes) and its number in that level."""

    level: int
    number: int


TileReader = Callable[[int, int], bytes]
"""Gives the stored bytes of tile (level, number), full or partial."""


class TileError(ValueError):
    """A stored tile is missing, too short, or not a whole number of hashes."""


class TilePathError(ValueError):
    """Not the path of a tile."""


@dataclass(frozen=True)
class Appended:
    """What appending leaves changes: the new size and root, and the tiles to write."""

    size: int
    root: bytes
    tiles: dict[TileId, bytes]


def edge_tiles(size: int) -> list[TileId]:
    """Name the partial tiles at the right edge of a tree: all that appending needs."""
    edge, level, count = [], 0, size
    while count:
        if count % WIDTH:
            edge.append(TileId(level, count // WIDTH))
        level, count = level + 1, count // WIDTH
    return edge


def append_leaves(size: int, edge: Mapping[TileId, bytes], leaves: Sequence[bytes]) -> Appended:
    """Extend the tree of this size by leaf hashes, given its edge tiles.

    The tiles returned replace those of the same name; no other tile changes.
    """
    written: dict[TileId, bytes] = {}
    level, count, row = 0, size, b"".join(leaves)
    if len(row) != HASH_SIZE * len(leaves):
        raise TileError("a leaf hash is not 32 bytes")
    while row:
        row = _extend_level(level, count, _edge(edge, level, count) + row, written)
        level, count = level + 1, count // WIDTH
    now = {**edge, **written}
    new_size = size + len(leaves)
    return Appended(new_size, root_hash(node_reader(_lookup(now)), new_size), written)


def _edge(edge: Mapping[TileId, bytes], level: int, count: int) -> bytes:
    width = count % WIDTH
    if not width:
        return b""
    data = edge.get(TileId(level, count // WIDTH), b"")
    if len(data) < width * HASH_SIZE:
        raise TileError(f"edge tile {level}/{count // WIDTH} lacks its {width} hashes")
    # A crashed writer may have stored a wider tile than the size committed: the size rules.
    return data[: width * HASH_SIZE]


def _extend_level(level: int, count: int, row: bytes, written: dict[TileId, bytes]) -> bytes:
    """Cut one level into tiles; give the hashes its newly full tiles add to the next."""
    parents, number = [], count // WIDTH
    for start in range(0, len(row), TILE_BYTES):
        tile = row[start : start + TILE_BYTES]
        written[TileId(level, number)] = tile
        number += 1
        if len(tile) == TILE_BYTES:
            parents.append(fold(tile))
    return b"".join(parents)


def fold(row: bytes) -> bytes:
    """Hash a row of 1, 2, 4 … 256 hashes into the one above them all."""
    while len(row) > HASH_SIZE:
        pairs = range(0, len(row), 2 * HASH_SIZE)
        row = b"".join([sha256(b"\x01" + row[at : at + 64]).digest() for at in pairs])
    return row


def tile_of(node: Node) -> TileId:
    """Name the tile from which this complete subtree can be computed."""
    level = node.level // HEIGHT
    return TileId(level, (node.place << node.level % HEIGHT) // WIDTH)


def node_reader(read_tile: TileReader) -> NodeReader:
    """Read the nodes of the tree out of its tiles."""

    def read(level: int, place: int) -> bytes:
        name = tile_of(Node(level, place))
        width = 1 << level % HEIGHT
        start = place * width % WIDTH
        row = read_tile(*name)[start * HASH_SIZE : (start + width) * HASH_SIZE]
        if len(row) != width * HASH_SIZE:
            raise TileError(f"tile {name.level}/{name.number} lacks node {level}/{place}")
        return fold(row)

    return read


def _lookup(tiles: Mapping[TileId, bytes]) -> TileReader:
    def read_tile(level: int, number: int) -> bytes:
        try:
            return tiles[TileId(level, number)]
        except KeyError as error:
            raise TileError(f"tile {level}/{number} is missing") from error

    return read_tile


def reader_of(tiles: Mapping[TileId, bytes]) -> NodeReader:
    """Read nodes out of tiles already fetched."""
    return node_reader(_lookup(tiles))


def _tiles_of(spans: Iterable[Span]) -> set[TileId]:
    return {tile_of(node) for span in spans for node in complete_nodes(span)}


def tiles_for_root(size: int) -> set[TileId]:
    """Name the tiles from which the root of this size follows."""
    return _tiles_of([Span(0, size)])


def tiles_for_inclusion(index: int, size: int) -> set[TileId]:
    """Name every tile an inclusion proof needs, so that one query can fetch them."""
    return _tiles_of(inclusion_spans(index, size))


def tiles_for_consistency(size1: int, size2: int) -> set[TileId]:
    """Name every tile a consistency proof needs, so that one query can fetch them."""
    return _tiles_of(consistency_spans(size1, size2))


@dataclass(frozen=True)
class TilePath:
    """A tile as the web asks for it: level None is the entry bundle, width 256 is full."""

    level: int | None
    number: int
    width: int = WIDTH


_PATH = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?"
)


def tile_path(tile: TilePath) -> str:
    """Write a tile's path as C2SP tlog-tiles has it: tile/0/x001/x234/067.p/12."""
    groups = f"{tile.number:,}".split(",")
    padded = [group.zfill(3) for group in groups]
    number = "/".join([*(f"x{group}" for group in padded[:-1]), padded[-1]])
    level = "entries" if tile.level is None else str(tile.level)
    suffix = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{number}{suffix}"


def parse_tile_path(path: str) -> TilePath:
    """Read a tile's path; raises TilePathError unless it is the one way to write it."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise TilePathError(f"not a tile path: {path[:80]!r}")
    level, number, width = found.groups()
    tile = TilePath(
        level=None if level == "entries" else int(level),
        number=int(number.replace("x", "").replace("/", "")),
        width=WIDTH if width is None else int(width),
    )
    if not 0 < tile.width <= WIDTH or (tile.level or 0) > 63 or tile_path(tile) != path:
        raise TilePathError(f"not a tile path: {path[:80]!r}")
    return tile


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Join entries as C2SP tlog-tiles serves them, each after its length on two bytes."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])
