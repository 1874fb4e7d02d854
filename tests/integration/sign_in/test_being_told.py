"""A victim's settings for being told: quiet hours, pause, language, and leaving."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Victim, VictimAddress
from app.audit.vocabulary import Action
from app.cases.models import Enrolment, TaskKind
from app.messages.models import Message
from app.notifications.models import Notice
from app.web.times import in_london
from tests.databases import Databases
from tests.factories.facts import case_json
from tests.house_rules.pseudo import CODE, make_catalogue
from tests.integration.messages.steps import replies
from tests.integration.notifications.steps import later, tasks
from tests.integration.sign_in.steps import ask, recorded, sent, sign_in, victim_of
from tests.pages import Form, Page
from tests.portal import Joined, Portal, open_portal


@pytest.fixture
def joined(northshire: Portal) -> Joined:
    return northshire.join()


def chosen(victim: Joined, path: str, **values: Any) -> Page:
    page = victim.visitor.see(f"/preferences/{path}")
    return victim.visitor.send(page.form("Save"), **values)


def stored(portal: Portal, victim: Joined) -> Victim:
    with portal.database.reading() as session:
        return session.get_one(Victim, victim_of(portal, victim))


def test_quiet_hours_are_kept_shown_and_taken_away(northshire: Portal, joined: Joined) -> None:
    page = chosen(joined, "quiet-hours", start="10 pm", end="7.30am")
    assert "Your quiet hours are from 10:00pm to 7:30am." in page.words
    assert (stored(northshire, joined).quiet_from, stored(northshire, joined).quiet_to) == (
        1320,
        450,
    )
    form = joined.visitor.see("/preferences/quiet-hours").form("Save")
    assert (form.values["start"], form.values["end"]) == ("22:00", "7:30")
    page = chosen(joined, "quiet-hours", start="", end="")
    assert "You have no quiet hours." in page.words
    assert len(recorded(northshire, Action.QUIET_HOURS_CHOSEN)) == 2


@pytest.mark.parametrize(
    "start, end, error",
    [
        ("10pm", "", "Enter both times, or leave both empty"),
        ("", "7am", "Enter both times, or leave both empty"),
        ("bedtime", "7am", "Enter a time like 10pm or 22:00"),
        ("10pm", "22:00", "Enter two different times"),
    ],
)
def test_times_that_cannot_be_are_named_and_kept(
    northshire: Portal, joined: Joined, start: str, end: str, error: str
) -> None:
    page = chosen(joined, "quiet-hours", start=start, end=end)
    assert page.status == 422
    assert page.error_messages == [error]
    assert page.form("Save").values["start"] == start
    assert stored(northshire, joined).quiet_from is None


def test_a_refused_form_of_a_browser_is_asked_again_behind_a_redirect(joined: Joined) -> None:
    form = joined.visitor.see("/preferences/quiet-hours").form("Save")
    response = joined.visitor.post(
        form.action,
        data={**form.values, "start": "bedtime", "end": "7am"},
        headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"},
    )
    assert response.status_code == 303
    page = joined.visitor.see(response.location.partition("#")[0])
    assert page.error_messages == ["Enter a time like 10pm or 22:00"]
    assert page.form("Save").values["start"] == "bedtime"


def test_a_pause_is_shown_with_its_end_and_can_be_ended(northshire: Portal, joined: Joined) -> None:
    ends = in_london(clock.now()).replace(year=in_london(clock.now()).year + 1, day=1)
    page = chosen(
        joined,
        "pause",
        pause="until-date",
        day="1",
        month=str(ends.month),
        year=str(ends.year),
    )
    assert f"They start again on {ends:%A} 1 {ends:%B %Y}" in page.words
    form = joined.visitor.see("/preferences/pause").form("Save")
    assert (form.values["pause"], form.values["day"]) == ("until-date", "1")
    page = chosen(joined, "pause", pause="until-switched-on")
    assert "paused until you switch them on again" in page.words
    page = chosen(joined, "pause", pause="on")
    assert "Messages are not paused." in page.words
    assert len(recorded(northshire, Action.NOTICES_RESUMED)) == 1


def test_the_month_of_a_pause_may_be_a_name(northshire: Portal, joined: Joined) -> None:
    ends = (in_london(clock.now()).date() + timedelta(days=40)).replace(day=1)
    for month in (f"{ends:%B}", f"{ends:%b}".lower()):
        page = chosen(
            joined, "pause", pause="until-date", day="1", month=month, year=str(ends.year)
        )
        assert f"They start again on {ends:%A} 1 {ends:%B %Y}" in page.words


@pytest.mark.parametrize(
    "day, month, year, error",
    [
        ("", "", "", "Enter a date, like 27 3 2027 or 27 March 2027"),
        ("31", "2", "2030", "Enter a date, like 27 3 2027 or 27 March 2027"),
        ("1", "1", "2020", "Enter a date after today"),
        ("1", "1", "2999", "Enter a date within a year"),
    ],
)
def test_a_day_that_cannot_end_a_pause_is_named_and_kept(
    northshire: Portal, joined: Joined, day: str, month: str, year: str, error: str
) -> None:
    page = chosen(joined, "pause", pause="until-date", day=day, month=month, year=year)
    assert page.error_messages == [error]
    form = page.form("Save")
    assert (form.values["day"], form.values["pause"]) == (day, "until-date")
    assert stored(northshire, joined).notices_paused_at is None


@pytest.fixture
def bilingual(databases: Databases, tmp_path: Path) -> Iterator[Portal]:
    """A portal that speaks a made-up language too, which it calls Welsh, as its force does."""
    make_catalogue(tmp_path)
    (tmp_path / CODE).rename(tmp_path / "cy")
    with databases.migrated("sqlite") as url:
        portal = open_portal(url, translations=tmp_path)
        portal.add_force(languages=("en", "cy"))
        portal.add_officer()
        yield portal
        portal.database.engine.dispose()


def test_a_language_is_kept_for_pages_and_notices(bilingual: Portal) -> None:
    victim = bilingual.join()
    assert "Language" in victim.visitor.see("/preferences").words
    chosen(victim, "language", language="cy")
    assert victim.visitor.see(victim.url).find(".").get("lang") == "cy"
    assert stored(bilingual, victim).speaks == "cy"
    someone = bilingual.visitor()
    ask(someone, victim.case["victim"]["email"])
    bilingual.work()
    with bilingual.database.reading() as session:
        assert _languages_of_notices(session)[-1] == "cy"


def _languages_of_notices(session: Session) -> list[str]:
    return list(session.scalars(select(Notice.language).order_by(Notice.created_at)))


def test_who_signs_in_in_welsh_goes_on_in_welsh(bilingual: Portal) -> None:
    victim = bilingual.join()
    someone = bilingual.visitor()
    page = someone.see("/sign-in?lang=cy")
    form = page.find(".//main//form")
    page = someone.send(Form.read(form, "/sign-in?lang=cy"), address=victim.case["victim"]["email"])
    code = bilingual.sign_in_code(victim.case["victim"]["email"])
    page = someone.send(Form.read(page.find(".//main//form"), page.url), code=code)
    assert page.find(".").get("lang") == "cy"
    assert stored(bilingual, victim).chosen_language == "cy"


def test_the_cases_language_counts_until_another_is_chosen(bilingual: Portal) -> None:
    case = case_json()
    case["victim"]["language"] = "cy"
    bilingual.tell(case)
    someone = bilingual.visitor()
    bilingual.answer(someone, case, bilingual.invite(case) + "?lang=en")
    assert someone.see("/preferences").find(".").get("lang") == "cy"


def test_a_force_without_welsh_does_not_offer_it(northshire: Portal, joined: Joined) -> None:
    assert "Change the language" not in joined.visitor.see("/preferences").words
    page = joined.visitor.see("/preferences/language")
    page = joined.visitor.send(page.form("Save"), language="cy")
    assert page.status == 422
    assert stored(northshire, joined).chosen_language is None


def test_leaving_ends_the_enrolment_and_every_session_and_tells_the_officer(
    northshire: Portal, joined: Joined
) -> None:
    officer = northshire.add_officer()
    joined.writes("Before I go.")
    other, _page = sign_in(northshire, joined.case["victim"]["email"])
    victim_id = victim_of(northshire, joined)
    page = joined.visitor.see("/preferences/leave")
    assert "Your case goes on" in page.words
    page = joined.visitor.send(page.form("Stop using this service"), sure="y")
    assert page.h1 == "You have stopped using this service"
    for browser in (joined.visitor, other):
        assert browser.see(joined.url).h1 == "Sign in"
    with northshire.database.reading() as session:
        enrolment = session.scalars(select(Enrolment)).one()
        assert enrolment.ended_at is not None
        assert session.get_one(Victim, victim_id).closed_at is not None
        assert session.scalar(select(func.count(VictimAddress.id))) == 0
        assert session.scalar(select(func.count(Message.id))) == 1
    northshire.work()
    assert [state for _n, state, _text in northshire.messages(joined.case_id)] == ["recorded"]
    [task] = tasks(northshire, TaskKind.VICTIM_LEFT, joined.case_id)
    inbox = northshire.officer_signs_in(officer)
    assert "use the agreed way" in inbox.see(f"/officer/tasks/{task.id}").words
    assert len(recorded(northshire, Action.VICTIM_LEFT)) == 1


def test_nobody_leaves_without_saying_that_they_are_sure(
    northshire: Portal, joined: Joined
) -> None:
    page = joined.visitor.see("/preferences/leave")
    page = joined.visitor.send(page.form("Stop using this service"))
    assert page.error_messages == ["Tick this box if you want to stop using this service"]
    assert joined.visitor.see(joined.url).h1 == "Your case"
    assert tasks(northshire, TaskKind.VICTIM_LEFT) == []


def leave(victim: Joined) -> None:
    page = victim.visitor.see("/preferences/leave")
    victim.visitor.send(page.form("Stop using this service"), sure="y")


def test_who_has_left_gets_no_code_no_notice_and_no_invitation_by_itself(
    northshire: Portal,
) -> None:
    northshire.add_force(
        slug="westshire",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9300"},
        invitations="automatic",
        invite_reported_from=date(2020, 1, 1),
        require_active_officer=False,
    )
    victim = northshire.join(case_json(), "westshire")
    address = victim.case["victim"]["email"]
    invited = len(northshire.sender.to(address, "invitation"))
    leave(victim)
    northshire.tell(victim.case, "westshire")
    with later(days=1):
        northshire.work()
        ask(northshire.visitor(), address)
        assert sent(northshire, address) == 0
    assert len(northshire.sender.to(address, "invitation")) == invited


def test_coming_back_needs_a_new_invitation_and_begins_an_empty_conversation(
    northshire: Portal, joined: Joined
) -> None:
    officer = northshire.add_officer()
    joined.writes("Before I go.")
    leave(joined)
    northshire.work()
    someone = northshire.visitor()
    page = northshire.answer(someone, joined.case, northshire.invite(joined.case))
    assert page.h1 == "Using this safely"
    page = someone.see(joined.url)
    assert page.h1 == "Your case"
    assert page.messages == []
    back = Joined(someone, joined.case, joined.case_id)
    replies(northshire, officer, back, "Welcome back")
    assert [each.text for each in someone.see(joined.url).messages] == ["Welcome back"]


def test_leaving_cancels_what_is_owed(northshire: Portal, joined: Joined) -> None:
    officer = northshire.add_officer()
    page = joined.visitor.see("/safety")
    joined.visitor.send(page.form("Continue to your case"), channel="email", only_me="y")
    replies(northshire, officer, joined, "Hello")
    leave(joined)
    with later(days=4):
        northshire.work()
    assert northshire.sender.to(joined.case["victim"]["email"], "update") == []
    assert tasks(northshire, TaskKind.MESSAGE_UNREAD) == []
