"""A log that lives in a database: whatever happens in whatever order, all promises hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from consent_server import ids, ledger
from consent_server.clock import to_micros
from consent_server.db import read
from consent_server.ledger.merkle import prove_consistency, verify_consistency
from consent_server.ledger.stored import read_tiles
from consent_server.ledger.tiles import reader_of, tiles_for_consistency
from consent_server.verify import verify_bundle
from tests.ledger.world import World, append_many

if TYPE_CHECKING:
    from consent_server.ledger.checkpoint import Checkpoint
OWNERS = st.integers(0, 3)


class LivingLog(RuleBasedStateMachine):
    """Four organisations in two logs; every proof and head ever given is kept."""

    written = Bundle("written")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        # The database outlives the example: new organisations in new logs are new to it.
        sandbox = f"sandbox-{ids.new_id()}"
        self.owners = [(ids.new_id(), log) for log in ("main", sandbox) for _ in range(2)]
        self.announced = dict.fromkeys((owner for owner, _ in self.owners), 0)
        self.proofs: list[tuple[bytes, str]] = []
        self.heads: dict[str, list[Checkpoint]] = {"main": [], sandbox: []}
        self.feeds: dict[int, list[ledger.Event]] = {owner: [] for owner, _ in self.owners}

    @rule(target=written, who=OWNERS, count=st.integers(1, 40), events=st.integers(0, 3))
    def append(self, who: int, count: int, events: int) -> object:
        owner, log = self.owners[who]
        now = to_micros(self.world.clock())
        self.announced[owner] += count * events
        return multiple(
            *(
                (owner, each)
                for each in append_many(owner, count, log=log, at=now, events=events)
            )
        )

    @rule(minutes=st.integers(-5, 90))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @rule(batch=st.integers(1, 60))
    def sequence(self, batch: int) -> None:
        self.world.sequence(batch=batch)

    @rule(batches=st.tuples(st.integers(1, 20), st.integers(1, 20)))
    def two_sequence_at_once(self, batches: tuple[int, int]) -> None:
        def run(batch: int) -> None:
            with self.world.app.app_context():
                self.world.sequence(batch=batch)

        with ThreadPoolExecutor() as pool:
            list(pool.map(run, batches))

    @rule(one=consumes(written))
    def prove(self, one: tuple[int, int]) -> None:
        owner, record_id = one
        try:
            bundle = self.world.prove(owner, record_id)
        except ledger.StillPending:
            return
        key = self.world.vkey(dict(self.owners)[owner])
        self.proofs.append((ledger.proof_bytes(bundle), key))

    @invariant()
    def every_proof_ever_given_still_holds(self) -> None:
        assert all(verify_bundle(data, keys=[key]).holds for data, key in self.proofs)

    @invariant()
    def every_head_continues_all_heads_before(self) -> None:
        with read() as tx:
            for log, heads in self.heads.items():
                now = ledger.read_head(tx, log)
                if now is None:
                    continue
                for old in heads:
                    names = tiles_for_consistency(old.size, now.size)
                    reader = reader_of(read_tiles(tx, log, names))
                    proof = prove_consistency(reader, old.size, now.size)
                    verify_consistency(old.size, now.size, proof, old.root, now.root)
                heads.append(self.world.signer.open(now.origin, now.checkpoint))
                del heads[:-5]

    @invariant()
    def every_feed_is_dense_and_only_grows(self) -> None:
        for owner, before in self.feeds.items():
            with read(owner) as tx:
                events = ledger.feed(tx, owner, 0, 10_000)
                assert ledger.feed_head(tx, owner) == len(events)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert events[: len(before)] == before
            self.feeds[owner] = events

    def teardown(self) -> None:
        self.world.sequence()
        assert self.world.findings() == []
        for owner, count in self.announced.items():
            with read(owner) as tx:
                assert ledger.feed_head(tx, owner) == count


def test_whatever_happens_all_promises_of_the_log_hold(world: World) -> None:
    class Here(LivingLog):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(
        Here, settings=settings(max_examples=12, stateful_step_count=15, deadline=None)
    )
