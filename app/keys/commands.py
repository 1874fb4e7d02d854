"""`flask --app wsgi keys …`: for whoever changes the encryption keys."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

import click
from flask import current_app

from app.crypto import KeyIsMissing
from app.database import Database
from app.keys.rotation import BATCH, Disturbed, Rotated
from app.keys.rotation import rotate as rotate_all
from app.keys.usage import KeyStatus, status
from app.web.command_groups import CommandGroup

keys = CommandGroup("keys", help="The encryption keys.")


def _database() -> Database:
    found = current_app.extensions["database"]
    assert isinstance(found, Database)
    return found


@keys.command("rotate")
@click.option("--batch", default=BATCH, show_default=True, type=click.IntRange(1, 5000))
def rotate(*, batch: int) -> None:
    """Take everything that is stored to the first of ENCRYPTION_KEYS.

    Web and workers may run; all of them must have both keys. It can be ended and run again.
    """
    last = ""

    def tell(table: str, done: int) -> None:
        nonlocal last
        if table != last:
            click.echo(f"{table} …")
        last = table

    try:
        rotated = rotate_all(_database(), batch=batch, tell=tell)
        _say_what_was_done(rotated)
        whole = _say_how_it_stands() and rotated.is_whole
    except (KeyIsMissing, Disturbed) as error:
        raise click.ClickException(str(error)) from None
    if not whole:
        sys.exit(1)


@keys.command("status")
def say_status() -> None:
    """What is stored under which key, and which key may go."""
    try:
        whole = _say_how_it_stands()
    except KeyIsMissing as error:
        raise click.ClickException(str(error)) from None
    if not whole:
        sys.exit(1)


def _say_what_was_done(rotated: Rotated) -> None:
    click.echo(
        f"wrapped anew: {rotated.data_keys.total()} data keys;"
        f" indexed anew: {rotated.lookups.total()} look-ups"
    )
    for table, row in sorted(rotated.damaged):
        click.echo(f"cannot be opened by the key it names, so left alone: {table} {row}", err=True)
    if rotated.in_use:
        click.echo(f"{len(rotated.in_use)} rows were in use all the time: run it again", err=True)


def _say_how_it_stands() -> bool:
    """Says it of every key; True if nothing needs a key that is not there."""
    with _database().reading() as session:
        found = status(session)
    for each in found.keys:
        click.echo(_line(each))
    for number, needed_by in sorted(found.missing.items()):
        click.echo(f"key {number.hex()} is MISSING and {_needed(needed_by)}", err=True)
    return not found.missing


def _line(key: KeyStatus) -> str:
    name = f"key {key.number.hex()}"
    if key.is_first:
        return f"{name} is the first: {key.needed_by.total() + key.led_here} values are under it"
    if key.may_go:
        return f"{name} may go: nothing is wrapped or indexed under it"
    return f"{name} is still {_needed(key.needed_by)}; it may go when `keys rotate` has run"


def _needed(by: Counter[str]) -> str:
    return "needed by " + ", ".join(_counted(by.items()))


def _counted(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{count} of {column}" for column, count in sorted(counts)]
