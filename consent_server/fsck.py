"""`consent fsck`: derives standing, tree and feed again from the facts, and compares."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click
from tqdm import tqdm

from . import db, ledger, notices, organisations
from .db import Sql, Transaction, to_json
from .decisions import history, lapse, standing
from .decisions.ends import ends_of, untold
from .decisions.rules import Row, fold
from .ids import public
from .permissions.bulk.briefs.check import check_briefs
from .subjects import same_person
from .subjects.bare import not_bare, take_back
from .web import current

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBJECTS: Final = Sql(
    "SELECT id, person_id FROM subject WHERE organisation_id = :organisation ORDER BY id"
)
_NOBODYS: Final = Sql(
    """
    SELECT DISTINCT e.subject_id FROM standing_end e
    WHERE e.organisation_id = :organisation AND NOT EXISTS (SELECT 1 FROM subject s
      WHERE s.organisation_id = e.organisation_id AND s.id = e.subject_id)
    """
)
_DECISIONS: Final = Sql(
    """
    SELECT d.id FROM decision d WHERE d.organisation_id = :organisation
      AND NOT EXISTS (SELECT 1 FROM ledger_record r
        WHERE r.organisation_id = d.organisation_id AND r.id = d.id)
    """
)


@click.command("fsck")
@click.option(
    "--mend", is_flag=True, help="First take back what identifiers wrongly claim of people."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def fsck_command(*, mend: bool, as_json: bool) -> None:
    """Derive standing, tree and feed again from the facts, and compare with what is kept.

    Answers 0 when all is as it should be, 1 when something is not.
    """
    if mend:
        click.echo(f"{mend_all()} people mended.", err=True)
    findings = list(check_all())
    if as_json:
        click.echo(to_json({"clean": not findings, "findings": findings}))
    else:
        for finding in findings:
            click.echo(finding)
        click.echo("Clean." if not findings else f"{len(findings)} findings.")
    sys.exit(1 if findings else 0)


def check_all() -> Iterator[str]:
    """Check every organisation and every log; gives each finding in words."""
    with db.read() as tx:
        known = organisations.listed(tx)
    for number, slug, _ in known:
        with db.read(number) as tx:
            yield from (f"{slug}: {finding}" for finding in check_standing(tx, number))
            yield from (f"{slug}: {finding}" for finding in check_briefs(tx, number))
            yield from (
                f"{slug}: {finding}"
                for finding in ledger.check_organisation(
                    tx, number, keys=organisations.keys_of(number, tx)
                )
            )
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    with db.read() as tx:
        names = list(ledger.logs(tx))
    for log in names:
        # A moment of its own, which begins after what was signed is read: else a head that
        # the sequencer signs meanwhile looks like one that the database has lost.
        with db.read() as tx:
            yield from (
                f"log {log}: {finding}" for finding in ledger.check_log(tx, log, signer=signer)
            )


def mend_all() -> int:
    """Take back what identifiers claim and is not so; gives of how many people it was."""
    with db.read() as tx:
        known = organisations.listed(tx)
    mended = 0
    for number, _, _ in known:
        with db.write(number) as tx:
            mended += take_back(tx, number)
    return mended


def check_standing(tx: Transaction, organisation: int) -> Iterator[str]:
    """Fold every subject's decisions again and compare with the rows beside them."""
    configuration = notices.configuration(tx, organisation)
    subjects = tx.run(_SUBJECTS, {"organisation": organisation})
    passed = lapse.expired_until(tx, organisation)
    for subject, person in tqdm(subjects, unit="subject", leave=False, disable=None):
        kept = standing.of_subject(tx, organisation, subject)
        told = history.of_subject(tx, organisation, subject)
        for purpose in sorted(set(kept) | set(told)):
            declared = configuration.purposes.get(purpose)
            alone = declared is not None and declared.kind == "tracker"
            again = fold(told.get(purpose, []), alone=alone).values()
            if _sorted(again) != _sorted(kept.get(purpose, [])):
                yield f"the standing of {public('sub', subject)} does not follow from its facts"
        yield from _check_ends(tx, organisation, subject, kept, passed)
        if min(same_person(tx, organisation, subject)) != person:
            yield f"{public('sub', subject)} is not with the person its links say"
    for number in not_bare(tx, organisation):
        yield f"a lookup would not see all that is known of {public('sub', number)}"
    for (number,) in tx.run(_NOBODYS, {"organisation": organisation}):
        yield f"an end is kept of {public('sub', number)}, who is gone"
    for (number,) in tx.run(_DECISIONS, {"organisation": organisation}):
        yield f"{public('dec', number)} has no record in the ledger"


def _check_ends(
    tx: Transaction, organisation: int, subject: int, kept: standing.Rows, passed: int
) -> Iterator[str]:
    # One too many says nothing, and goes when its moment has passed.
    ends = [each for each in ends_of(standing.own(kept, subject)) if each > passed]
    if untold(tx, organisation, subject, ends):
        yield f"nobody would be told when a yes of {public('sub', subject)} ends"


def _sorted(rows: object) -> list[Row]:
    return sorted(rows, key=lambda row: (row.subject, row.identifier))  # type: ignore[call-overload, no-any-return]
