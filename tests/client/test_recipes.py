"""The recipes of docs/integrating.md, run as their reader runs them."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from tests.support.running import somebody
from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.running import Running

METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def run(running: Running, *words: str, program: str = sys.executable, **more: str) -> str:
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(EXAMPLES.parents[1]),
        "CONSENT_SERVER": running.deployment.base_url,
        "CONSENT_KEY": running.key,
        **more,
    }
    done = subprocess.run(
        [program, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert running.key not in done.stdout + done.stderr
    return done.stdout


class Post:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    taken = Post()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    yield taken, f"127.0.0.1:{controller.port}"
    controller.stop()


def test_the_sender_writes_to_those_who_may_be_written_to_each_with_a_link_that_works(
    running: Running, post: tuple[Post, str], tmp_path: Path
) -> None:
    taken, smtp = post
    yes, no, unknown = somebody(), somebody(), somebody()
    running.agree(yes)
    running.agree(no)
    running.tell({"email": no}, {"newsletter": "withdrawn"})
    (tmp_path / "contacts.csv").write_text("email\n" + "\n".join([yes, no, unknown]), "utf-8")
    (tmp_path / "message.eml").write_bytes(
        b"From: news@cubalys.example\r\nSubject: News\r\nTo: nobody\r\n\r\nHello.\r\n"
    )
    words = [str(tmp_path / name) for name in ("message.eml", "contacts.csv")]
    sent = tmp_path / "sent.csv"
    run(
        running,
        str(EXAMPLES / "send_newsletter.py"), *words, "newsletter", str(sent),
        SMTP_SERVER=smtp,
    )  # fmt: skip
    (mail,) = taken.mails
    assert mail["To"] == yes
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    rows = {row[0]: row[1:] for row in csv.reader(sent.read_text("utf-8").splitlines())}
    assert rows[no] == ["not sent", "withdrawn", ""]
    assert rows[unknown] == ["not sent", "never_asked", ""]
    assert rows[yes][:2] == ["sent", "consent"]
    stored = running.post("/v1/permissions/verify", {"clearance": rows[yes][2]}, status=200)
    assert stored["valid"]
    url = mail["List-Unsubscribe"].strip("<>")
    running.http.post(url, data={"List-Unsubscribe": "One-Click"})
    assert running.ask({"email": yes})["because"] == "withdrawn"


def test_a_list_elsewhere_follows_what_people_say(running: Running, tmp_path: Path) -> None:
    yes, no = somebody(), somebody()
    running.agree(yes)
    subject = running.agree(no)["subject"]
    files = [tmp_path / "list.json", tmp_path / "state.json"]
    files[0].write_text(json.dumps(dict.fromkeys([yes, no], "enabled")), "utf-8")

    def go() -> dict[str, str]:
        script = str(EXAMPLES / "keep_list_true.py")
        run(running, script, str(files[0]), "newsletter", str(files[1]))
        told: dict[str, str] = json.loads(files[0].read_text("utf-8"))
        return told

    assert go() == {yes: "enabled", no: "enabled"}
    running.tell({"email": no}, {"newsletter": "withdrawn"})
    running.events_of(subject, last="consent.withdrawn")
    assert go() == {yes: "enabled", no: "blocklisted"}


def test_an_export_of_a_crm_says_of_each_contact_by_what_it_may_be_reached(
    running: Running, tmp_path: Path
) -> None:
    name = somebody()
    running.tell({"external_id": name}, {"prospecting.post": "refused"})
    contacts, checked = tmp_path / "contacts.csv", tmp_path / "checked.csv"
    contacts.write_text(f"\ufeffid,name\n{name},Ada\nnobody,Ben\n", "utf-8")
    run(running, str(EXAMPLES / "check_crm_export.py"), str(contacts), str(checked))
    rows = {row["id"]: row for row in csv.DictReader(checked.read_text("utf-8").splitlines())}
    assert rows[name]["post"] in {"objected", "refused"}
    assert rows["nobody"]["email"] != "yes"
    assert list(rows["nobody"]) == ["id", "name", "email", "phone", "post"]


@pytest.mark.parametrize(
    ("program", "script"),
    [
        ("node", "may_we.mjs"),
        ("php", "may_we.php"),
    ],
)
def test_other_languages_ask_too_and_doubt_is_no(
    running: Running, program: str, script: str
) -> None:
    who = somebody()

    def ask(**more: str) -> str:
        words = (str(EXAMPLES / script), who, "newsletter")
        return run(running, *words, program=shutil.which(program) or program, **more).strip()

    assert ask() == "no: never_asked"
    running.agree(who)
    assert ask() == "yes"
    assert ask(CONSENT_SERVER="http://127.0.0.1:9") == "no: unavailable"
    assert ask(CONSENT_KEY="cs_live_wrong") == "no: unavailable"


@pytest.fixture(scope="module")
def generated(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a client from what the running server says of itself; a warning is a fault."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_text(running.http.get("/v1/openapi.json").text, "utf-8")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"), "generate",
            "--path", document, "--config", EXAMPLES / "openapi-client.yaml",
            "--meta", "none", "--output-path", folder / "consent_api", "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_a_client_generated_from_the_openapi_document_asks_and_records(
    running: Running, generated: Path
) -> None:
    who = somebody()
    running.agree(who)

    def go(**more: str) -> list[str]:
        words = (str(EXAMPLES / "generated_client.py"), who, "newsletter")
        return run(running, *words, PYTHONPATH=str(generated), **more).splitlines()

    assert go(CONSENT_KEY="cs_live_wrong") == [
        "before: no",
        "not recorded: A valid API key is needed",
    ]
    assert running.ask({"email": who})["allowed"]
    assert go() == ["before: yes", "recorded: withdrawn", "after: no"]
    assert running.ask({"email": who})["because"] == "withdrawn"


def test_no_operation_is_missing_from_the_generated_client(
    running: Running, generated: Path
) -> None:
    paths = running.http.get("/v1/openapi.json").json()["paths"]
    operations = [method for item in paths.values() for method in item if method in METHODS]
    made = (generated / "consent_api" / "api").glob("*/*_*.py")
    assert len([each for each in made if each.stem != "__init__"]) == len(operations) > 50
