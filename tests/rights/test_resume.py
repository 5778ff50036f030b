"""Yesterday's database comes back: the noes too, and the log goes on under another name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server import ledger
from consent_server.db import Sql, read
from consent_server.fsck import check_all
from consent_server.ledger.guard import Guard
from consent_server.organisations import keys_of
from consent_server.rights.resume_cli import resume_command
from consent_server.verify import verify_bundle
from consent_server.web import current
from tests.rights.world import ADA, CRM, erase, know
from tests.support.backup import backup

if TYPE_CHECKING:
    from pathlib import Path

    from consent_server.config import Settings
    from tests.support.databases import Database
    from tests.support.house import House

BEA = {"email": "bea@people.example"}
CLEO = {"email": "cleo@people.example"}
DORA = {"email": "dora@people.example"}
_RESUMPTION = Sql(
    "SELECT id FROM ledger_record WHERE organisation_id = :organisation AND kind = 'resumption'"
)


def resume(*words: str) -> Any:
    done = CliRunner().invoke(resume_command, ["--yes", "--json", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def proof_of(house: House, decision: str) -> bytes:
    answer = house.get(f"/v1/decisions/{decision}/proof")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data()


def holds(proof: bytes, key: str) -> bool:
    return verify_bundle(proof, keys=[key]).holds


@dataclass
class Story:
    """What people did before a backup and after it."""

    house: House
    visitor: dict[str, Any] = field(default_factory=dict)
    before: str = ""
    lost: bytes = b""

    def before_the_backup(self) -> None:
        know(self.house, ADA, CRM)
        for each in (ADA, BEA, DORA):
            self.before = self.house.tell(each).get_json()["id"]
        self.visitor = self.house.choice("accept_all")
        self.house.choose(self.visitor)
        self.house.integrate()

    def after_it(self) -> None:
        house = self.house
        house.clock.advance(days=1)
        house.tell(BEA, choices={"newsletter": "withdrawn"})
        # Somebody whom the backup does not know at all.
        house.tell(CLEO)
        house.tell(CLEO, choices={"newsletter": "withdrawn"})
        again = {"visitor": self.visitor["visitor"], "previous": self.visitor["id"]}
        house.clock.advance(minutes=1)
        assert house.choose(house.choice("withdraw_all", **again)).status_code == 201
        erase(house, ADA)
        yes = house.tell({"email": "emma@people.example"}).get_json()
        house.integrate()
        self.lost = proof_of(house, yes["id"])

    def answers(self) -> list[str]:
        return [self.house.why(each) for each in (ADA, BEA, DORA, CLEO)]

    def device(self) -> str:
        return self.house.why({"visitor": self.visitor["visitor"]}, "analytics")


def test_what_was_said_no_to_since_the_backup_is_a_no_again(
    house: House, database: Database, run_folder: Path, settings: Settings
) -> None:
    story = Story(house)
    story.before_the_backup()
    signer = ledger.LogSigner.of(settings, current.keyring())
    with read() as tx:
        old_key = ledger.key_of_log(tx, signer, "main").vkey
    with backup(database, run_folder) as restore:
        story.after_it()
        restore()
    house.clock.advance(days=1)
    assert story.answers() == ["consent", "consent", "consent", "never_asked"]
    house.tell(DORA)
    with pytest.raises(ledger.RefusedToSign, match="consent ledger resume"):
        house.integrate()

    told = resume()
    assert (told["erased"], told["refused"]) == (1, 2)
    assert story.answers() == ["erased", "withdrawn", "consent", "suppressed"]
    assert story.device() == "withdrawn"
    house.integrate()
    assert list(check_all()) == []
    # A second time there is nothing left to do.
    assert resume() == {"logs": [], "erased": 0, "suppressed": 0, "refused": 0}
    _the_log_goes_on(story, told["logs"][0], old_key)


def _the_log_goes_on(story: Story, log: dict[str, Any], old_key: str) -> None:
    house = story.house
    assert log["signed"] > log["size"]
    assert log["origin"] == f"{log['before']}/resumed-{log['signed']}"
    # What was proved stays proved, under the name that signed it.
    assert holds(story.lost, old_key)
    again = proof_of(house, story.before)
    assert holds(again, log["key"])
    assert not holds(again, old_key)
    assert house.client.get("/log/checkpoint").text.startswith(f"{log['origin']}\n")
    folder = current.settings().data / "ledger"
    (ended,) = folder.glob("main.*.ended-note")
    assert ended.read_text().split("\n")[1] == str(log["signed"])
    # And an entry of the log commits to the head that ended.
    with read(house.organisation) as tx:
        ((record,),) = tx.run(_RESUMPTION, {"organisation": house.organisation})
        proof = ledger.prove(
            tx,
            organisation=house.organisation,
            record_id=record,
            keys=keys_of(house.organisation, tx),
            signer=ledger.LogSigner.of(current.settings(), current.keyring()),
            opening=False,
        )
    assert json.loads(str(proof["record"]))["ended"] == ended.read_text()
    assert holds(ledger.proof_bytes(proof), log["key"])
    assert list(check_all()) == []


def test_where_the_database_goes_on_there_is_nothing_to_resume(house: House) -> None:
    house.tell(ADA)
    house.tell(ADA, choices={"newsletter": "withdrawn"})
    house.integrate()
    assert resume() == {"logs": [], "erased": 0, "suppressed": 0, "refused": 0}
    # A guard restored with the database shows nothing: one says so.
    assert len(resume("--anyway")["logs"]) == 1
    house.integrate()
    assert list(check_all()) == []


def test_a_resumption_that_is_broken_off_is_done_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.tell(ADA)
    house.integrate()
    with monkeypatch.context() as power_cut:
        power_cut.setattr(Guard, "begin_again", _no_power)
        # Signed under the new name, and the guard still holds the old one.
        broken = CliRunner().invoke(resume_command, ["--yes", "--anyway"])
        assert isinstance(broken.exception, OSError)
    house.tell(BEA)
    with pytest.raises(ledger.RefusedToSign):
        house.integrate()
    assert len(resume()["logs"]) == 1
    house.integrate()
    assert list(check_all()) == []
    assert resume()["logs"] == []


def _no_power(*_: object) -> None:
    raise OSError
