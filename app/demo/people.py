"""Who is already there when the demo starts: officers, three victims, conversations under way.

Everything is done by the portal's own actions, as if the people had done it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.actions import set_officer
from app.accounts.models import Victim
from app.accounts.queries import officer_by_collar
from app.accounts.viewers import OfficerViewer, Role, VictimViewer, Viewer
from app.cases.enrolment import join
from app.cases.indexes import CaseIndexes
from app.cases.invitations import invite
from app.cases.models import Case
from app.cases.queries import case_by_reference
from app.cases.release import release_status
from app.database import Database, keyring_of
from app.demo.force import CASES, OFFICERS, RHIAN, SLUG, STAFF, DemoOfficer, DemoPerson
from app.forces.models import Force
from app.forces.queries import force_named
from app.messages.actions import Author, note_shown, open_conversation, send
from app.messages.models import Conversation
from app.sign_in.officers import hash_password

JOINED = ("NS/1001/26", "NS/1002/26", "NS/1003/26", "NS/1004/26")
INVITED = ("NS/1006/26",)

EVERYBODY = (*OFFICERS, *STAFF)

VICTIM, OFFICER = "victim", "officer"

CONVERSATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "NS/1001/26": (
        (OFFICER, "Hello Alex, I am the officer in your case. You can write to me here."),
        (VICTIM, "Thank you. I found the receipt for the laptop. Do you need it?"),
        (OFFICER, "Yes please. Keep it safe, I will collect it when I visit on Thursday."),
        (VICTIM, "Thursday is fine. Could you come after 4pm?"),
    ),
    "NS/1002/26": (
        (VICTIM, "Is there any news about my phone?"),
        (OFFICER, "Not yet. We are looking at the cameras near the station this week."),
    ),
    "NS/1003/26": (
        (OFFICER, "Hello Tomasz, as I said on the phone, somebody has been charged."),
        (VICTIM, "Thank you for calling. What happens next?"),
    ),
}


JUST_OFFICER = (Role.OFFICER.value,)


@dataclass(frozen=True, slots=True)
class Account:
    """How an officer of the demo signs in."""

    email: str
    password: str
    totp_secret: str
    roles: tuple[str, ...] = JUST_OFFICER


def add_officers(database: Database) -> list[Account]:
    """Give the demo's officers a way to sign in; it is made anew for each demo."""
    accounts = [
        Account(officer.email, secrets.token_urlsafe(9), pyotp.random_base32(), officer.roles)
        for officer in EVERYBODY
    ]
    hashes = [hash_password(account.password) for account in accounts]
    with database.writing() as session:
        force = _force(session)
        for officer, account, password_hash in zip(EVERYBODY, accounts, hashes, strict=True):
            set_officer(
                session,
                force.id,
                officer.collar,
                name=officer.name,
                email=account.email,
                roles=[Role(role) for role in account.roles],
                password_hash=password_hash,
                authenticator=account.totp_secret,
            )
    return accounts


def begin_conversations(database: Database) -> None:
    """Let three victims join their cases and write; invite one more."""
    joined: dict[str, UUID] = {}
    for case in CASES:
        if case.reference in JOINED:
            with database.writing() as session:
                _join(session, case.reference, case.person, case.officer, joined)
        elif case.reference in INVITED:
            with database.writing() as session:
                viewer = _viewer(session, case.officer)
                invite(session, _case(session, case.reference), clock.now(), by=viewer.actor)
    for reference, lines in CONVERSATIONS.items():
        for kind, text in lines:
            with database.writing() as session:
                _say(session, reference, kind, text)
    with database.writing() as session:
        charged = _case(session, "NS/1003/26")
        release_status(session, charged, _viewer(session, RHIAN), "charged", clock.now())


def _join(
    session: Session,
    reference: str,
    person: DemoPerson,
    officer: DemoOfficer,
    joined: dict[str, UUID],
) -> None:
    now = clock.now()
    case = _case(session, reference)
    invitation = invite(session, case, now, by=_viewer(session, officer).actor)
    session.flush()
    known = session.get(Victim, joined[person.id]) if person.id in joined else None
    victim = join(session, invitation, known, now)
    open_conversation(session, case, victim.id, now)
    joined[person.id] = victim.id


def _say(session: Session, reference: str, kind: str, text: str) -> None:
    conversation = session.scalars(
        select(Conversation).where(Conversation.case_id == _case(session, reference).id)
    ).one()
    assert conversation.officer_id is not None
    writer: Viewer = VictimViewer(conversation.victim_id)
    if kind == OFFICER:
        roles = frozenset({Role.OFFICER})
        writer = OfficerViewer(conversation.officer_id, conversation.force_id, roles)
    # Whoever writes has read what came before.
    note_shown(session, conversation.id, writer, clock.now(), up_to=conversation.last_sequence)
    send(
        session,
        conversation.id,
        Author.of(writer),
        text=text,
        client_id=secrets.token_hex(8),
        now=clock.now(),
    )


def _force(session: Session) -> Force:
    force = force_named(session, SLUG)
    assert force is not None
    return force


def _case(session: Session, reference: str) -> Case:
    force = _force(session)
    lookup = CaseIndexes(keyring_of(session), force.id).reference(reference)
    case = case_by_reference(session, force.id, lookup)
    assert case is not None
    return case


def _viewer(session: Session, officer: DemoOfficer) -> OfficerViewer:
    found = officer_by_collar(session, _force(session).id, officer.collar)
    assert found is not None
    return OfficerViewer(found.id, found.force_id, frozenset({Role.OFFICER}))


def victims_json() -> list[dict[str, object]]:
    """The victims who have joined, as `accounts.json` lists them."""
    people = {case.person.id: case.person for case in CASES if case.reference in JOINED}
    return [
        {
            "email": person.email,
            "mobile": person.mobile,
            "cases": [
                case.reference
                for case in CASES
                if case.person.id == person.id and case.reference in JOINED
            ],
        }
        for person in people.values()
    ]
