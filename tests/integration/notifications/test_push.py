"""Being told of news on one's own device: switched on there, forgotten early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app import clock
from app.accounts.models import PushSubscription, Victim
from app.audit.vocabulary import Action
from app.cases.models import TaskKind
from app.notifications.chosen import push_sender_for
from app.sign_in.models import SignInSession
from tests.databases import Databases
from tests.integration.messages.steps import replies
from tests.integration.notifications.steps import later, says, tasks, updates
from tests.integration.notifications.test_rules_of_notices import choose_quiet
from tests.integration.sign_in.steps import recorded, sign_in, victim_of
from tests.integration.sign_in.test_address_change import ask_for, code_at, confirm
from tests.pages import Page, Visitor
from tests.portal import PASSWORD, Joined, OfficerAccount, Portal, open_portal
from tests.push import ENDPOINT, PushService, push_environment, push_settings

ON_HERE = "We tell you on this device."
OFF = "We no longer tell you on a device."


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService().open() as service:
        yield service


@pytest.fixture
def northshire(migrated_url: str, service: PushService) -> Iterator[Portal]:
    """A portal whose operator and force have switched push on."""
    portal = open_portal(migrated_url, **push_environment(service.url))
    push = push_sender_for(push_settings(service.url))
    portal.work_ = replace(portal.work_, push=push)
    portal.add_force(push=True)
    yield portal
    portal.database.engine.dispose()


@pytest.fixture
def told(northshire: Portal, officer: OfficerAccount, service: PushService) -> Joined:
    """A victim who is told on the device that they joined with, and went away."""
    victim = northshire.join()
    assert ON_HERE in asks(victim.visitor, f"{service.url}/device").words
    return victim


def asks(visitor: Visitor, endpoint: str, only_me: str = "y") -> Page:
    """As the page's script does once the browser has an address."""
    form = visitor.see("/preferences/push").form("Tell me on this device")
    return visitor.send(form, endpoint=endpoint, only_me=only_me)


def subscriptions(portal: Portal) -> list[PushSubscription]:
    with portal.database.reading() as session:
        return list(session.scalars(select(PushSubscription)))


def idle(portal: Portal, victim: Joined) -> None:
    """The victim's sessions run out without anybody doing anything."""
    with portal.database.writing() as session:
        for each in session.scalars(
            select(SignInSession).where(SignInSession.victim_id == victim_of(portal, victim))
        ):
            each.seen_at = clock.now() - timedelta(hours=1)


