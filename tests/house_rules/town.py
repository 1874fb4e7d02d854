"""One portal with every kind of person in it, and requests as each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Officer, Victim
from app.accounts.viewers import OfficerViewer, Role
from app.cases.models import Case, Enrolment, Task, TaskKind
from app.cases.reasons import open_with_reason
from app.cases.tasks import open_task
from app.sign_in.sessions import begin
from tests.factories.facts import case_json
from tests.house_rules.access_people import JOINED, Person, Which
from tests.house_rules.access_table import Line
from tests.pages import Form, Page, Visitor
from tests.portal import Joined, Portal

ELSEWHERE = "192.0.2.7"
"""Where people are: not on the machine that the portal runs on."""

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What every browser says of a form on our own page."""

ROLES = {
    Person.OFFICER_IN_CASE: [Role.OFFICER],
    Person.OTHER_OFFICER: [Role.OFFICER],
    Person.OFFICER_ELSEWHERE: [Role.OFFICER],
    Person.SUPERVISOR: [Role.SUPERVISOR],
    Person.SUPERVISOR_WITH_REASON: [Role.SUPERVISOR],
    Person.CONTACT_BUREAU: [Role.CONTACT_BUREAU],
    Person.CONTACT_BUREAU_WITH_REASON: [Role.CONTACT_BUREAU],
    Person.FORCE_ADMIN: [Role.FORCE_ADMIN],
    Person.AUDITOR: [Role.AUDITOR],
    Person.ROLES_ELSEWHERE: list(Role),
    Person.FORMER_OFFICER: [Role.OFFICER],
}
COLLAR = "1234"
COLLARS = {Person.OFFICER_IN_CASE: COLLAR, Person.OTHER_OFFICER: "5678"}
# Another force's officer has the same collar number: it says nothing outside a force.
COLLARS[Person.OFFICER_ELSEWHERE] = COLLAR
ELSEWHERE_PEOPLE = {Person.OFFICER_ELSEWHERE, Person.ROLES_ELSEWHERE}
ASKED_WHY = (Person.SUPERVISOR_WITH_REASON, Person.CONTACT_BUREAU_WITH_REASON)


@dataclass
class Town:
    """`cases` are those that the addresses name, `tasks` one about each of them."""

    portal: Portal
    cases: dict[Which, Joined]
    tasks: dict[Which, UUID]
    ids: dict[Person, UUID]
    """Of the account of everybody who has one."""

    @property
    def case(self) -> Joined:
        return self.cases[Which.THE_CASE]

    def visitor(self, person: Person) -> Visitor:
        """A browser of this person's, in which they have just signed in."""
        visitor = self.portal.visitor()
        visitor.environ_base["REMOTE_ADDR"] = ELSEWHERE
        if person in self.ids:
            token = self._begin_session(person)
            with visitor.session_transaction() as cookie:
                cookie["_user_id"] = token
        return visitor

    def url(self, line: Line, which: Which = Which.THE_CASE) -> str:
        """The address of a line, for one of the cases."""
        return (
            line.rule.replace("<case_id>", str(self.cases[which].case_id))
            .replace("<task_id>", str(self.tasks[which]))
            .replace("<token>", "made-up")
            .replace("<session_id>", "made-up")
            .replace("<int:code>", "404")
            .replace("<int:sequence>", "1")
            .replace("<slug>", "northshire")
            .replace("<status>", "under-investigation")
        )

    def ask(
        self,
        line: Line,
        person: Person,
        visitor: Visitor | None = None,
        query: str = "",
        which: Which = Which.THE_CASE,
    ) -> Page:
        """The answer to this line's request, redirects not followed."""
        visitor = visitor or self.visitor(person)
        url = self.url(line, which) + query
        if line.method == "GET":
            return Page(visitor.get(url), url)
        form = {**line.form, "csrf_token": csrf_token(visitor)}
        return Page(visitor.post(url, data=form, headers=FROM_OUR_PAGE), url)

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
    """Two forces, a case of every kind, and everybody. `victim`: what victims have in common."""
    portal.add_force(push=True)
    portal.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    ids = {
        person: portal.add_officer(
            COLLARS.get(person, f"70{number}"),
            "southshire" if person in ELSEWHERE_PEOPLE else "northshire",
            roles=roles,
        ).id
        for number, (person, roles) in enumerate(ROLES.items())
    }
    cases = {which: portal.join(_case(COLLAR, **victim)) for which in JOINED}
    cases[Which.ELSEWHERE] = portal.join(_case(COLLAR, **victim), "southshire")
    for which, joined in cases.items():
        joined.writes("Is there any news?")
        if which in JOINED:
            ids[JOINED[which]] = _victim_of(portal, joined.case_id)
    other = cases[Which.ANOTHER].case
    portal.tell({**other, "officerInCase": {"collar": COLLARS[Person.OTHER_OFFICER]}})
    portal.tell({**cases[Which.HELD].case, "flags": ["weapons-at-address"]})
    # One case that nobody has joined yet, for the lists.
    portal.tell(_case(COLLAR))
    with portal.database.writing() as session:
        session.get_one(Officer, ids[Person.FORMER_OFFICER]).is_active = False
        closed = session.get_one(Case, cases[Which.CLOSED].case_id)
        closed.open_until = clock.now() - timedelta(days=1)
        for joined in cases.values():
            case = session.get_one(Case, joined.case_id)
            open_task(session, case, TaskKind.ADDRESS_CHANGED, clock.now())
            for person in ASKED_WHY:
                _gives_reason(session, case, ids[person])
    return Town(portal, cases, _tasks(portal, cases), ids)


def _gives_reason(session: Session, case: Case, officer_id: UUID) -> None:
    officer = session.get_one(Officer, officer_id)
    if officer.force_id == case.force_id:
        viewer = OfficerViewer(
            officer.id, officer.force_id, frozenset(Role(role) for role in officer.roles)
        )
        open_with_reason(session, case, viewer, "Cover for an officer on leave", clock.now())


def _tasks(portal: Portal, cases: dict[Which, Joined]) -> dict[Which, UUID]:
    with portal.database.reading() as session:
        return {
            which: session.scalars(
                select(Task.id).where(
                    Task.case_id == joined.case_id, Task.kind == TaskKind.ADDRESS_CHANGED.value
                )
            ).one()
            for which, joined in cases.items()
        }


def _case(collar: str, **victim: str) -> dict[str, Any]:
    return case_json(officerInCase={"collar": collar}, victim=victim)


def _victim_of(portal: Portal, case_id: UUID) -> UUID:
    with portal.database.reading() as session:
        found = session.scalar(select(Enrolment.victim_id).where(Enrolment.case_id == case_id))
        assert found is not None
        return found
