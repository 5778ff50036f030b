"""An older backup comes back: the journal says who was erased and suppressed since."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from consent_server.db import db, empty_log
from consent_server.rights.cli import replay_command
from tests.rights.world import ADA, CRM, erase, know

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.house import House

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")
BEA = {"email": "bea@people.example"}
VISITOR = "visitor-of-22-letters-"


def hashed(subject: dict[str, str]) -> dict[str, str]:
    """Name somebody by the bare SHA-256 that other tools exchange."""
    return {"sha256_email": hashlib.sha256(subject["email"].encode()).hexdigest()}


def replay() -> Any:
    done = CliRunner().invoke(replay_command, ["--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_whoever_was_erased_or_suppressed_since_the_backup_is_so_again(
    house: House, database: Database
) -> None:
    know(house, ADA, CRM)
    house.tell(ADA)
    house.tell(BEA)
    house.choose(house.choice(visitor=VISITOR))
    file = Path(str(make_url(database.url).database))
    backup = file.with_name("backup.db")
    empty_log()
    shutil.copy(file, backup)
    house.clock.advance(days=1)

    erase(house, ADA)
    house.post("/v1/suppressions", {"subject": BEA, "scope": "marketing"})
    record = {"visitor": VISITOR, "do": "erase"}
    path = f"/v1/sites/{house.site}/record"
    house.client.post(path, json=record, headers={"Origin": "http://cubalys.localhost:8001"})
    assert replay() == {"erased": 0, "suppressed": 0, "refused": 0}

    db.engine.dispose()
    for each in file.parent.glob("consent.db-*"):
        each.unlink()
    shutil.copy(backup, file)
    assert house.why(ADA) == house.why(BEA) == "consent"
    house.clock.advance(days=1)
    assert replay() == {"erased": 2, "suppressed": 3, "refused": 0}
    assert house.why(ADA) == house.why(CRM) == house.why(hashed(ADA)) == "erased"
    assert house.why(BEA) == "suppressed"
    assert house.why({"visitor": VISITOR}, "analytics") == "never_asked"
    assert replay() == {"erased": 0, "suppressed": 0, "refused": 0}


def test_whoever_came_again_after_the_erasure_is_left_alone(house: House) -> None:
    house.tell(ADA)
    erase(house, ADA, suppress=False)
    house.clock.advance(days=1)
    house.tell(ADA)
    assert replay() == {"erased": 0, "suppressed": 0, "refused": 0}
    assert house.why(ADA) == "consent"
