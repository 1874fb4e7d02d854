"""A whole portal in one test: application, database, case systems in memory, a sender that keeps
what it is given, and the people who use it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import select

from app import clock, create_app
from app.accounts.actions import set_officer
from app.accounts.viewers import Role
from app.cases.indexes import CaseIndexes
from app.cases.invitations import invite
from app.cases.models import Case
from app.cases.queries import case_by_reference
from app.database import Database, keyring_of
from app.forces.actions import load_forces
from app.forces.queries import force_named
from app.forces.settings import CaseSystemSettings, ForceSettings
from app.messages.models import Conversation, Message
from app.messages.queries import newest
from app.notifications.senders import Letter
from app.sync.adapters.memory import MemoryCaseSystem
from app.sync.systems import ConnectedSystems
from app.worker import Work, run_once
from tests.factories.facts import case_json, force_settings
from tests.pages import Page, Visitor, visitor
from tests.push import push_environment

PASSWORD = "a long made-up password"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Of next to no work, since tests sign in thousands of times; what the product makes of a password
is tested in `tests/integration/cli/test_commands.py`."""
TOKEN = "case-system-token"

_numbers = count(1)


class _CompiledTemplates(BytecodeCache):
    """Templates compiled once for all portals of a test process, not once for each."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._compiled.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_compiled_pages, _compiled_components = _CompiledTemplates(), _CompiledTemplates()


def environment(database_url: str, **more: str) -> dict[str, str]:
    """The settings of a portal under test."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "made-up-for-tests-made-up-for-tests",
        "ENCRYPTION_KEYS": base64.b64encode(b"made-up-for-tests-made-up-123456").decode(),
        "NOTIFY_URL": "file:var/never-written.jsonl",
        **push_environment(),
        **more,
    }


class KeepingSender:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    def to(self, address: str, template: str) -> list[Letter]:
        """What was sent to an address (normalised), oldest first."""
        return [
            letter
            for letter in self.letters
            if letter.to == address and letter.template == template
        ]


@dataclass
class OfficerAccount:
    """An officer who can sign in."""

    id: UUID
    collar: str
    email: str
    secret: str

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(clock.now())


@dataclass
class Joined:
    """A victim who has joined a case, and the browser they are signed in with."""

    visitor: Visitor
    case: dict[str, Any]
    case_id: UUID

    @property
    def url(self) -> str:
        return f"/cases/{self.case_id}"

    def writes(self, text: str, *, htmx: bool = False) -> Page:
        form = self.visitor.see(self.url).form("Send message")
        return self.visitor.send(form, htmx=htmx, text=text)


