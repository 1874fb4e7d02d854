"""Who gets what at every address, as data. A test walks it; `docs/access.md` is written from it.

A new endpoint needs a line in `TABLE`, or the walk fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Person(Enum):
    """A kind of person; the value is what the document calls them."""

    NOBODY = "not signed in"
    VICTIM = "the victim of the case"
    OTHER_VICTIM = "the victim of another case"
    HELD_VICTIM = "the victim of a case on hold"
    OFFICER_IN_CASE = "the officer in the case"
    OTHER_OFFICER = "another officer of the force"
    OFFICER_ELSEWHERE = "an officer of another force"
    SUPERVISOR = "a supervisor of the force"
    CONTACT_BUREAU = "the force's contact bureau"
    FORCE_ADMIN = "the force's administrator"
    AUDITOR = "the force's auditor"
    FORMER_OFFICER = "an officer whose account is closed"


class Answer(Enum):
    """A kind of answer; the value is what the document says of it."""

    PAGE = "sees it"
    DONE = "done; the next page shows"
    TO_OWN_CASE = "goes to their own case"
    SIGN_IN = "must sign in"
    OFFICER_SIGN_IN = "must sign in as an officer"
    SIGNED_OUT = "is told: signed out"
    REFUSED = "is told that it cannot be done now"
    NEUTRAL = "“This case is not available online”"
    NOT_THERE = "as if it did not exist"
    RELOAD = "as if it did not exist; an open page reloads"
    CLOSED_INVITATION = "“This invitation cannot be used”"
    START_AGAIN = "back to the first step"
    AWAY = "goes to the safe exit"
    ENDED = "signed out, nothing to see"
    TEXT = "a line for machines"


VICTIMS = (Person.VICTIM, Person.OTHER_VICTIM, Person.HELD_VICTIM)
SIGNED_OUT = (Person.NOBODY, Person.FORMER_OFFICER)
OFFICERS = tuple(person for person in Person if person not in {*VICTIMS, *SIGNED_OUT})

Answers = Mapping[Person, Answer]


@dataclass(frozen=True)
class Line:
    """One address and method. `form` is what a right form would hold, the token aside."""

    method: str
    rule: str
    what: str
    answers: Answers
    form: Mapping[str, str] = field(default_factory=dict)


def everybody(answer: Answer) -> dict[Person, Answer]:
    return dict.fromkeys(Person, answer)


def victims(
    own: Answer,
    *,
    other: Answer = Answer.NEUTRAL,
    held: Answer = Answer.NEUTRAL,
    officers: Answer = Answer.NOT_THERE,
    signed_out: Answer = Answer.SIGN_IN,
) -> Answers:
    """For victims alone; `other` is what the victim of another case gets."""
    return {
        **dict.fromkeys(SIGNED_OUT, signed_out),
        **dict.fromkeys(OFFICERS, officers),
        Person.VICTIM: own,
        Person.OTHER_VICTIM: other,
        Person.HELD_VICTIM: held,
    }


def officers(
    own: Answer,
    *,
    other: Answer,
    victims: Answer = Answer.NOT_THERE,
    signed_out: Answer = Answer.OFFICER_SIGN_IN,
) -> Answers:
    """For officers alone; `other` is what those get who are not the officer in the case."""
    return {
        **dict.fromkeys(SIGNED_OUT, signed_out),
        **dict.fromkeys(VICTIMS, victims),
        **dict.fromkeys(OFFICERS, other),
        Person.OFFICER_IN_CASE: own,
    }


PUBLIC = everybody(Answer.PAGE)

TABLE = (
    Line("GET", "/", "Start page", PUBLIC),
    Line("GET", "/other-ways-to-contact-us", "Other ways to contact us", PUBLIC),
    Line("GET", "/accessibility", "Accessibility statement", PUBLIC),
    Line("GET", "/privacy", "Privacy", PUBLIC),
    Line("GET", "/cookies", "Cookies", PUBLIC),
    Line("GET", "/signed-out", "“You are signed out”", PUBLIC),
    Line("GET", "/sign-in", "A victim asks for a code", PUBLIC),
    Line(
        "POST",
        "/sign-in",
        "… and gets one if we know the address",
        everybody(Answer.DONE),
        {"address": "nobody@mail.example"},
    ),
    Line("GET", "/sign-in/code", "The code, without asking first", everybody(Answer.START_AGAIN)),
    Line(
        "POST",
        "/sign-in/code",
        "… sent, without asking first",
        everybody(Answer.START_AGAIN),
        {"code": "1234 5678"},
    ),
    Line(
        "GET", "/invitations/<token>", "The link in an invitation (made up)", everybody(Answer.DONE)
    ),
    Line(
        "GET",
        "/invitation",
        "The questions of an invitation, without a good link",
        everybody(Answer.CLOSED_INVITATION),
    ),
    Line(
        "POST",
        "/invitation",
        "… answered, without a good link",
        everybody(Answer.CLOSED_INVITATION),
        {"reference": "NS/1/26", "day": "1", "month": "2", "year": "1980"},
    ),
    Line("GET", "/invitation/sign-in-first", "“Sign in first”", PUBLIC),
    Line("GET", "/invitation/not-me", "“Thank you for telling us”", PUBLIC),
    Line("POST", "/invitation/not-me", "“This is not me”", everybody(Answer.DONE)),
    Line(
        "GET",
        "/safety",
        "Using this safely",
        victims(Answer.PAGE, other=Answer.PAGE),
    ),
    Line(
        "POST",
        "/safety",
        "… how to be told of news",
        victims(Answer.DONE, other=Answer.DONE),
    ),
    Line(
        "GET",
        "/cases",
        "Their own cases",
        victims(Answer.TO_OWN_CASE, other=Answer.TO_OWN_CASE),
    ),
    Line("GET", "/cases/<case_id>", "The case and its messages", victims(Answer.PAGE)),
    Line(
        "GET",
        "/cases/<case_id>/messages",
        "What is new, for an open page",
        victims(Answer.PAGE, signed_out=Answer.SIGNED_OUT, officers=Answer.RELOAD),
    ),
    Line(
        "POST",
        "/cases/<case_id>/messages",
        "The victim writes (words written before a hold are taken, and the neutral page shows)",
        victims(Answer.DONE),
        {"text": "Is there any news?"},
    ),
    Line("GET", "/officer/sign-in", "An officer's password", PUBLIC),
    Line(
        "POST",
        "/officer/sign-in",
        "… sent, wrong",
        PUBLIC,
        {"email": "nobody@force.example", "password": "wrong"},
    ),
    Line(
        "GET",
        "/officer/sign-in/code",
        "An officer's code, without the password",
        everybody(Answer.START_AGAIN),
    ),
    Line(
        "POST",
        "/officer/sign-in/code",
        "… sent, without the password",
        everybody(Answer.START_AGAIN),
        {"code": "123456"},
    ),
    Line(
        "GET",
        "/officer/inbox",
        "An officer's own inbox",
        officers(Answer.PAGE, other=Answer.PAGE),
    ),
    Line(
        "GET",
        "/officer/cases/<case_id>",
        "The case, for its officer",
        officers(Answer.PAGE, other=Answer.NOT_THERE),
    ),
    Line(
        "GET",
        "/officer/cases/<case_id>/messages",
        "What is new, for an open page",
        officers(
            Answer.PAGE,
            other=Answer.RELOAD,
            signed_out=Answer.SIGNED_OUT,
            victims=Answer.RELOAD,
        ),
    ),
    Line(
        "POST",
        "/officer/cases/<case_id>/messages",
        "The officer replies",
        officers(Answer.DONE, other=Answer.NOT_THERE),
        {"text": "I will call on Monday."},
    ),
    Line(
        "POST",
        "/officer/cases/<case_id>/invitation",
        "The officer invites the victim (who has joined already)",
        officers(Answer.REFUSED, other=Answer.NOT_THERE),
    ),
    Line(
        "POST",
        "/officer/cases/<case_id>/released-status/<status>",
        "The officer lets the victim see a status",
        officers(Answer.DONE, other=Answer.NOT_THERE),
    ),
    Line("GET", "/exit", "Exit this page", everybody(Answer.AWAY)),
    Line("POST", "/exit", "… told by script as the page goes", everybody(Answer.ENDED)),
    Line("POST", "/sign-out", "Sign out", everybody(Answer.DONE)),
    Line(
        "GET",
        "/problem/<int:code>",
        "Where a form that went wrong leads: the page about it",
        everybody(Answer.NOT_THERE),
    ),
    Line("GET", "/healthz", "For machines: it runs", everybody(Answer.TEXT)),
    Line("GET", "/readyz", "For machines: it can work", everybody(Answer.TEXT)),
    Line(
        "GET",
        "/metrics",
        "For machines: counts (only from the machine itself, or with a token)",
        everybody(Answer.NOT_THERE),
    ),
)
