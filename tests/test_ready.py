"""Ready says what stops the server, and what does not stop it but wants looking at."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from consent_server.ready import HEARTBEAT, beat

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from consent_server.config import Settings


def test_without_a_worker_the_server_is_ready_and_says_so(
    client: FlaskClient, settings: Settings
) -> None:
    assert client.get("/readyz").get_json() == {"status": "ready", "worker": "never seen"}
    beat(settings)
    assert client.get("/readyz").get_json() == {"status": "ready", "worker": "alive"}
    hour_ago = time.time() - 3600
    os.utime(settings.data / HEARTBEAT, (hour_ago, hour_ago))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["worker"].startswith("not seen since 20")
