"""One portal with every kind of person in it, and requests as each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.accounts.models import Officer, Victim
from app.accounts.viewers import Role
from app.cases.models import Enrolment
from app.sign_in.sessions import begin
from tests.factories.facts import case_json
from tests.house_rules.access_table import Line, Person
from tests.pages import Form, Page, Visitor
from tests.portal import Joined, Portal

ELSEWHERE = "192.0.2.7"
"""Where people are: not on the machine that the portal runs on."""

ROLES = {
    Person.OFFICER_IN_CASE: Role.OFFICER,
    Person.OTHER_OFFICER: Role.OFFICER,
    Person.OFFICER_ELSEWHERE: Role.OFFICER,
    Person.SUPERVISOR: Role.SUPERVISOR,
    Person.CONTACT_BUREAU: Role.CONTACT_BUREAU,
    Person.FORCE_ADMIN: Role.FORCE_ADMIN,
    Person.AUDITOR: Role.AUDITOR,
    Person.FORMER_OFFICER: Role.OFFICER,
}
COLLAR = "1234"
OFFICE = {Person.OFFICER_ELSEWHERE: "southshire"}


@dataclass
class Town:
    """`case` is the case in every address; the victim of a case on hold asks for that one."""

    portal: Portal
    case: Joined
    held: Joined
    ids: dict[Person, UUID]
    """Of the account of everybody who has one."""

    def visitor(self, person: Person) -> Visitor:
        """A browser of this person's, in which they have just signed in."""
        visitor = self.portal.visitor()
        visitor.environ_base["REMOTE_ADDR"] = ELSEWHERE
        if person in self.ids:
            token = self._begin_session(person)
            with visitor.session_transaction() as cookie:
                cookie["_user_id"] = token
        return visitor

    def url(self, line: Line, person: Person) -> str:
        """The address of a line, as this person would ask for it."""
        case = self.held if person is Person.HELD_VICTIM else self.case
        return (
            line.rule.replace("<case_id>", str(case.case_id))
            .replace("<token>", "made-up")
            .replace("<int:code>", "404")
            .replace("<status>", "under-investigation")
        )

    def ask(
        self, line: Line, person: Person, visitor: Visitor | None = None, query: str = ""
    ) -> Page:
        """The answer to this line's request, redirects not followed."""
        visitor = visitor or self.visitor(person)
        url = self.url(line, person) + query
        if line.method == "GET":
            return Page(visitor.get(url), url)
        form = {**line.form, "csrf_token": csrf_token(visitor)}
        # As a browser says it of a form on a page of ours.
        return Page(visitor.post(url, data=form, headers={"Sec-Fetch-Site": "same-origin"}), url)

    def _begin_session(self, person: Person) -> str:
        with self.portal.database.writing() as session:
            return begin(
                session,
                self.portal.app.extensions["settings"],
                victim=session.get(Victim, self.ids[person]),
                officer=session.get(Officer, self.ids[person]),
                now=clock.now(),
            )


def csrf_token(visitor: Visitor) -> str:
    """A good token for this browser. (Asked for in English, whatever the browser does next.)"""
    page = visitor.see("/officer/sign-in?lang=en")
    return Form.read(page.find(".//main//form"), page.url).values["csrf_token"]


def found_town(portal: Portal, **victim: str) -> Town:
    """Two forces, three cases, and everybody. `victim`: what victims have in common."""
    portal.add_force()
    portal.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    ids = {
        person: portal.add_officer(
            COLLAR if person is Person.OFFICER_IN_CASE else f"70{number}",
            OFFICE.get(person, "northshire"),
            roles=[role],
        ).id
        for number, (person, role) in enumerate(ROLES.items())
    }
    cases = {
        Person.VICTIM: portal.join(_case(**victim)),
        Person.OTHER_VICTIM: portal.join(_case(**victim)),
        Person.HELD_VICTIM: portal.join(_case(**victim)),
    }
    for person, joined in cases.items():
        joined.writes("Is there any news?")
        ids[person] = _victim_of(portal, joined.case_id)
    with portal.database.writing() as session:
        session.get_one(Officer, ids[Person.FORMER_OFFICER]).is_active = False
    portal.tell({**cases[Person.HELD_VICTIM].case, "flags": ["weapons-at-address"]})
    # One case that nobody has joined yet, for the lists.
    portal.tell(_case())
    return Town(portal, cases[Person.VICTIM], cases[Person.HELD_VICTIM], ids)


def _case(**victim: str) -> dict[str, Any]:
    return case_json(officerInCase={"collar": COLLAR}, victim=victim)


def _victim_of(portal: Portal, case_id: UUID) -> UUID:
    with portal.database.reading() as session:
        found = session.scalar(select(Enrolment.victim_id).where(Enrolment.case_id == case_id))
        assert found is not None
        return found
