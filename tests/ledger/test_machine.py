"""A log that lives: whatever happens in whatever order, every old proof still verifies."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consent_server.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from consent_server.ledger.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from consent_server.ledger.note import Signer
from consent_server.ledger.tiles import TileId, append_leaves, edge_tiles, reader_of
from tests.ledger.vectors import naive_root

ORIGIN = "log.example/machine"


class LogMachine(RuleBasedStateMachine):
    """Appends, signs and proves; keeps every proof and every checkpoint it ever gave."""

    def __init__(self) -> None:
        super().__init__()
        self.signer = Signer.from_seed(ORIGIN, b"\x07" * 32)
        self.leaves: list[bytes] = []
        self.tiles: dict[TileId, bytes] = {}
        self.head = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
        self.signed: list[str] = []
        self.given: list[tuple[int, str, list[bytes]]] = []

    @rule(count=st.integers(1, 600))
    def append(self, count: int) -> None:
        size = self.head.size
        fresh = [leaf_hash(f"{size + place}".encode()) for place in range(count)]
        edge = {name: self.tiles[name] for name in edge_tiles(size)}
        appended = append_leaves(size, edge, fresh)
        self.leaves += fresh
        self.tiles.update(appended.tiles)
        self.head = Checkpoint(ORIGIN, appended.size, appended.root)

    @precondition(lambda self: self.head.size)
    @rule()
    def sign(self) -> None:
        self.signed.append(sign_checkpoint(self.head, self.signer))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def prove(self, data: st.DataObject) -> None:
        note = data.draw(st.sampled_from(self.signed))
        size = open_checkpoint(note, [self.signer.key]).size
        index = data.draw(st.integers(0, size - 1))
        proof = prove_inclusion(reader_of(self.tiles), index, size)
        self.given.append((index, note, proof))

    @invariant()
    def every_proof_ever_given_still_verifies(self) -> None:
        for index, note, proof in self.given:
            head = open_checkpoint(note, [self.signer.key])
            verify_inclusion(self.leaves[index], index, head.size, proof, head.root)

    @invariant()
    def every_checkpoint_is_a_prefix_of_the_log(self) -> None:
        read = reader_of(self.tiles)
        for note in self.signed:
            old = open_checkpoint(note, [self.signer.key])
            proof = prove_consistency(read, old.size, self.head.size)
            verify_consistency(old.size, self.head.size, proof, old.root, self.head.root)

    @invariant()
    def the_root_is_that_of_the_definition(self) -> None:
        assert self.head.root == naive_root(self.leaves)


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
