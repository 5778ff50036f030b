"""`consent demo …`: two example organisations, their websites, a year of decisions."""

from __future__ import annotations

import logging
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..config import DEFAULT_PORT, Settings, inherited
from ..problems import RefusedToStart
from .files import read_demo
from .load import PEOPLE, SEED, Loaded, Wanted, load
from .setting import SETTINGS
from .sites import Form, serve_site
from .supervise import refuse_busy, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from .load import Factory

_MOST_PEOPLE: Final = 5000
# Scripts try the demonstration out, and some try how much it bears.
GENEROUS: Final = {
    "CONSENT_LIMIT_DECISIONS": "120000/minute",
    "CONSENT_LIMIT_LOOKUPS": "1200000/minute",
    "CONSENT_LIMIT_WRITES": "1200000/minute",
    "CONSENT_LIMIT_PAGES": "120000/minute",
}
# A line for every request would bury the addresses; `CONSENT_LOG_LEVEL=INFO` shows them.
_QUIET: Final = {"CONSENT_LOG_LEVEL": "WARNING"}


@click.group("demo")
def demo_commands() -> None:
    """Try the server with two example organisations."""


def _past_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--no-past", is_flag=True, help="Without a year of people's decisions."),
        click.option("--seed", default=SEED, show_default=True, help="Another, other people."),
        click.option(
            "--people",
            default=PEOPLE,
            show_default=True,
            type=click.IntRange(0, _MOST_PEOPLE),
            help="How many, for each organisation.",
        ),
    ):
        command = option(command)
    return command


@demo_commands.command("load")
@_past_options
@click.pass_obj
def load_demo(create_app: Factory, *, no_past: bool, seed: str, people: int) -> None:
    """Make secrets, database, both organisations and their past; again changes nothing."""
    settings = Settings.from_environment()
    _load(settings, create_app, Wanted(seed=seed, people=0 if no_past else people))
    click.echo(f"The demonstration is loaded; scripts read {settings.data / 'demo.json'}.")


@demo_commands.command("run")
@_past_options
@click.pass_obj
def run_demo(create_app: Factory, *, no_past: bool, seed: str, people: int) -> None:
    """Load what is missing, then serve everything until Ctrl-C."""
    settings = Settings.from_environment()
    first = settings.port
    refuse_busy({first: "the server"}, settings.host)
    refuse_busy({first + 1: "a website", first + 2: "a website"}, "127.0.0.1")
    loaded = _load(settings, create_app, Wanted(seed=seed, people=0 if no_past else people))
    defaults = {**GENEROUS, **_QUIET, "CONSENT_DEMO": "1"}
    with together(inherited(defaults)) as children:
        began = time.monotonic()
        children.start("server", "serve")
        children.start("worker", "worker")
        children.start("websites", "demo", "sites")
        for url in (
            f"http://{_here(settings)}:{first}/readyz",
            *(f"http://127.0.0.1:{first + place}/" for place in (1, 2)),
        ):
            children.wait_until_ready(url)
        if not children.stopping.is_set():
            click.echo(_addresses(settings, loaded, time.monotonic() - began))
        children.watch()
        click.echo("\nStopping.")


@demo_commands.command("sites", hidden=True)
def serve_sites() -> None:
    """Serve the two demonstration websites."""
    settings = Settings.from_environment()
    demo = read_demo(settings.data)
    if demo is None:
        raise RefusedToStart("the demonstration is not loaded: run `consent demo load`")
    # Its lines would hold what visitors ask for; `consent serve` writes the log.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    threads = [
        threading.Thread(
            target=serve_site,
            args=(setting.slug,),
            kwargs={
                "server_url": demo["base_url"],
                "site_id": each["sites"][0]["id"],
                "form": Form(
                    notice_version=each["form_notice_version"],
                    purpose=each["newsletter_purpose"],
                ),
                "mail": settings.data / "mail",
                "port": settings.port + place,
            },
            daemon=True,
        )
        for place, (setting, each) in enumerate(
            zip(SETTINGS, demo["organisations"], strict=True), 1
        )
    ]
    for thread in threads:
        thread.start()
    # One website alone is no demonstration: this process ends with the first to end.
    while all(thread.is_alive() for thread in threads):
        threads[0].join(timeout=1)
    raise RefusedToStart("a website ended by itself")


def _load(settings: Settings, create_app: Factory, wanted: Wanted) -> Loaded:
    began = time.monotonic()
    loaded = load(settings, create_app, wanted)
    if loaded.new:
        click.echo(f"Loaded in {time.monotonic() - began:.1f} s.")
    return loaded


def _here(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _addresses(settings: Settings, loaded: Loaded, seconds: float) -> str:
    base, found = settings.base_url, loaded.examples
    shown = [("Start page", f"{base}/"), ("API", f"{base}/v1/docs")]
    shown += [
        (each["name"], each["sites"][0]["origin"] + "/")
        for each in loaded.demo["organisations"]
    ]
    shown.append(
        ("Letter box", loaded.demo["organisations"][0]["sites"][0]["origin"] + "/mailbox")
    )
    shown.append(("A notice", f"{base}/n/{found.notice}"))
    if found.receipt:
        shown.append(("A receipt", f"{base}/v1/receipts/{found.receipt}"))
    shown += [("The log", f"{base}/log/"), ("For scripts", str(_data_of(settings)))]
    lines = [f"  {name:<12} {address}" for name, address in shown]
    return "\n".join(
        [
            "",
            f"Ready in {seconds:.1f} s. Worth opening:",
            "",
            *lines,
            "",
            "Worth asking, in another terminal:",
            "",
            f"  {_command(settings)} lookup {' '.join(found.question)}",
            f"  curl -H 'Authorization: Bearer <api_key>' '{base}/v1/events?after=0&limit=5'",
            "",
            "The limits are those of a demonstration, wide enough for load tests.",
            "Ctrl-C stops everything; the data stay.",
        ]
    )


def _data_of(settings: Settings) -> Path:
    path = settings.data / "demo.json"
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _command(settings: Settings) -> str:
    told: list[tuple[str, Any]] = []
    if settings.data != Path("var").absolute():
        told.append(("CONSENT_DATA", settings.data))
    if settings.port != DEFAULT_PORT:
        told.append(("PORT", settings.port))
    return " ".join([*(f"{name}={value}" for name, value in told), sys.argv[0]])
