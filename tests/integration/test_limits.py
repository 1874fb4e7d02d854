"""Limits against floods: who is over one is told when to come back, and keeps their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask_limiter.util import get_qualified_name
from werkzeug.test import TestResponse

from app import clock
from app.accounts.models import Officer
from app.config import ConfigurationError, Settings
from app.web.limits import limiter
from tests.pages import HTMX, Page, Visitor
from tests.portal import Portal, environment, open_portal

FEW = 3
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
# Leaving, and staying signed in, must always work, and shows nothing.
NOT_LIMITED = {"sign_in.leave", "sign_in.sign_out", "sign_in.extend_session"}


@pytest.fixture
def limited(migrated_sqlite_url: str) -> Iterator[Portal]:
    """A portal in which every limit is low."""
    portal = open_portal(migrated_sqlite_url, POLLS_PER_MINUTE=str(FEW))
    portal.add_force()
    yield portal
    portal.database.engine.dispose()


def is_limited(portal: Portal, endpoint: str) -> bool:
    name = get_qualified_name(portal.app.view_functions[endpoint])
    with portal.app.app_context():
        return bool(limiter.limit_manager.decorated_limits(name))


def test_every_form_has_a_limit(limited: Portal) -> None:
    forms = {
        rule.endpoint
        for rule in limited.app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
    }
    assert {name for name in forms - NOT_LIMITED if not is_limited(limited, name)} == set()


def test_a_poll_too_many_is_told_when_to_come_back_and_others_are_not(limited: Portal) -> None:
    joined, noise = limited.join(), limited.join()
    poll = f"{joined.url}/messages?after=9"

    # From the start of a minute, so that all of them fall into one.
    next_minute = clock.now().replace(second=0) + timedelta(minutes=1)
    with time_machine.travel(next_minute, tick=False):
        answers = [joined.visitor.get(poll, headers=HTMX) for _ in range(FEW + 1)]

    assert [each.status_code for each in answers] == [204] * FEW + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert "<html" not in answers[-1].text
    # The same address, another session: theirs are their own.
    assert noise.visitor.get(f"{noise.url}/messages?after=9", headers=HTMX).status_code == 204
    # And the page itself, and writing, are not stopped by it.
    assert joined.writes("Still here").status == 200


def test_an_officers_poll_too_many_is_told_too(limited: Portal) -> None:
    officer = limited.add_officer()
    poll = f"/officer{limited.join().url}/messages?after=9"
    someone = limited.officer_signs_in(officer)
    next_minute = clock.now().replace(second=0) + timedelta(minutes=1)
    with time_machine.travel(next_minute, tick=False):
        answers = [someone.get(poll, headers=HTMX).status_code for _ in range(FEW + 1)]

    assert answers == [204] * FEW + [429]


@pytest.mark.parametrize("after", ["30", "stop"])
def test_every_answer_to_a_poll_and_no_other_says_when_to_ask_again(
    migrated_sqlite_url: str, after: str
) -> None:
    portal = open_portal(migrated_sqlite_url, POLL_AFTER=after)
    portal.add_force()
    joined = portal.join()
    joined.writes("One")
    nothing = joined.visitor.get(f"{joined.url}/messages?after=9", headers=HTMX)
    something = joined.visitor.get(f"{joined.url}/messages", headers=HTMX)
    page = joined.visitor.get(joined.url)
    portal.database.engine.dispose()

    assert (nothing.status_code, nothing.headers["Poll-After"]) == (204, after)
    assert (something.status_code, something.headers["Poll-After"]) == (200, after)
    assert "Poll-After" not in page.headers


@pytest.mark.parametrize("after", ["0", "3601", "soon", "-1"])
def test_a_time_to_ask_again_of_no_sense_stops_the_start(after: str) -> None:
    with pytest.raises(ConfigurationError, match="POLL_AFTER must be "):
        Settings.from_environment({**environment("sqlite:///x.db"), "POLL_AFTER": after})


def test_polls_are_counted_together_by_all_processes_that_share_a_redis(
    migrated_sqlite_url: str, redis_url: str
) -> None:
    portals = [
        open_portal(migrated_sqlite_url, POLLS_PER_MINUTE="4", RATE_LIMIT_URL=redis_url)
        for _ in range(2)
    ]
    portals[0].add_force()
    joined = portals[0].join()
    poll = f"{joined.url}/messages?after=9"
    elsewhere = portals[1].visitor()
    with joined.visitor.session_transaction() as mine, elsewhere.session_transaction() as same:
        same.update(mine)
    next_minute = clock.now().replace(second=0) + timedelta(minutes=1)
    with time_machine.travel(next_minute, tick=False):
        answers = [
            someone.get(poll, headers=HTMX).status_code
            for someone in (joined.visitor, elsewhere) * 3
        ]

    assert answers == [204] * 4 + [429] * 2
    for portal in portals:
        portal.database.engine.dispose()


def test_a_form_too_many_gives_the_words_back_and_says_when(limited: Portal) -> None:
    # One more, for the form on the page about safety.
    limited.app.config["PER_ACCOUNT"] = f"{FEW + 1} per hour"
    joined = limited.join()
    for number in range(FEW):
        joined.writes(f"Message {number}")
    form = joined.visitor.see(joined.url).form("Send message")
    sent = {**form.values, "text": "\nOne <b>more</b>"}

    page = Page(joined.visitor.post(form.action, data=sent, headers=FROM_OUR_PAGE), form.action)

    assert (page.status, page.h1) == (429, "Please wait a little")
    assert re.search(r"You can try again after .* at \d+:\d\d[ap]m\.", page.words)
    again = page.form("Send message")
    assert again.values["text"] == "\nOne <b>more</b>"
    assert again.values["client_id"] == form.values["client_id"]
    assert len(limited.messages(joined.case_id)) == FEW
    with time_machine.travel(clock.now().timestamp() + 10 * 60):
        limited.app.config["PER_ACCOUNT"] = "600 per hour"
        joined.visitor.post(again.action, data=again.values, headers=FROM_OUR_PAGE)
    assert limited.messages(joined.case_id)[-1][2] == "\nOne <b>more</b>".strip()


def test_words_are_not_given_back_to_a_form_of_another_site(limited: Portal) -> None:
    limited.app.config["PER_ACCOUNT"] = "2 per hour"
    joined = limited.join()
    form = joined.writes("First").form("Send message")
    sent = {**form.values, "text": "planted"}

    answer = joined.visitor.post(form.action, data=sent, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 429
    assert "planted" not in answer.text


def test_an_account_is_counted_whatever_browser_and_address_it_uses(limited: Portal) -> None:
    limited.app.config["PER_ACCOUNT"] = f"{FEW} per hour"
    officer, other = limited.add_officer(), limited.add_officer("5678")
    joined = limited.join()
    for number in range(FEW):
        someone = limited.officer_signs_in(officer)
        someone.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        page = someone.see(f"/officer{joined.url}")
        someone.send(page.form("Send reply"), text=f"Reply {number}")
        with limited.database.writing() as session:
            session.get_one(Officer, officer.id).authenticator_step = 0

    someone = limited.officer_signs_in(officer)
    form = someone.see(f"/officer{joined.url}").form("Send reply")
    assert someone.post(form.action, data={**form.values, "text": "More"}).status_code == 429
    noise = limited.officer_signs_in(other)
    token = noise.see("/officer/inbox").form("Sign out").values["csrf_token"]
    answer = noise.post(f"/officer{joined.url}/invitation", data={"csrf_token": token})
    assert answer.status_code == 404


def asks_for_a_code(someone: Visitor, **forwarded: str) -> TestResponse:
    token = someone.see("/sign-in").form("Continue").values["csrf_token"]
    form = {"csrf_token": token, "address": "nobody@mail.example"}
    return someone.post("/sign-in", data=form, headers=forwarded)


def statuses(portal: Portal, forwarded: list[str]) -> list[int]:
    """Answers to somebody behind one address who says each time that they speak for another."""
    return [
        asks_for_a_code(portal.visitor(), **{"X-Forwarded-For": each}).status_code
        for each in forwarded
    ]


@pytest.mark.parametrize(
    "proxies,forwarded",
    [
        # Nobody is in front: what the sender says of itself counts for nothing.
        ("0", ["198.51.100.{n}", "198.51.100.{n}, 203.0.113.1"]),
        # One is: what it adds counts, and what the sender made up before it does not.
        ("1", ["198.51.100.{n}, 203.0.113.1"]),
        ("2", ["198.51.100.{n}, 203.0.113.1, 203.0.113.2"]),
    ],
)
def test_a_made_up_forwarded_address_gives_nobody_more_tries(
    migrated_sqlite_url: str, proxies: str, forwarded: list[str]
) -> None:
    for each in forwarded:
        portal = open_portal(migrated_sqlite_url, TRUSTED_PROXIES=proxies)
        portal.app.config["PER_ADDRESS"] = f"{FEW} per hour"
        asked = [each.format(n=number) for number in range(FEW + 1)]
        assert statuses(portal, asked) == [303] * FEW + [429]
        portal.database.engine.dispose()


@pytest.mark.parametrize("proxies,forwarded", [("1", "198.51.100.{n}"), ("2", "198.51.100.{n}, x")])
def test_people_behind_a_trusted_proxy_are_counted_one_by_one(
    migrated_sqlite_url: str, proxies: str, forwarded: str
) -> None:
    portal = open_portal(migrated_sqlite_url, TRUSTED_PROXIES=proxies)
    portal.app.config["PER_ADDRESS"] = "1 per hour"

    assert statuses(portal, [forwarded.format(n=number) for number in range(5)]) == [303] * 5
    portal.database.engine.dispose()
