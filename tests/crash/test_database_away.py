"""The database is away: the answer is no, with its reason, and never yes (promise 3)."""

from __future__ import annotations

import resource
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crash import checks
from tests.crash.conftest import serving
from tests.crash.wire import UNANSWERED, Chosen, Client, Writers, more_of_a_list
from tests.support import databases, postgres, shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection, HTTPResponse

ADA = "ada@people.example"
BEN = "ben@people.example"
# Longer than a key is remembered: later lookups cannot even tell who asks.
FORGOTTEN = 1.2


def refused(client: Client, email: str) -> None:
    """Nobody is told yes, and whoever asks learns why, and when to ask again."""
    answer = client.ask(email)
    assert answer.status == 503, answer.content
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json["code"] == "unavailable"
    assert (answer.json["allowed"], answer.json["because"]) == (False, "unavailable")


def refused_for_as_long_as_it_is_away(client: Client) -> None:
    for _ in range(8):
        refused(client, ADA)
    time.sleep(FORGOTTEN)
    for _ in range(8):
        refused(client, ADA)
        refused(client, BEN)
    assert client.get("/healthz").status == 200
    assert client.get("/readyz").status == 503


@pytest.mark.timeout(240)
def test_security_2_and_13_postgresql_stops_in_the_middle_of_writes_and_comes_back(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with (
        _cluster_of_our_own() as folder,
        databases.fresh("postgresql", folder, data) as database,
        serving(database, data) as client,
    ):
        client.running.agree(ADA)
        with Writers(client) as writers, closing(client.half_a_list()) as asked:
            writers.wait_for(20)
            begun = asked.getresponse()
            assert begun.readline().startswith(b"email,allowed")
            # At once, without a farewell to its sessions.
            postgres.stop(folder)
            _a_list_in_mid_stream_is_not_whole(asked, begun)
            refused_for_as_long_as_it_is_away(client)
            postgres.start_again(folder)
            checks.lookup_until(client, ADA, allowed=True)
            writers.wait_for(20)
            name = begun.headers["consent-clearance"]
            assert client.get(f"/v1/clearances/{name}").status == 404
        assert {each.answer.status for each in writers.refused} <= {503}
        assert writers.unanswered == []
        checks.lookup_until(client, BEN, allowed=False)
        _everything_is_there(client, writers)


def _a_list_in_mid_stream_is_not_whole(asked: HTTPConnection, begun: HTTPResponse) -> None:
    with pytest.raises(UNANSWERED):  # noqa: PT012 - whichever comes first
        more_of_a_list(asked, b"x@nobody.example\n" * 20_000)
        more_of_a_list(asked, b"")
        begun.read()


@contextmanager
def _cluster_of_our_own() -> Iterator[Path]:
    folder = shared.RunFolder(shared.swiftest())
    try:
        yield folder.path
    finally:
        postgres.stop(folder.path)
        folder.close()


def test_security_13_a_missing_sqlite_file_is_no_permission_and_is_not_made_anew(
    tmp_path: Path, run_folder: Path
) -> None:
    data = tmp_path / "data"
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        serving(database, data) as client,
    ):
        client.running.agree(ADA)
        deployment = client.running.deployment
        deployment.stop()
        (data / "consent.db").rename(data / "elsewhere.db")
        deployment.start_server()
        _wait_until_it_listens(client)
        refused_for_as_long_as_it_is_away(client)
        assert not (data / "consent.db").exists()
        (data / "elsewhere.db").rename(data / "consent.db")
        # The same processes go on as soon as it is back.
        checks.lookup_until(client, ADA, allowed=True)
        deployment.start_worker()
        deployment.wait_until_ready()
        checks.clean(client)


def test_security_7_a_full_disk_refuses_writes_and_acknowledges_none_that_it_loses(
    tmp_path: Path, run_folder: Path
) -> None:
    data = tmp_path / "data"
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        serving(database, data) as client,
    ):
        client.running.agree(ADA)
        link = client.running.link(ADA)
        with Writers(client) as writers:
            writers.wait_for(20)
            _let_files_grow(client, 0)
            while len(writers.refused) < 20:
                assert client.ask(ADA).json["allowed"] is True
                assert client.ask(BEN).json["allowed"] is False
            assert client.one_click(link).status == 503
            # There is no room for a question either, and none of it is answered.
            assert client.ask_many(b"email\nada@people.example\n" * 40_000).status == 507
            assert client.ask(ADA).json["allowed"] is True
            _let_files_grow(client, resource.RLIM_INFINITY)
            writers.wait_for(20)
        assert {each.answer.status for each in writers.refused} == {503}
        assert writers.unanswered == []
        assert client.one_click(link).status == 200
        checks.lookup_until(client, ADA, allowed=False)
        _everything_is_there(client, writers)


def _let_files_grow(client: Client, most: int) -> None:
    """Let the server's processes write files up to this many bytes, as a full disk would."""
    server = client.running.deployment.server
    assert server is not None
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for process in [server.pid, *map(int, children)]:
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most, hard))


def _wait_until_it_listens(client: Client) -> None:
    until = time.monotonic() + checks.PATIENCE
    while time.monotonic() < until:
        try:
            client.get("/healthz")
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(client.running.deployment.last_words())


def _everything_is_there(client: Client, writers: Writers) -> None:
    checks.answered_again(client, writers.acknowledged)
    # What was refused may be sent again, and then it is written, once.
    again = [Chosen(each.body, client.choose(each.body)) for each in writers.refused]
    assert {each.answer.status for each in again} <= {201}
    chosen = [each.answer.json for each in writers.acknowledged + again]
    checks.integrated(client, chosen)
    checks.clean(client)
