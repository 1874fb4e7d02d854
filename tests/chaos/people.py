"""Victims who have joined and officers who are signed in, made by the portal's own actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Officer
from app.cases.enrolment import join
from app.cases.indexes import CaseIndexes
from app.cases.invitations import invite
from app.cases.queries import case_by_reference
from app.config import Settings
from app.database import Database, keyring_of
from app.forces.queries import force_named
from app.messages.actions import open_conversation
from app.messages.models import Conversation
from app.messages.queries import changed_since
from app.sign_in.sessions import begin
from tests.chaos.check import Stored
from tests.factories.facts import case_json

SLUG = "northshire"
_OFFICERS = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's browser, signed in, at one conversation. `cookie` is the session's."""

    reference: str
    author: str
    path: str
    cookie: str


def cases(count: int) -> list[dict[str, Any]]:
    """Eligible cases of different victims, shared among a few officers."""
    return [
        case_json(
            officerInCase={
                "collar": str(7000 + number % _OFFICERS),
                "name": "PC Sam Okafor",
                "email": f"sam.okafor{number % _OFFICERS}@northshire.example",
            }
        )
        for number in range(count)
    ]


def enrol(app: Flask, told: Sequence[dict[str, Any]]) -> list[Seat]:
    """Two seats for every case: its victim's and its officer's. The portal has read the cases."""
    database: Database = app.extensions["database"]
    seats = []
    for case in told:
        with database.writing() as session:
            seats += _enrol_one(app, session, case["reference"])
    return seats


def _enrol_one(app: Flask, session: Session, reference: str) -> list[Seat]:
    now = clock.now()
    settings: Settings = app.extensions["settings"]
    force = force_named(session, SLUG)
    assert force is not None
    lookup = CaseIndexes(keyring_of(session), force.id).reference(reference)
    case = case_by_reference(session, force.id, lookup)
    assert case is not None, f"the portal does not know {reference}"
    invitation = invite(session, case, now)
    session.flush()
    victim = join(session, invitation, None, now)
    open_conversation(session, case, victim.id, now)
    officer = session.get_one(Officer, case.officer_id)
    tokens = {
        "victim": begin(session, settings, victim=victim, officer=None, now=now),
        "officer": begin(session, settings, victim=None, officer=officer, now=now),
    }
    return [
        Seat(
            reference=reference,
            author=author,
            path=f"{'/officer' if author == 'officer' else ''}/cases/{case.id}",
            cookie=signed_cookie(app, token),
        )
        for author, token in tokens.items()
    ]


def signed_cookie(app: Flask, token: str) -> str:
    """The cookie as Flask-Login leaves it in a browser."""
    client = app.test_client()
    with client.session_transaction() as browser:
        browser["_user_id"] = token
        browser["_fresh"] = True
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return cookie.value


def stored_messages(database: Database) -> list[Stored]:
    """Every message of the portal, opened."""
    stored = []
    with database.reading() as session:
        for conversation in session.scalars(select(Conversation)):
            stored += [
                Stored(
                    conversation=str(conversation.reference),
                    sequence=message.sequence,
                    author=message.author_kind,
                    state=message.state,
                    text=message.text,
                    sent_at=message.sent_at,
                )
                for message in changed_since(session, conversation, 0).messages
            ]
    return stored
