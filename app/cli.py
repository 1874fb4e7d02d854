"""The commands: `flask --app wsgi …`."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from uuid import UUID

import click
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.audit.verifying import Broken, verify
from app.audit.vocabulary import OPERATOR
from app.cases.eligibility import reassess_force
from app.config import Settings
from app.crypto import KeyIsMissing
from app.database import Database, kept_ways
from app.forces.actions import Loaded, load_forces
from app.forces.queries import all_forces, force_named
from app.forces.settings import parse_forces
from app.forces.strict import ForcesFileError
from app.keys.commands import keys
from app.messages import attention
from app.notifications.chosen import push_sender_for, sender_for
from app.portal.commands import feedback
from app.sign_in.commands import officers
from app.sync import conformance
from app.sync.crowd import Crowd
from app.sync.port import CaseSystemFailed
from app.sync.reconcile import differences
from app.sync.status import as_json, status_of_all, troubles
from app.sync.systems import ConnectedSystems, connect
from app.web.command_groups import CommandGroup
from app.worker import Work, run_once, run_until

forces = CommandGroup("forces", help="The forces that this portal serves.")
worker = CommandGroup("worker", help="Does all that is owed.")
sync = CommandGroup("sync", help="The way into the record.")
audit_group = CommandGroup("audit", help="The audit record.")


def init_app(app: Flask) -> None:
    for group in (forces, officers, worker, sync, audit_group, keys, feedback):
        app.cli.add_command(group)


def _database() -> Database:
    found = current_app.extensions["database"]
    assert isinstance(found, Database)
    return found


def _settings() -> Settings:
    found = current_app.extensions["settings"]
    assert isinstance(found, Settings)
    return found


@forces.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Create or update forces from a TOML file. Repeatable; a bad file changes nothing."""
    try:
        wanted = parse_forces(file.read_text(encoding="utf-8"))
    except (ForcesFileError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    with _database().writing() as session:
        loaded = load_forces(session, wanted)
    for each in loaded:
        if each.decides_anew:
            reassess_force(_database(), each.force_id, clock.now())
        click.echo(_say(each))


def _say(loaded: Loaded) -> str:
    if loaded.is_new:
        return f"{loaded.slug}: added"
    if not loaded.changed:
        return f"{loaded.slug}: unchanged"
    again = "; its feed will be read again" if loaded.decides_anew else ""
    return f"{loaded.slug}: changed {', '.join(loaded.changed)}{again}"


@worker.command("run")
@click.option("--once", is_flag=True, help="Read every feed, do all that is due, and stop.")
@click.option("--concurrency", default=4, show_default=True, type=click.IntRange(1, 64))
def run(*, once: bool, concurrency: int) -> None:
    """Deliver entries, read feeds, hand notices over, tidy up."""
    settings = _settings()
    _check_keys()
    work = Work(
        database=_database(),
        systems=ConnectedSystems(os.environ),
        sender=sender_for(settings.notify_url),
        public_url=settings.public_url,
        push=push_sender_for(settings.push),
        crowd=Crowd(max(1, concurrency - 1)),
    )
    if once:
        run_once(work, outwaits_leases=True)
        return

    def stop_soon(_number: int, _frame: FrameType | None) -> None:
        work.stop.set()

    signal.signal(signal.SIGTERM, stop_soon)
    signal.signal(signal.SIGINT, stop_soon)
    run_until(work, concurrency=concurrency)


def _check_keys() -> None:
    """Refuse to work without a key under which something is stored: it would look in vain for
    dangers that are there."""
    try:
        with _database().reading() as session:
            kept_ways(session)
    except KeyIsMissing as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError:
        # Not reachable yet, perhaps: every look-up asks again.
        return


@sync.command("status")
@click.option("--json", "as_json_", is_flag=True)
def status(*, as_json_: bool) -> None:
    """How many messages are saved, on the record, or need a person."""
    with _database().reading() as session:
        found = status_of_all(session, clock.now())
        known = troubles(session, clock.now())
    told = as_json(found)
    if as_json_:
        click.echo(json.dumps(told))
        return
    for name in ("saved", "recorded", "attention", "waiting_for_cutover", "oldest_saved_seconds"):
        click.echo(f"{name}: {told[name]}")
    for slug, each in found.items():
        click.echo(
            f"{slug} ({each.system}): {each.saved} saved, {each.recorded} recorded,"
            f" {each.attention} attention, feed {_age(each.feed_age_seconds)}"
        )
        for line in (trouble.line for trouble in known if trouble.force == slug):
            click.echo(f"{slug}: {line}")


def _age(seconds: float | None) -> str:
    return "never read" if seconds is None else f"{seconds:.0f} s old"


@sync.command("retry")
@click.option("--force", "slug", help="Only this force's entries.")
@click.option("--message", "message_id", type=click.UUID, help="Only this one.")
def retry(slug: str | None, message_id: UUID | None) -> None:
    """Put entries that need a person back into the queue."""
    database = _database()
    with database.reading() as session:
        force_id = _force_id(session, slug)
        found = attention.entries_at_attention(session, force_id)
    wanted = [each for each in found if message_id in (None, each)]
    if message_id is not None and not wanted:
        raise click.ClickException(f"--message: {message_id} needs nobody")
    put_back = 0
    for entry_id in wanted:
        with database.writing() as session, suppress(attention.NothingToDo):
            attention.retry(session, entry_id, OPERATOR, clock.now())
            put_back += 1
    click.echo(f"put back: {put_back}")


@sync.command("record-by-hand")
@click.option("--message", "message_id", required=True, type=click.UUID)
@click.option("--receipt", required=True, help="The case system's own id of what was entered.")
@click.option("--reason", required=True, help="Why it was entered by hand.")
def record_by_hand(message_id: UUID, receipt: str, reason: str) -> None:
    """Say that somebody put an entry onto the case record themselves; the rest goes on."""
    try:
        with _database().writing() as session:
            attention.record_by_hand(
                session, message_id, OPERATOR, receipt=receipt, reason=reason, now=clock.now()
            )
    except (attention.NothingToDo, attention.HandRecordIsIncomplete) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{message_id}: recorded by hand")


@sync.command("conformance")
@click.option("--force", "slug", required=True)
@click.option("--reference", required=True, help="A test case: entries are written onto it.")
def conform(slug: str, reference: str) -> None:
    """Try the contract against a force's own case system, with a test case; exit 1 if a rule is
    broken."""
    with _database().reading() as session:
        force = force_named(session, slug)
        if force is None:
            raise click.ClickException(f"--force: there is no force {slug!r}")
        settings = force.settings.case_system
    token = os.environ.get(settings.token_env, "").strip()
    if not token:
        raise click.ClickException(f"{settings.token_env} is not set")
    bench = conformance.Bench(
        connect(settings, token), connect(settings, f"not-{token[:4]}"), reference
    )
    broken = 0
    for finding in conformance.try_out(bench):
        broken += finding.verdict is conformance.Verdict.BROKEN
        evidence = f" ({finding.evidence})" if finding.evidence else ""
        click.echo(f"{finding.verdict.value:9}  {finding.rule}{evidence}")
    with suppress(CaseSystemFailed):
        cases, constant = conformance.constant_risk_fields(bench.system)
        click.echo(f"risk fields that never vary in {cases} cases: {', '.join(constant) or '-'}")
    sys.exit(1 if broken else 0)


def _force_id(session: Session, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    force = force_named(session, slug)
    if force is None:
        raise click.ClickException(f"--force: there is no force {slug!r}")
    return force.id


@sync.command("reconcile")
@click.option("--force", "slug", help="Only this force.")
def reconcile(slug: str | None) -> None:
    """Compare what was recorded with what the case system holds; exit 1 on any difference."""
    database = _database()
    systems = ConnectedSystems(os.environ)
    with database.reading() as session:
        wanted = _force_id(session, slug)
        systems.refresh(session)
        forces = [(each.id, each.slug) for each in all_forces(session)]
    found = 0
    for force_id, name in forces:
        if wanted not in (None, force_id):
            continue
        if force_id not in systems:
            click.echo(f"{name}: not compared, there is no token for its case system")
            found += 1
            continue
        for each in differences(database, force_id, systems[force_id]):
            click.echo(f"{name} case {each.case_id}: {each.external_id or 'all'}: {each.what}")
            found += 1
    systems.close()
    click.echo(f"differences: {found}")
    sys.exit(1 if found else 0)


@audit_group.command("verify")
@click.option("--noted", metavar="N:SEAL", help="A last seal that was noted: is it still there?")
def verify_record(noted: str | None) -> None:
    """Check that the audit record is whole; exit 1 and the first broken place if it is not."""
    try:
        whole = verify(_database(), clock.now(), noted=noted)
    except (Broken, KeyIsMissing) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"whole: {whole.rows} rows under {whole.seals} seals, {whole.unsealed} not sealed yet"
    )
    if whole.last:
        click.echo(f"last seal: {whole.last}")
    if whole.late:
        click.echo(
            f"sealed more than an hour late: {len(whole.late)} seals, the first is {whole.late[0]}"
            " (no worker ran, or earlier seals were taken away)"
        )
