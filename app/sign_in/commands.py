"""The commands about officers' accounts: `flask --app wsgi officers …`."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import click
import pyotp
from flask import current_app
from sqlalchemy.orm import Session

from app import clock
from app.accounts.actions import EmailInUse, set_officer
from app.accounts.addresses import normalise_email
from app.accounts.models import Officer
from app.accounts.queries import officer_by_collar
from app.accounts.viewers import Role
from app.audit import actions as audit
from app.audit.vocabulary import OPERATOR, Action
from app.database import Database
from app.forces.queries import force_named
from app.sign_in.authenticator import Authenticator
from app.sign_in.officers import (
    disable_officer,
    enable_officer,
    end_sessions_of,
    hash_password,
)
from app.sign_in.own_sign_in import words_about
from app.sign_in.passwords import LONGEST, SHORTEST, Weakness, weakness_of
from app.web.command_groups import CommandGroup

officers = CommandGroup("officers", help="Officers' accounts.")

_WEAKNESSES = {
    Weakness.TOO_SHORT: f"a password has at least {SHORTEST} characters",
    Weakness.TOO_LONG: f"a password has at most {LONGEST} characters",
    Weakness.COMMON: "that password is one of the first that somebody would try",
    Weakness.ABOUT_YOU: "without the officer's name, collar number and force it is too short",
}


def _database() -> Database:
    found = current_app.extensions["database"]
    assert isinstance(found, Database)
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be set of an officer's account; None stays as it is."""

    collar: str
    name: str | None
    email: str | None
    roles: list[Role] | None
    password_hash: str | None
    authenticator: str | None


@officers.command("add")
@click.option("--force", "slug", required=True)
@click.option("--collar", required=True)
@click.option("--name")
@click.option("--email")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--password-stdin", is_flag=True, help="Password, then authenticator secret.")
def add(
    slug: str,
    collar: str,
    name: str | None,
    email: str | None,
    roles: tuple[str, ...],
    *,
    password_stdin: bool,
) -> None:
    """Add or update an officer; what is left out stays as it is."""
    if not collar.strip():
        raise click.ClickException("--collar: it is empty")
    normalised = normalise_email(email) if email is not None else None
    if email is not None and normalised is None:
        raise click.ClickException(f"--email: {email!r} is not an e-mail address")
    password, secret, is_made = _read_secrets() if password_stdin else (None, None, False)
    if password is not None:
        _check_password(password, slug, collar.strip(), name, normalised)
    # Slow on purpose, so before the transaction.
    password_hash = hash_password(password) if password is not None else None
    wanted = Wanted(
        collar=collar.strip(),
        name=name,
        email=normalised,
        roles=[Role(role) for role in roles] or None,
        password_hash=password_hash,
        authenticator=secret,
    )
    with _database().writing() as session:
        _save_officer(session, slug, wanted)
    click.echo(f"{slug} {wanted.collar}: saved")
    if is_made:
        click.echo(f"authenticator secret (shown once): {secret}")


def _save_officer(session: Session, slug: str, wanted: Wanted) -> None:
    force = force_named(session, slug)
    if force is None:
        raise click.ClickException(f"--force: there is no force {slug!r}")
    try:
        officer = set_officer(session, force.id, **asdict(wanted))
    except EmailInUse:
        raise click.ClickException("--email: another officer signs in with it") from None
    if wanted.password_hash is not None or wanted.authenticator is not None:
        end_sessions_of(session, officer.id, clock.now())
    audit.record(
        session,
        Action.OFFICER_CHANGED,
        OPERATOR,
        force_id=force.id,
        subject_id=officer.id,
        roles=" ".join(officer.roles),
        new_password=wanted.password_hash is not None,
    )


def _check_password(
    password: str, slug: str, collar: str, name: str | None, email: str | None
) -> None:
    """Refuse what an officer could not choose either."""
    with _database().reading() as session:
        force = force_named(session, slug)
        known = officer_by_collar(session, force.id, collar) if force else None
        about = [slug, collar, name or "", (email or "").partition("@")[0]]
        about += words_about(session, known) if known else [force.name if force else ""]
    weakness = weakness_of(password, about)
    if weakness is not None:
        raise click.ClickException(f"--password-stdin: {_WEAKNESSES[weakness]}")


def _read_secrets() -> tuple[str, str, bool]:
    """Password and authenticator secret from standard input; True: the secret was made here."""
    lines = [line.rstrip("\r\n") for line in sys.stdin]
    password = lines[0] if lines else ""
    given = lines[1].replace(" ", "").upper() if len(lines) > 1 else ""
    if not given:
        return password, pyotp.random_base32(), True
    try:
        Authenticator(given)
    except ValueError:
        raise click.ClickException(
            "--password-stdin: the authenticator secret must be base32, 16 characters or more"
        ) from None
    return password, given, False


@officers.command("disable")
@click.option("--force", "slug", required=True)
@click.option("--collar", required=True)
def disable(slug: str, collar: str) -> None:
    """Shut an officer out; what they have open ends at its next request."""
    with _database().writing() as session:
        officer = _known_officer(session, slug, collar)
        disable_officer(session, officer, clock.now())
    click.echo(f"{slug} {officer.collar}: disabled")


@officers.command("enable")
@click.option("--force", "slug", required=True)
@click.option("--collar", required=True)
def enable(slug: str, collar: str) -> None:
    """Let a disabled officer in again, with the sign-in that they had."""
    with _database().writing() as session:
        officer = _known_officer(session, slug, collar)
        enable_officer(session, officer)
    click.echo(f"{slug} {officer.collar}: enabled")


def _known_officer(session: Session, slug: str, collar: str) -> Officer:
    force = force_named(session, slug)
    if force is None:
        raise click.ClickException(f"--force: there is no force {slug!r}")
    officer = officer_by_collar(session, force.id, collar.strip())
    if officer is None:
        raise click.ClickException(f"--collar: {slug} has no officer {collar.strip()!r}")
    return officer
