"""`consent mail` and its doors: the server is set, shown without its password, and removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from consent_server.db import Sql, read
from consent_server.mail.cli import mail_commands
from consent_server.mail.server import server_of

if TYPE_CHECKING:
    from tests.mail.conftest import Office
    from tests.support.house import House

SERVER = {"host": "smtp.example.org", "port": 587, "security": "starttls"}
LOGIN = {"username": "cubalys", "password": "a password that nobody sees"}


def run(*arguments: str, text: str = "", code: int = 0) -> str:
    done = CliRunner().invoke(mail_commands, arguments, input=text)
    assert done.exit_code == code, done.output
    return done.output


def test_a_server_is_set_and_shown_without_its_password(office: Office) -> None:
    run("server", "--host", "smtp.example.org", "--username", "cubalys", text="s3cret pass\n")
    shown = run("show")
    assert "smtp.example.org:587 (starttls), logs in as cubalys" in shown
    assert "lettre@cubalys.example" in shown
    assert "s3cret" not in shown + run("show", "--json")
    with read(office.organisation) as tx:
        found = server_of(tx, office.organisation)
        ((sealed,),) = tx.run(Sql("SELECT sealed FROM mail_server"))
    assert found is not None
    assert found.password == "s3cret pass"
    assert b"s3cret" not in bytes(sealed)
    assert "files" in run("remove-server")
    assert "messages become files" in run("show")


def test_a_trial_message_waits_and_is_listed_without_its_address(office: Office) -> None:
    assert "waits for the worker" in run("test", "somebody@example.com")
    office.deliver()
    (row,) = json.loads(run("list", "--json"))
    assert (row["template"], row["state"]) == ("test", "sent")
    assert "somebody" not in run("list")
    run("test", "some body@example.com", code=2)


def test_a_domain_is_checked_by_records_and_the_exit_says_whether_all_is_well(
    office: Office,
) -> None:
    wrong = run("check-domain", "--records", "-", text='x TXT "y"\n', code=1)
    assert "WRONG  SPF: cubalys.example publishes none" in wrong
    assert office.organisation


def test_the_doors_show_no_password_and_forget_it_when_they_are_told(house: House) -> None:
    made = house.post("/v1/mail/server", {**SERVER, **LOGIN})
    assert made.status_code == 201
    shown = house.get("/v1/mail/server")
    assert shown.get_json()["password"] is True
    assert LOGIN["password"] not in made.get_data(as_text=True) + shown.get_data(as_text=True)
    dropped = house.client.delete("/v1/mail/server", headers=house.headers)
    assert dropped.get_json() == {"host": None, "password": False}
    with read(house.organisation) as tx:
        ((kept,),) = tx.run(Sql("SELECT COUNT(*) FROM mail_server WHERE closed_at IS NULL"))
    assert kept == 0


@pytest.mark.parametrize(
    ("but", "pointer"),
    [
        pytest.param({"host": "127.0.0.1"}, "/host", id="a number"),
        pytest.param({"host": "localhost"}, "/host", id="a name of its own network"),
        pytest.param({"port": 80}, "/host", id="no mail port"),
        pytest.param({"security": "none"}, "/security", id="in clear"),
        pytest.param({"username": "x"}, "/username", id="no password"),
        pytest.param({"security": "perhaps"}, "/security", id="no such way"),
    ],
)
def test_a_server_we_do_not_call_is_refused_by_field(
    house: House, but: dict[str, object], pointer: str
) -> None:
    answer = house.post("/v1/mail/server", {**SERVER, **but})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
