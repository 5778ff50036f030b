"""An operator's stop: what was accepted is answered, and nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
from http.client import HTTPResponse
from typing import TYPE_CHECKING

from tests.crash import checks
from tests.crash.wire import SECONDS, Chosen, Client, Writers, whole

if TYPE_CHECKING:
    from tests.crash.wire import Answer, Body

STOPS = 2
UNDER_WAY = 4


class UnderWay:
    """A choice that the server has begun to read: it said to go on, and waits for the rest."""

    def __init__(self, client: Client) -> None:
        running = client.running
        self.body = running.choice()
        self._content = json.dumps(self.body).encode()
        self._socket = socket.create_connection(("127.0.0.1", client.port), SECONDS)
        head = (
            f"POST /v1/sites/{running.site}/decisions HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{client.port}\r\n"
            f"Origin: {running.origin}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(self._content)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        self._socket.sendall(head.encode())
        assert self._socket.recv(4096).startswith(b"HTTP/1.1 100 ")

    def finish(self) -> Answer:
        """Send the rest; gives the whole answer."""
        with self._socket:
            self._socket.sendall(self._content)
            response = HTTPResponse(self._socket)
            response.begin()
            return whole(response)


def test_security_24_a_stop_answers_what_was_accepted_and_loses_nothing(
    client_of_mortals: Client,
) -> None:
    client = client_of_mortals
    for _ in range(STOPS):
        with Writers(client) as writers:
            writers.wait_for(20)
            under_way = [UnderWay(client) for _ in range(UNDER_WAY)]
            _tell_to_stop(client)
            answers = [each.finish() for each in under_way]
            assert client.running.deployment.stop() == {"serve": 0, "worker": 0}
        assert [answer.status for answer in answers] == [201] * UNDER_WAY
        assert writers.refused == []
        client.running.deployment.start()
        checks.answered_again(client, writers.acknowledged)
        _nobody_was_left_without_an_answer(client, writers.unanswered)
        finished = zip(under_way, answers, strict=True)
        checks.answered_again(client, [Chosen(each.body, answer) for each, answer in finished])
    checks.clean(client)


def _tell_to_stop(client: Client) -> None:
    server = client.running.deployment.server
    assert server is not None
    os.kill(server.pid, signal.SIGTERM)


def _nobody_was_left_without_an_answer(client: Client, unanswered: list[Body]) -> None:
    """Whoever got no answer was not let in either: of their choice nothing is known."""
    again = [client.choose(body) for body in unanswered]
    assert [answer.status for answer in again] == [201] * len(again)
    assert [
        body for body, answer in zip(unanswered, again, strict=True) if answer.replayed
    ] == []
