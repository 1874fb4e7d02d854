"""Portals on one database with different keys, and something stored in every keyed table."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.crypto import Keyring, Place
from app.database import ring_of
from app.keys.columns import keyed_tables
from app.keys.usage import Usage, usage
from tests.databases import ROOT
from tests.factories.facts import case_json
from tests.migrations.steps import fill, tables
from tests.portal import Joined, OfficerAccount, Portal, environment, open_portal

OLD, NEW, NEWEST = b"o" * 32, b"n" * 32, b"z" * 32


def listed(*keys: bytes) -> str:
    """As `ENCRYPTION_KEYS` has them."""
    return ",".join(base64.b64encode(key).decode() for key in keys)


def number(key: bytes) -> bytes:
    return Keyring((key,)).first


def reopened(portal: Portal, *keys: bytes) -> Portal:
    """The same portal after a restart with these keys; its case systems stay as they are."""
    url = portal.database.engine.url.render_as_string(hide_password=False)
    portal.database.engine.dispose()
    again = open_portal(url, ENCRYPTION_KEYS=listed(*keys))
    again.systems.update(portal.systems)
    again.sender.letters.extend(portal.sender.letters)
    return again


def command(portal: Portal, keys: Sequence[bytes], *words: str) -> subprocess.Popen[str]:
    """A `flask` command on this portal's database, started."""
    url = portal.database.engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={**os.environ, **environment(url, ENCRYPTION_KEYS=listed(*keys))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(portal: Portal, keys: Sequence[bytes], *words: str) -> tuple[int, str, str]:
    """A command run to its end: exit code, output, errors."""
    with command(portal, keys, *words) as process:
        out, err = process.communicate(timeout=110)
    return process.returncode, out, err


def used(portal: Portal) -> Usage:
    with portal.database.reading() as session:
        return usage(session)


@dataclass
class Town:
    """People and cases under one key."""

    portal: Portal
    joined: Joined
    officer: OfficerAccount
    dangerous: dict[str, Any]
    """A case of which only hashes are kept: a danger to its person's other cases."""
    invited: dict[str, Any]
    link: str
    """To the invitation to `invited`, which nobody answered yet."""


def settle(portal: Portal) -> Town:
    """Put something into every table that depends on the keys."""
    portal.add_force()
    officer = portal.add_officer()
    joined = portal.join()
    joined.writes("Is there any news?")
    page = joined.visitor.see(joined.url)
    joined.visitor.send(page.form("Send message"), text="x" * 5001)
    someone = portal.visitor()
    page = someone.see("/officer/sign-in")
    someone.send(page.form("Sign in"), email=officer.email, password="wrong, and long enough")
    dangerous = case_json(domesticAbuse=True)
    portal.tell(dangerous)
    invited = case_json()
    portal.tell(invited)
    link = portal.invite(invited)
    someone = portal.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address="nobody@mail.example")
    fill_the_rest(portal)
    assert empty_columns(portal) == []
    return Town(portal, joined, officer, dangerous, invited, link)


def fill_the_rest(portal: Portal) -> None:
    """Put a key and hashes into whatever table is empty yet, or has none of them."""
    empty = set(empty_columns(portal))
    with portal.database.writing() as session:
        keyring, connection = ring_of(session), session.connection()
        reflected = tables(connection)
        for each in keyed_tables():
            wanted = [column for column in each.columns if str(column) in empty]
            if not wanted:
                continue
            row_id = connection.scalar(select(each.table.c.id).limit(1))
            new: dict[str, bytes | None] = {}
            if row_id is None:
                row_id = UUID(str(fill(connection, reflected.tables[each.table.name])["id"]))
                new = {c.name: None for c in each.table.columns if c.name.endswith("_sealed")}
            for column in wanted:
                if column is each.wrapped:
                    place = Place(each.table.name, column.name, row_id)
                    new[column.name] = keyring.new_data_key(place)
                else:
                    new[column.name] = keyring.index("made up", str(row_id))
            connection.execute(update(each.table).where(each.table.c.id == row_id).values(new))


def empty_columns(portal: Portal) -> list[str]:
    """Columns that depend on the keys and in which nothing stands."""
    with portal.database.reading() as session:
        return [
            str(column)
            for each in keyed_tables()
            if each.table.name not in {"lookup_keys", "audit_keys"}
            for column in each.columns
            if session.scalar(select(column).where(column.is_not(None)).limit(1)) is None
        ]
