"""The rules of telling people of news, each through the worker."""

from __future__ import annotations

from typing import Any

import time_machine

from app.cases.models import TaskKind
from tests.integration.messages.steps import replies
from tests.integration.notifications.steps import (
    assessed_now,
    busy,
    comes_back,
    later,
    owed_updates,
    refuses,
    tasks,
    tomorrow_at,
    updates,
)
from tests.portal import Joined, OfficerAccount, Portal


def choose_quiet(victim: Joined, start: str = "10pm", end: str = "7am") -> None:
    page = victim.visitor.see("/preferences/quiet-hours")
    page = victim.visitor.send(page.form("Save"), start=start, end=end)
    assert page.h1 == "Your settings"


def pause(victim: Joined, **values: Any) -> None:
    page = victim.visitor.see("/preferences/pause")
    page = victim.visitor.send(page.form("Save"), **values)
    assert page.h1 == "Your settings", page.words


def test_a_notice_is_repeated_once_after_three_days(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    for days, so_many in ((2.9, 1), (3.1, 2), (6.5, 2), (10, 2)):
        with later(days=days):
            northshire.work()
        assert len(updates(northshire, told)) == so_many, days
    first, second = updates(northshire, told)
    assert first.text == second.text


def test_nothing_is_repeated_to_somebody_who_came(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    with later(days=1):
        comes_back(northshire, told)
    with later(days=4):
        northshire.work()
    assert len(updates(northshire, told)) == 1
    assert owed_updates(northshire) == []


def test_what_comes_after_a_visit_has_a_repeat_of_its_own(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    with later(days=1):
        comes_back(northshire, told)
    with later(days=2):
        replies(northshire, officer, told, "Hello again")
        northshire.work()
    assert len(updates(northshire, told)) == 2
    with later(days=3.5):
        northshire.work()
    assert len(updates(northshire, told)) == 2
    with later(days=5.5):
        northshire.work()
    assert len(updates(northshire, told)) == 3


def test_a_notice_waits_for_the_end_of_quiet_hours(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    choose_quiet(told)
    night, dawn = tomorrow_at(23), tomorrow_at(6, days=2)
    with time_machine.travel(night):
        replies(northshire, officer, told, "In the night")
        northshire.work()
    with time_machine.travel(dawn):
        northshire.work()
    assert updates(northshire, told) == []
    with time_machine.travel(dawn.replace(hour=7, minute=1)):
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_what_came_before_and_after_a_visit_in_quiet_hours_is_told_once(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    choose_quiet(told)
    night = tomorrow_at(22)
    with time_machine.travel(night.replace(minute=10)):
        replies(northshire, officer, told, "First")
        northshire.work()
    with time_machine.travel(night.replace(minute=20)):
        comes_back(northshire, told)
    with time_machine.travel(night.replace(minute=40)):
        replies(northshire, officer, told, "Second")
        northshire.work()
    with time_machine.travel(tomorrow_at(8, days=2)):
        northshire.work()
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_a_code_comes_in_quiet_hours_and_in_a_pause(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    choose_quiet(told)
    pause(told, pause="until-switched-on")
    with time_machine.travel(tomorrow_at(23)):
        assert comes_back(northshire, told).h1 == "Your case"


def test_a_pause_until_a_date_keeps_news_back_until_then(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    ends = tomorrow_at(0, days=4)
    pause(told, pause="until-date", day=str(ends.day), month=str(ends.month), year=str(ends.year))
    replies(northshire, officer, told, "Hello")
    northshire.work()
    with time_machine.travel(tomorrow_at(22, days=3)):
        northshire.work()
    assert updates(northshire, told) == []
    with time_machine.travel(tomorrow_at(1, days=4)):
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_a_pause_without_an_end_lasts_until_it_is_switched_off(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    pause(told, pause="until-switched-on")
    replies(northshire, officer, told, "Hello")
    northshire.work()
    with later(days=30):
        northshire.work()
        assert updates(northshire, told) == []
        comes_back(northshire, told)
        pause(told, pause="on")
    with later(days=30, hours=1):
        replies(northshire, officer, told, "Hello again")
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_a_pause_that_begins_while_a_notice_is_owed_stops_it(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    pause(told, pause="until-switched-on")
    with later(minutes=5):
        northshire.work()
    assert updates(northshire, told) == []


def test_a_hold_cancels_the_repeat_too(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    assert len(owed_updates(northshire)) == 1
    northshire.tell({**told.case, "domesticAbuse": True})
    assert owed_updates(northshire) == []
    with later(days=4):
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_another_choice_of_channel_cancels_what_is_on_its_way(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    page = told.visitor.see("/preferences")
    told.visitor.send(page.form("Save"), channel="none")
    assert owed_updates(northshire) == []
    northshire.work()
    assert updates(northshire, told) == []


def test_ninety_days_later_nothing_leaves_and_the_next_page_asks(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    with later(days=89):
        assessed_now(northshire, told)
        assert "still safe for you" not in comes_back(northshire, told).words
    with later(days=91):
        replies(northshire, officer, told, "Hello")
        northshire.work()
        assert updates(northshire, told) == []
        page = comes_back(northshire, told)
        assert "still safe for you" in page.words
        page = told.visitor.send(page.form("Yes, only I can see them"))
        assert "still safe for you" not in page.words
    with later(days=91, hours=1):
        replies(northshire, officer, told, "Hello again")
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_who_answers_no_after_ninety_days_is_told_nothing_more(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    with later(days=89):
        assessed_now(northshire, told)
    with later(days=91):
        page = comes_back(northshire, told)
        page = told.visitor.send(page.form("No, do not tell me"))
        assert "still safe for you" not in page.words
    with later(days=91, hours=1):
        replies(northshire, officer, told, "Hello")
        northshire.work()
    assert updates(northshire, told) == []


def test_after_a_bounce_no_news_goes_there_and_the_officer_has_a_task(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    refuses(northshire, "update")
    replies(northshire, officer, told, "Hello")
    northshire.work()
    [task] = tasks(northshire, TaskKind.ADDRESS_BOUNCED, told.case_id)
    with later(minutes=2):
        inbox = northshire.officer_signs_in(officer)
        assert "the address takes no messages" in inbox.see(f"/officer/tasks/{task.id}").words

    refuses(northshire)
    with later(minutes=5):
        comes_back(northshire, told)
        assert "could not be delivered" in told.visitor.see("/preferences").words
    with later(hours=1):
        replies(northshire, officer, told, "Hello again")
        northshire.work()
    assert updates(northshire, told) == []
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED)) == 1


def test_who_chooses_an_address_again_is_told_again(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    refuses(northshire, "update")
    replies(northshire, officer, told, "Hello")
    northshire.work()
    refuses(northshire)
    with later(minutes=5):
        comes_back(northshire, told)
        page = told.visitor.send(told.visitor.see("/preferences").form("Save"))
        assert "could not be delivered" not in page.words
    with later(hours=1):
        replies(northshire, officer, told, "Hello again")
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_a_notice_that_is_put_off_for_days_still_has_all_its_tries(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    [repeat] = owed_updates(northshire)
    busy(northshire, "update")
    with later(days=3.1):
        northshire.work()
    assert [each.id for each in owed_updates(northshire)] == [repeat.id]
    refuses(northshire)
    with later(days=3.2):
        northshire.work()
    assert len(updates(northshire, told)) == 2
