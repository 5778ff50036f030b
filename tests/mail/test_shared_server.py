"""The deployment's own mail server: for whoever names none, and refused where it is unsafe."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from consent_server.config import Settings, Smtp
from consent_server.mail.cli import mail_commands
from consent_server.problems import RefusedToStart
from tests.support.mailserver import HOST, post_office

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mail.conftest import Office

SECRET = "a password that nobody sees"


def share(office: Office, port: int, *, host: str = HOST, **but: str) -> None:
    """Let the deployment have a server, one that the operator vouches for."""
    settings = office.app.extensions["consent.settings"]
    office.app.extensions["consent.settings"] = replace(
        settings,
        callable=settings.callable | {f"{host}:{port}"},
        smtp=Smtp(host=host, port=port, security="none", **but),
    )


def shown() -> str:
    done = CliRunner().invoke(mail_commands, ["show"])
    assert done.exit_code == 0, done.output
    return done.output


def test_whoever_names_no_server_writes_by_the_deployment_s_under_their_own_name(
    office: Office,
) -> None:
    with post_office() as post:
        share(office, post.port, return_path="bounces@host.example")
        office.queue()
        assert office.deliver() == 1
    (taken,) = post.taken
    assert taken.message["From"] == "Cubalys <lettre@cubalys.example>"
    assert taken.sender == "bounces@host.example"


def test_a_server_of_one_s_own_comes_first_until_it_is_removed(office: Office) -> None:
    with post_office() as own, post_office() as shared:
        share(office, shared.port)
        office.use(own.port)
        office.queue()
        office.deliver()
        assert (len(own.taken), len(shared.taken)) == (1, 0)
        done = CliRunner().invoke(mail_commands, ["remove-server"])
        assert "deployment's own server" in done.output
        office.queue("bea@example.com")
        office.deliver()
        assert (len(own.taken), len(shared.taken)) == (1, 1)


def test_organisations_see_how_it_is_reached_and_nothing_that_logs_in(office: Office) -> None:
    share(office, 587, host="smtp.host.example", username="the-host", password=SECRET)
    told = shown()
    assert "smtp.host.example:587 (none), the deployment's own" in told
    done = CliRunner().invoke(mail_commands, ["show", "--json"])
    assert json.loads(done.output)["server"]["shared"] is True
    assert SECRET not in told + done.output
    assert "the-host" not in told + done.output
    assert SECRET not in repr(office.app.extensions["consent.settings"])


def test_the_environment_names_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    told = Settings.from_environment(
        {
            "CONSENT_SMTP": "smtp.host.example:465",
            "CONSENT_SMTP_SECURITY": "tls",
            "CONSENT_SMTP_USERNAME": "the-host",
            "CONSENT_SMTP_PASSWORD_FILE": str(file),
        }
    )
    assert told.smtp == Smtp(
        host="smtp.host.example",
        port=465,
        security="tls",
        username="the-host",
        password=SECRET,
    )
    assert Settings.from_environment({}).smtp is None


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        pytest.param({"CONSENT_SMTP": "smtp.host.example"}, "host:port", id="no port"),
        pytest.param(
            {"CONSENT_SMTP": "smtp.host.example:25", "CONSENT_SMTP_SECURITY": "none"},
            "lets others read the mail",
            id="in the clear",
        ),
        pytest.param(
            {"CONSENT_SMTP": "smtp.host.example:25", "CONSENT_SMTP_SECURITY": "ssl"},
            "must be starttls or tls",
            id="an unknown way",
        ),
        pytest.param(
            {"CONSENT_SMTP": "smtp.host.example:587", "CONSENT_SMTP_USERNAME": "host"},
            "or neither",
            id="a name without a password",
        ),
        pytest.param(
            {"CONSENT_SMTP_SECURITY": "tls"}, "by which server", id="a way without a server"
        ),
    ],
)
def test_what_is_unsafe_or_half_said_is_refused_at_the_start(
    said: dict[str, str], fault: str
) -> None:
    with pytest.raises(RefusedToStart, match=fault):
        Settings.from_environment(said)


def test_a_password_that_others_can_read_is_refused_and_not_told(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(SECRET)
    file.chmod(0o644)
    said = {
        "CONSENT_SMTP": "smtp.host.example:587",
        "CONSENT_SMTP_USERNAME": "host",
        "CONSENT_SMTP_PASSWORD_FILE": str(file),
    }
    with pytest.raises(RefusedToStart, match="others can read") as refused:
        Settings.from_environment(said)
    assert SECRET not in str(refused.value)