def test_a_device_is_woken_once_until_the_next_visit(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    inbox = northshire.officer_signs_in(officer)
    says(inbox, told, "Hello")
    says(inbox, told, "Hello again")
    northshire.work()
    assert service.woken == ["/device"]
    assert updates(northshire, told) == []
    with later(days=3.1):
        northshire.work()
    assert service.woken == ["/device", "/device"]
    [first, second] = recorded(northshire, Action.NOTICE_DISCLOSED)[-2:]
    assert first.details["channel"] == second.details["channel"] == "push"


def test_where_a_device_is_called_is_sealed_and_its_browsers_keys_are_not_kept(
    northshire: Portal, told: Joined, service: PushService
) -> None:
    [kept] = subscriptions(northshire)
    stored = b"".join(
        value for value in (kept.endpoint_sealed, kept.endpoint_index, kept.wrapped_key) if value
    )
    assert urlsplit(service.url).netloc.encode() not in stored
    assert kept.victim_id == victim_of(northshire, told)
    assert [row.actor_kind for row in recorded(northshire, Action.PUSH_SWITCHED_ON)] == ["victim"]


@pytest.mark.parametrize(
    "endpoint", ["", "https://attacker.example/x", "https://127.0.0.1/x", "http://127.0.0.1:1/x"]
)
def test_an_address_that_is_no_push_services_is_refused(northshire: Portal, endpoint: str) -> None:
    page = asks(northshire.join().visitor, endpoint)
    assert page.status == 422
    assert page.error_messages == [
        "We cannot send anything to this browser. Choose another way to hear"
    ]
    assert subscriptions(northshire) == []


def test_without_saying_that_only_they_see_it_nobody_is_told(northshire: Portal) -> None:
    page = asks(northshire.join().visitor, ENDPOINT, only_me="")
    assert page.error_messages == ["Tick this box if only you can see this device. If not, go back"]
    assert subscriptions(northshire) == []


def test_without_its_token_the_form_does_nothing(northshire: Portal) -> None:
    victim = northshire.join()
    answer = victim.visitor.post("/preferences/push", data={"endpoint": ENDPOINT, "only_me": "y"})
    assert answer.status_code == 400
    assert subscriptions(northshire) == []


def test_a_force_that_has_not_switched_it_on_offers_nothing(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.add_force(push=False)
    northshire.work()
    assert service.woken == []
    visitor = northshire.join().visitor
    assert visitor.see("/preferences/push").status == 404
    assert "push" not in visitor.see("/preferences").text


def test_without_the_operators_key_nothing_is_offered(databases: Databases) -> None:
    with databases.migrated("sqlite") as url:
        portal = open_portal(url, PUSH_PRIVATE_KEY="", PUSH_CONTACT="")
        portal.add_force(push=True)
        visitor = portal.join().visitor
        assert visitor.see("/preferences/push").status == 404
        assert "push" not in visitor.see("/preferences").text
        portal.database.engine.dispose()


def test_quiet_hours_are_quiet_here_too(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    choose_quiet(told, "00:00", "23:59")
    replies(northshire, officer, told, "Hello")
    northshire.work()
    assert service.woken == []
    choose_quiet(told, "", "")
    with later(days=1.1):
        northshire.work()
    assert service.woken == ["/device"]


def test_a_hold_forgets_the_device_at_once(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.tell({**told.case, "domesticAbuse": True})
    assert subscriptions(northshire) == []
    assert service.woken == []
    assert recorded(northshire, Action.PUSH_SWITCHED_OFF)[-1].details["why"] == "hold"


def exits(_portal: Portal, victim: Joined) -> None:
    victim.visitor.get("/exit")


def exits_after_the_session_ran_out(portal: Portal, victim: Joined) -> None:
    idle(portal, victim)
    with victim.visitor.session_transaction() as cookie:
        cookie.clear()
    victim.visitor.get("/exit")


def signs_out(_portal: Portal, victim: Joined) -> None:
    victim.visitor.send(victim.visitor.see(victim.url).form("Sign out"))


def signs_out_from_afar(portal: Portal, victim: Joined) -> None:
    other, _page = sign_in(portal, victim.case["victim"]["email"])
    page = other.see("/preferences")
    other.send(page.form("Sign out of all other devices"))


def signs_out_everywhere_else_after_the_session_there_ran_out(
    portal: Portal, victim: Joined
) -> None:
    idle(portal, victim)
    other, _page = sign_in(portal, victim.case["victim"]["email"])
    form = other.see("/preferences").form("Stop telling me on that device")
    # The session is not listed any more; the form of a page from before it ran out still comes.
    other.send(replace(form, action="/preferences/devices/others"))


def leaves(_portal: Portal, victim: Joined) -> None:
    form = victim.visitor.see("/preferences/leave").form("Stop using this service")
    victim.visitor.send(form, sure="y")


def stops(_portal: Portal, victim: Joined) -> None:
    page = victim.visitor.see("/preferences")
    page = victim.visitor.send(page.form("Stop telling me on this device"))
    assert ON_HERE not in page.words


def chooses_email(_portal: Portal, victim: Joined) -> None:
    page = victim.visitor.see("/preferences")
    victim.visitor.send(page.form("Save"), channel="email", only_me="y")


def somebody_else_signs_in_there(portal: Portal, victim: Joined) -> None:
    other = portal.join()
    sign_in(portal, other.case["victim"]["email"], victim.visitor)


def somebody_else_signs_in_there_after_the_browser_was_closed(
    portal: Portal, victim: Joined
) -> None:
    other = portal.join()
    with victim.visitor.session_transaction() as cookie:
        cookie.clear()
    sign_in(portal, other.case["victim"]["email"], victim.visitor)


def an_officer_signs_in_there(portal: Portal, victim: Joined) -> None:
    with victim.visitor.session_transaction() as cookie:
        cookie.clear()
    account = portal.add_officer("5678")
    page = victim.visitor.see("/officer/sign-in")
    page = victim.visitor.send(page.form("Sign in"), email=account.email, password=PASSWORD)
    victim.visitor.send(page.form("Sign in"), code=account.code())


@pytest.mark.parametrize(
    "ends",
    [
        exits,
        exits_after_the_session_ran_out,
        signs_out,
        signs_out_from_afar,
        signs_out_everywhere_else_after_the_session_there_ran_out,
        leaves,
        stops,
        chooses_email,
        somebody_else_signs_in_there,
        somebody_else_signs_in_there_after_the_browser_was_closed,
        an_officer_signs_in_there,
    ],
    ids=lambda each: each.__name__,
)
def test_the_device_is_forgotten_and_what_was_owed_to_it_does_not_go(
    northshire: Portal,
    officer: OfficerAccount,
    told: Joined,
    service: PushService,
    ends: Callable[[Portal, Joined], None],
) -> None:
    replies(northshire, officer, told, "Hello")
    # Somebody who signs in has the worker send a code: nothing may be on its way before.
    choose_quiet(told, "00:00", "23:59")
    ends(northshire, told)
    assert subscriptions(northshire) == []
    with later(days=1.1):
        northshire.work()
    assert service.woken == []


def test_who_signs_in_again_after_their_session_ran_out_is_still_told(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    idle(northshire, told)
    sign_in(northshire, told.case["victim"]["email"], told.visitor)
    assert ON_HERE in told.visitor.see("/preferences").words
    with later(hours=1):
        replies(northshire, officer, told, "Hello")
        northshire.work()
    assert service.woken == ["/device"]


def test_who_signs_in_again_after_the_browser_was_closed_is_still_told(
    northshire: Portal, told: Joined
) -> None:
    with told.visitor.session_transaction() as cookie:
        cookie.clear()
    sign_in(northshire, told.case["victim"]["email"], told.visitor)
    assert len(subscriptions(northshire)) == 1


def test_saving_without_a_choice_leaves_it_on(northshire: Portal, told: Joined) -> None:
    page = told.visitor.see("/preferences")
    assert ON_HERE in told.visitor.send(page.form("Save")).words
    told.visitor.send(told.visitor.see("/safety").form("Continue to your case"))
    assert len(subscriptions(northshire)) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten_and_the_officer_told(
    northshire: Portal,
    officer: OfficerAccount,
    told: Joined,
    service: PushService,
    status: int,
) -> None:
    service.status = status
    replies(northshire, officer, told, "Hello")
    northshire.work()
    assert subscriptions(northshire) == []
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED, told.case_id)) == 1
    assert OFF in told.visitor.see("/preferences").words


def test_a_busy_push_service_is_asked_again(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    service.status = 503
    replies(northshire, officer, told, "Hello")
    northshire.work()
    service.status = 201
    with later(minutes=10):
        northshire.work()
    assert service.woken == ["/device"]


def test_after_ninety_days_they_are_asked_again(northshire: Portal, told: Joined) -> None:
    with northshire.database.writing() as session:
        me = session.get_one(Victim, victim_of(northshire, told))
        me.notices_confirmed_at = clock.now() - timedelta(days=91)
    page = told.visitor.see(told.url)
    assert "You wanted to be told of news on a device of yours." in page.words
    page = told.visitor.send(page.form("Yes, only I can see them"))
    assert "Are messages from us still safe for you?" not in page.words


def test_another_device_takes_its_place(
    northshire: Portal, officer: OfficerAccount, told: Joined, service: PushService
) -> None:
    other, _page = sign_in(northshire, told.case["victim"]["email"])
    page = other.see("/preferences")
    assert "We tell you on another device of yours." in page.words
    asks(other, f"{service.url}/other")
    with later(hours=1):
        replies(northshire, officer, told, "Hello")
        northshire.work()
    assert service.woken == ["/other"]


def test_another_address_ends_it_and_the_record_says_so(northshire: Portal, told: Joined) -> None:
    old, new = told.case["victim"]["email"], "somewhere.else@mail.example"
    ask_for(told.visitor, new)
    confirm(told.visitor, code_at(northshire, old), code_at(northshire, new))
    assert subscriptions(northshire) == []
    assert ON_HERE not in told.visitor.see("/preferences").words
    [row] = recorded(northshire, Action.PUSH_SWITCHED_OFF)
    assert (row.actor_kind, row.details["why"]) == ("victim", "address-changed")


@pytest.mark.parametrize("ends", [stops, chooses_email], ids=lambda each: each.__name__)
def test_another_choice_is_on_the_record_as_the_end_of_it(
    northshire: Portal, told: Joined, ends: Callable[[Portal, Joined], None]
) -> None:
    ends(northshire, told)
    [row] = recorded(northshire, Action.PUSH_SWITCHED_OFF)
    assert (row.actor_kind, row.details["why"]) == ("victim", "chosen-otherwise")
    assert row.subject_id == victim_of(northshire, told)
