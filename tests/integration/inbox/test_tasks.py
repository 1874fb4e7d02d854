"""Tasks show to those who may do them, and are done with a note that goes nowhere."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import time_machine
from sqlalchemy import select

from app import clock
from app.accounts.models import Officer
from app.accounts.viewers import OfficerViewer, Role
from app.cases.access import may_see_task
from app.cases.models import ABOUT_OFFICER, FOR_FORCE_ADMIN, Case, Task, TaskKind
from app.cases.queries import ties_of
from app.cases.tasks import PAGE, open_task, tasks_for
from tests.factories.facts import case_json
from tests.integration.cases.steps import everything_stored
from tests.integration.inbox.steps import account, audited, gives_reason, officers_url, staff
from tests.portal import Joined, Portal

HOLD = "Make contact with the victim in a safe way"
OUTCOME = "Spoke to her at her sister's"


def held(portal: Portal) -> Joined:
    """A victim whose case went on hold: a task for the officer and for who sees the force."""
    joined = portal.join()
    portal.tell({**joined.case, "flags": ["stalking"]})
    return joined


def test_the_officer_sees_the_tasks_of_their_own_cases_everywhere(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = held(northshire)
    someone = northshire.officer_signs_in(officer)

    for url in ("/officer/inbox", "/officer/tasks", officers_url(joined)):
        page = someone.see(url)
        assert HOLD in page.words
        assert f"Case {joined.case['reference']}" in page.words
        assert "Due " in page.words


def test_a_task_names_the_victim_to_who_is_in_charge_alone(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = held(northshire)
    name = " ".join(joined.case["victim"][each] for each in ("givenName", "familyName"))

    for someone, is_named in (
        (northshire.officer_signs_in(officer), True),
        (staff(northshire, Role.SUPERVISOR), False),
    ):
        tasks = someone.see("/officer/tasks")
        assert (name in tasks.words) is is_named
        assert (name in someone.see(tasks.link(HOLD)).words) is is_named


def test_the_inbox_says_first_how_much_there_is_to_do(northshire: Portal) -> None:
    officer = northshire.add_officer()
    someone = northshire.officer_signs_in(officer)
    assert "To do" not in someone.see("/officer/inbox").words
    held(northshire)

    page = someone.see("/officer/inbox")

    assert "To do: 1" in page.words
    assert page.link("To do") == "#tasks"


def test_a_task_that_is_late_says_so(northshire: Portal) -> None:
    officer = northshire.add_officer()
    held(northshire)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        page = northshire.officer_signs_in(officer).see("/officer/tasks")
        assert "Overdue" in page.words


def test_a_task_is_done_with_words_that_stay_sealed(northshire: Portal) -> None:
    officer = northshire.add_officer()
    held(northshire)
    someone = northshire.officer_signs_in(officer)
    page = someone.see(someone.see("/officer/tasks").link(HOLD))

    refused = someone.send(page.form("Done"), outcome=" ")
    assert refused.error_messages == ["Write what came of it"]
    page = someone.send(page.form("Done"), outcome=OUTCOME)

    assert "The task is done." in page.words
    assert HOLD not in page.words
    assert OUTCOME not in everything_stored(northshire)
    with northshire.database.reading() as session:
        (task,) = session.scalars(select(Task)).all()
        assert (task.outcome, task.done_by_id) == (OUTCOME, officer.id)
    (row,) = audited(northshire, "task.done")
    assert (row.subject_id, row.details) == (task.id, {"task": "safeguarding-hold"})


def test_a_task_that_somebody_else_did_first_keeps_their_words(northshire: Portal) -> None:
    officer = northshire.add_officer()
    held(northshire)
    first, second = northshire.officer_signs_in(officer), staff(northshire, Role.SUPERVISOR)
    url = first.see("/officer/tasks").link(HOLD)
    forms = [each.see(url).form("Done") for each in (first, second)]

    first.send(forms[0], outcome=OUTCOME)
    second.send(forms[1], outcome="Too late")

    with northshire.database.reading() as session:
        assert session.scalars(select(Task)).one().outcome == OUTCOME
    assert "Done" in second.see(url).words


def asks_for_a_code(portal: Portal, joined: Joined) -> None:
    address = joined.case["victim"]["email"]
    someone = portal.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address=address)
    portal.work()


def test_the_task_of_a_hold_lists_what_had_gone_out_and_not_where_to(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined, noise = northshire.join(), northshire.join()
    for hours in (1, 9, 79):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            northshire.work()
            asks_for_a_code(northshire, joined)
            asks_for_a_code(northshire, noise)
    with time_machine.travel(clock.now() + timedelta(hours=80)):
        invited = case_json(victim=joined.case["victim"])
        northshire.tell(invited)
        northshire.invite(invited)
        northshire.tell({**joined.case, "flags": ["stalking"]})
        someone = northshire.officer_signs_in(officer)
        page = someone.see(someone.see("/officer/tasks").link(HOLD))

    sent = [" ".join(each.itertext()).split(",")[:2] for each in page.all(".//main//ul/li")]
    assert sent == [
        ["Invitation to join a case", " by email"],
        ["Code to sign in", " by email"],
        ["Code to sign in", " by email"],
    ]
    assert joined.case["victim"]["email"] not in page.text


def test_the_task_of_a_hold_says_that_nothing_had_gone_out(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    with time_machine.travel(clock.now() + timedelta(hours=80)):
        northshire.tell({**joined.case, "flags": ["stalking"]})
        someone = northshire.officer_signs_in(officer)
        page = someone.see(someone.see("/officer/tasks").link(HOLD))
    assert "from 72 hours before on Nothing." in page.words


def test_another_task_says_nothing_of_what_was_sent(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    with northshire.database.writing() as session:
        case = session.get_one(Case, joined.case_id)
        open_task(session, case, TaskKind.ADDRESS_CHANGED, clock.now())
    someone = northshire.officer_signs_in(officer)
    page = someone.see(someone.see("/officer/tasks").link("Ask the victim about their new"))
    assert "72 hours" not in page.words


def test_those_who_see_the_force_see_its_tasks_and_open_the_case_with_a_reason(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = held(northshire)
    someone = staff(northshire, Role.CONTACT_BUREAU)

    page = someone.see(someone.see("/officer/tasks").link(HOLD))
    assert joined.case["victim"]["familyName"] not in page.words
    page = gives_reason(someone, page.link(joined.case["reference"]))

    assert HOLD in page.words


def test_an_administrator_sees_what_is_technical_and_nothing_of_the_case(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = held(northshire)
    with northshire.database.writing() as session:
        case = session.get_one(Case, joined.case_id)
        open_task(session, case, TaskKind.ENTRY_NEEDS_A_PERSON, clock.now())
    someone = staff(northshire, Role.FORCE_ADMIN)

    page = someone.see("/officer/tasks")
    assert HOLD not in page.words
    page = someone.see(page.link("A message is not on the case record"))

    assert joined.case["reference"] not in page.text
    assert f"Number {joined.case_id}" in page.words
    assert someone.get(officers_url(joined)).status_code == 404


def test_a_message_that_the_case_system_refuses_becomes_a_task(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    northshire.system().fail("422")
    joined.writes("Refused")
    northshire.work()

    page = northshire.officer_signs_in(officer).see("/officer/tasks")

    assert "A message is not on the case record" in page.words


def test_the_list_of_tasks_goes_on_page_by_page(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    with northshire.database.writing() as session:
        case = session.get_one(Case, joined.case_id)
        for number in range(PAGE + 3):
            due = clock.now() + timedelta(hours=number // 2)
            kind = TaskKind.ADDRESS_WRONG
            open_task(session, case, kind, clock.now(), due_at=due, subject_id=UUID(int=number))
            session.flush()
    someone = northshire.officer_signs_in(officer)

    first = someone.see("/officer/tasks")
    second = someone.see(first.link("Show more tasks"))

    shown = [
        {a.get("href") for a in page.all(".//li//a") if "/tasks/" in (a.get("href") or "")}
        for page in (first, second)
    ]
    assert [len(each) for each in shown] == [PAGE, 3]
    assert not shown[0] & shown[1]
    assert "Show more tasks" not in second.words


def test_the_database_is_asked_for_just_the_tasks_that_the_rule_allows(portal: Portal) -> None:
    """`tasks_for` and `access.may_see_task` say the same for every set of roles."""
    portal.add_force()
    portal.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    mine = portal.add_officer()
    for slug in ("northshire", "southshire"):
        portal.add_officer("7000", slug)
    cases = [
        portal.join({**joined_case(collar)}, slug).case_id
        for collar, slug in (("1234", "northshire"), ("7000", "northshire"), ("7000", "southshire"))
    ]
    with portal.database.writing() as session:
        for case_id in cases:
            for kind in TaskKind:
                open_task(session, session.get_one(Case, case_id), kind, clock.now())
    with portal.database.reading() as session:
        force_id = session.get_one(Officer, mine.id).force_id
        every = session.scalars(select(Task)).all()
        for number in range(2 ** len(Role)):
            roles = frozenset(role for n, role in enumerate(Role) if number >> n & 1)
            viewer = OfficerViewer(mine.id, force_id, roles)
            allowed = {
                task.id
                for task in every
                if may_see_task(
                    viewer,
                    ties_of(task.case),
                    is_for_admin=task.kind in FOR_FORCE_ADMIN,
                    is_about_officer=task.kind in ABOUT_OFFICER,
                )
            }
            assert {task.id for task in tasks_for(session, viewer, most=100)} == allowed, roles


def joined_case(collar: str) -> dict[str, object]:
    return case_json(officerInCase={"collar": collar})


def test_nobody_without_a_task_to_do_sees_one(northshire: Portal) -> None:
    northshire.add_officer()
    held(northshire)
    for number, role in enumerate((Role.OFFICER, Role.AUDITOR, Role.FORCE_ADMIN)):
        someone = northshire.officer_signs_in(account(northshire, role, collar=str(9100 + number)))
        assert "There are no tasks for you." in someone.see("/officer/tasks").words
