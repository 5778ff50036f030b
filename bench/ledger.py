"""`python -m bench.ledger`: how fast entries get their place, are proved, and are checked."""

from __future__ import annotations

import argparse
import os
import resource
import secrets
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from consent_server import ledger
from consent_server.app import create_app
from consent_server.clock import system_clock, to_micros
from consent_server.db import Sql, db, read, write
from consent_server.keyring import Keyring
from consent_server.verify import verify_bundle
from tests.ledger.world import append_many, make_keys
from tests.support import databases, postgres
from tests.support.databases import ENGINES, Engine
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

ORGANISATION: Final = 7
CHUNK: Final = 20_000
_WAIT: Final = Sql(
    "INSERT INTO ledger_pending (organisation_id, record_id, log, recorded_at, minute,"
    " commitment, announced) VALUES (8, :record, 'main', :at, :minute, :commitment, 1)"
)


def main() -> None:
    told = _arguments()
    print(f"{os.cpu_count()} cores; processor time of this one process, database apart")
    for engine in [told.engine] if told.engine else ENGINES:
        with _log(engine) as signer:
            _measure(engine, signer, told.entries)


def _measure(engine: Engine, signer: ledger.LogSigner, entries: int) -> None:
    done = count = 0
    spent: list[float] = []
    while done < entries:
        count = min(CHUNK, entries - done)
        _wait_for_places(done, count)
        spent.append(
            _processor(lambda: ledger.sequence_once(clock=system_clock, signer=signer))
        )
        done += count
    rate = entries / sum(spent)
    print(f"{engine}: sequencer {rate:,.0f} entries a second; last chunk", end=" ")
    print(f"{count / spent[-1]:,.0f}; {entries:,} entries")
    _prove(engine, signer)
    before = _most_memory()
    took = _processor(lambda: _check(signer))
    print(f"{engine}: check {done / took:,.0f} entries a second", end=" ")
    print(f"({10_000_000 * took / done:,.0f} s for 10 million)", end=", ")
    print(f"{_most_memory() - before:.1f} MB more than before it")


def _prove(engine: Engine, signer: ledger.LogSigner) -> None:
    (record,) = append_many(ORGANISATION, 1, at=to_micros(system_clock()))
    ledger.sequence_once(clock=system_clock, signer=signer)
    with read(ORGANISATION) as tx:
        proof = ledger.proof_bytes(
            ledger.prove(
                tx,
                organisation=ORGANISATION,
                record_id=record,
                keys=make_keys(ORGANISATION),
                signer=signer,
                opening=False,
            )
        )
        key = ledger.key_of_log(tx, signer, ledger.MAIN_LOG).vkey
    times = [_processor(lambda: verify_bundle(proof, keys=[key])) for _ in range(50)]
    assert verify_bundle(proof, keys=[key]).holds
    print(f"{engine}: a proof weighs {len(proof)} bytes and is verified in", end=" ")
    print(f"{statistics.median(times) * 1000:.1f} ms")


def _check(signer: ledger.LogSigner) -> None:
    with read() as tx:
        findings = list(ledger.check_log(tx, ledger.MAIN_LOG, signer=signer))
    assert findings == []


def _wait_for_places(first: int, count: int) -> None:
    at = to_micros(system_clock())
    with write() as tx:
        tx.run_many(
            _WAIT,
            [
                {
                    "record": first + each + 1,
                    "at": at + each,
                    "minute": at // 60_000_000,
                    "commitment": secrets.token_bytes(32),
                }
                for each in range(count)
            ],
        )


def _processor(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _log(engine: Engine) -> Iterator[ledger.LogSigner]:
    run = RunFolder()
    data = run.path / "data"
    try:
        with databases.fresh(engine, run.path, data) as database:
            settings = database.settings(data)
            Keyring.create(settings.keys)
            app: Flask = create_app(settings)
            with app.app_context():
                yield ledger.LogSigner.of(settings, Keyring.open(settings.keys))
                db.engine.dispose()
    finally:
        postgres.stop(run.path)
        run.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.ledger", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, help="one engine instead of both")
    parser.add_argument("--entries", type=int, default=100_000, help="in the log")
    return parser.parse_args()


if __name__ == "__main__":
    main()
