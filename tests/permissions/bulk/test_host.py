"""Lists are answered in processes of their own; when one dies, nobody else is told less."""

from __future__ import annotations

import http.client
import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench.processes import tree
from consent_server.permissions.bulk.host import NAME
from tests.support.running import Running, settled, somebody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from tests.support.server import Deployment

BULK = "/v1/permissions/bulk?purpose=newsletter"


@pytest.fixture
def running(deployment: Deployment) -> Iterator[Running]:
    with settled(deployment) as made:
        yield made


def master(running: Running) -> int:
    assert running.deployment.server is not None
    return running.deployment.server.pid


def begun(running: Running) -> http.client.HTTPConnection:
    """Send the first half of a question that is answered while it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", running.deployment.port, timeout=30)
    connection.putrequest("POST", f"{BULK}&duplex=true")
    headers = {"Content-Type": "text/csv", "Transfer-Encoding": "chunked"}
    for name, value in {**running.headers, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    first = b"email\n" + b"".join(f"{somebody()}\n".encode() for _ in range(400))
    connection.send(b"%x\r\n%s\r\n" % (len(first), first))
    return connection


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def listed(running: Running, body: bytes = b"email\nx@example.org\n") -> tuple[int, str]:
    headers = {**running.headers, "Content-Type": "text/csv"}
    answer = running.http.post(BULK, content=body, headers=headers)
    return answer.status_code, answer.text


def test_a_list_whose_process_is_killed_is_not_whole_and_everybody_else_is_answered(
    running: Running,
) -> None:
    before = set(tree(master(running)))
    with closing(begun(running)) as connection:
        answer = connection.getresponse()
        assert answer.readline().startswith(b"email,allowed")
        (own,) = set(tree(master(running))) - before
        os.kill(own, signal.SIGKILL)
        # More of the question, for an answer that does not come any more.
        connection.send(b"3\r\nx@x\r\n")
        with pytest.raises((http.client.HTTPException, OSError)):
            answer.read()
        name = answer.headers["Consent-Clearance"]
    told = running.http.get(f"/v1/clearances/{name}", headers=running.headers)
    assert told.status_code == 404
    assert running.ask({"email": somebody()})["allowed"] is False
    status, text = listed(running)
    assert (status, text.splitlines()[1]) == (200, "x@example.org,false,never_asked,,,,")
    # What a list is refused with is told where it was asked.
    status, text = listed(running, b"x@example.org\n")
    assert status == 422
    assert "/column" in text
    _and_if_the_host_is_killed_lists_are_answered_all_the_same(running)


def _and_if_the_host_is_killed_lists_are_answered_all_the_same(running: Running) -> None:
    with closing(begun(running)) as connection:
        answer = connection.getresponse()
        assert answer.readline().startswith(b"email,allowed")
        # The process of a list is nice; its host is who forked it.
        host = next(parent(one) for one in all_(running) if _is_nicer_than_its_parent(one))
        os.kill(host, signal.SIGKILL)
        # What is under way is answered to its end.
        connection.send(b"0\r\n\r\n")
        assert len(answer.read().splitlines()) == 400
    assert listed(running)[0] == 200
    assert host not in tree(master(running))


def all_(running: Running) -> list[int]:
    return tree(master(running))


def parent(process: int) -> int:
    with open(f"/proc/{process}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def _is_nicer_than_its_parent(process: int) -> bool:
    mine = os.getpriority(os.PRIO_PROCESS, process)
    return mine > os.getpriority(os.PRIO_PROCESS, parent(process))


def test_a_server_that_stops_leaves_no_process_of_lists_behind(running: Running) -> None:
    whole = tree(master(running))
    assert listed(running)[0] == 200
    assert running.deployment.stop()["serve"] == 0
    until(lambda: not any(os.path.exists(f"/proc/{each}") for each in whole[1:]))


def test_a_test_client_has_no_host(app: Flask) -> None:
    assert NAME not in app.extensions