@dataclass
class Portal:
    """One portal. `work()` does what a worker does."""

    app: Flask
    database: Database
    work_: Work
    sender: KeepingSender
    systems: dict[str, MemoryCaseSystem] = field(default_factory=dict)

    def add_force(self, **overrides: Any) -> ForceSettings:
        """A force whose feed was read to its end once, so that it is fresh and may invite."""
        settings = force_settings(**overrides)
        with self.database.writing() as session:
            load_forces(session, [settings])
        self.work()
        return settings

    def system(self, slug: str = "northshire") -> MemoryCaseSystem:
        """The case system of a force."""
        with self.database.reading() as session:
            force = force_named(session, slug)
            assert force is not None
            return self.systems[force.settings.case_system.url]

    def work(self) -> None:
        run_once(self.work_)

    def tell(self, case: Mapping[str, Any], slug: str = "northshire") -> None:
        """The case system changes a case, and the worker reads of it."""
        self.system(slug).put_case(case["reference"], dict(case))
        self.work()

    def add_officer(
        self, collar: str = "1234", slug: str = "northshire", **more: Any
    ) -> OfficerAccount:
        number = next(_numbers)
        email, secret = f"officer{number}@force.example", pyotp.random_base32()
        with self.database.writing() as session:
            force = force_named(session, slug)
            assert force is not None
            officer = set_officer(
                session,
                force.id,
                collar,
                name=more.get("name", "PC Sam Okafor"),
                email=email,
                roles=more.get("roles", [Role.OFFICER]),
                password_hash=PASSWORD_HASH,
                authenticator=secret,
            )
            return OfficerAccount(officer.id, collar, email, secret)

    def visitor(self) -> Visitor:
        return visitor(self.app)

    def officer_signs_in(self, officer: OfficerAccount) -> Visitor:
        someone = self.visitor()
        page = someone.see("/officer/sign-in")
        page = someone.send(page.form("Sign in"), email=officer.email, password=PASSWORD)
        page = someone.send(page.form("Sign in"), code=officer.code())
        assert page.h1 == "Inbox", page.words
        return someone

    def case_id(self, reference: str, slug: str = "northshire") -> UUID:
        with self.database.reading() as session:
            force = force_named(session, slug)
            assert force is not None
            lookup = CaseIndexes(keyring_of(session), force.id).reference(reference)
            case = case_by_reference(session, force.id, lookup)
            assert case is not None, f"no case {reference}"
            return case.id

    def case(self, case_id: UUID) -> Case:
        """The case's row as it is stored; its sealed columns cannot be read any more."""
        with self.database.reading() as session:
            return session.get_one(Case, case_id)

    def invitation_link(self, address: str) -> str:
        """The path of the newest invitation to an address."""
        body = self.sender.to(address, "invitation")[-1].text.body
        return "/invitations/" + body.split("/invitations/")[1].split()[0]

    def invite(self, case: Mapping[str, Any], slug: str = "northshire") -> str:
        """Have a case's victim invited by hand; the path of the invitation."""
        case_id = self.case_id(case["reference"], slug)
        with self.database.writing() as session:
            invite(session, session.get_one(Case, case_id), clock.now())
        self.work()
        return self.invitation_link(case["victim"]["email"] or _e164(case["victim"]["mobile"]))

    def answer(self, someone: Visitor, case: Mapping[str, Any], link: str) -> Page:
        """Answer an invitation rightly."""
        page = someone.see(link)
        year, month, day = case["victim"]["dateOfBirth"].split("-")
        return someone.send(
            page.form("Continue"), reference=case["reference"], day=day, month=month, year=year
        )

    def join(self, case: Mapping[str, Any] | None = None, slug: str = "northshire") -> Joined:
        """A victim of a (new) case is invited, answers, and passes the safety page."""
        told = dict(case or case_json())
        self.tell(told, slug)
        someone = self.visitor()
        page = self.answer(someone, told, self.invite(told, slug))
        assert page.h1 == "Using this safely", page.words
        someone.send(page.form("Continue to your case"))
        return Joined(someone, told, self.case_id(told["reference"], slug))

    def sign_in_code(self, address: str) -> str:
        """The newest code sent to an address."""
        self.work()
        body = self.sender.to(address, "sign-in-code")[-1].text.body
        return "".join(character for character in body if character.isdigit())

    def messages(self, case_id: UUID) -> list[tuple[int, str, str]]:
        """Sequence, state and text of a case's newest messages, as they are stored."""
        with self.database.reading() as session:
            conversation = session.scalars(
                select(Conversation)
                .where(Conversation.case_id == case_id)
                .order_by(Conversation.started_at.desc())
            ).first()
            if conversation is None:
                return []
            page = newest(session, conversation)
            return [(each.sequence, each.state, each.text) for each in page.messages]

    def count_messages(self) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(Message.id)).all())


def _e164(mobile: str) -> str:
    return "+44" + mobile.replace(" ", "").removeprefix("0")


def open_portal(database_url: str, *, translations: Path | None = None, **more: str) -> Portal:
    """A portal on a migrated database; `more` are settings, `translations` another folder."""
    app = create_app(environment(database_url, **more), translations=translations)
    app.testing = True
    app.jinja_env.bytecode_cache = _compiled_pages
    app.extensions["component-templates"].bytecode_cache = _compiled_components
    database: Database = app.extensions["database"]
    systems: dict[str, MemoryCaseSystem] = {}

    def connect(settings: CaseSystemSettings, _token: str) -> MemoryCaseSystem:
        return systems.setdefault(settings.url, memory_of(settings))

    sender = KeepingSender()
    work = Work(
        database=database,
        systems=ConnectedSystems(_AnyToken(), connect),
        sender=sender,
        public_url="http://localhost",
    )
    return Portal(app, database, work, sender, systems)


def memory_of(settings: CaseSystemSettings) -> MemoryCaseSystem:
    """A case system in memory that behaves as the force's profile does."""
    if settings.profile == "niche":
        return MemoryCaseSystem()
    return MemoryCaseSystem(
        text_limit=32_000, is_idempotent=False, settle_seconds=float(settings.settle_seconds)
    )


class _AnyToken(dict[str, str]):
    """An environment in which every force's token is set."""

    def get(self, _key: str, _default: object = None) -> str:
        return TOKEN
