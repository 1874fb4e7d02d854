"""The people and the cases of the access table, and what follows for each from who they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Person(Enum):
    """A kind of person; the value is what the document calls them."""

    NOBODY = "not signed in"
    VICTIM = "the victim of the case"
    OTHER_VICTIM = "the victim of another case"
    HELD_VICTIM = "the victim of a case on hold"
    CLOSED_VICTIM = "the victim of a closed case"
    OFFICER_IN_CASE = "the officer in the case"
    OTHER_OFFICER = "another officer of the force"
    OFFICER_ELSEWHERE = "an officer of another force"
    SUPERVISOR = "a supervisor of the force"
    SUPERVISOR_WITH_REASON = "a supervisor who gave a reason"
    CONTACT_BUREAU = "the force's contact bureau"
    CONTACT_BUREAU_WITH_REASON = "the contact bureau, who gave a reason"
    FORCE_ADMIN = "the force's administrator"
    AUDITOR = "the force's auditor"
    ROLES_ELSEWHERE = "somebody of another force with every role"
    FORMER_OFFICER = "an officer whose account is closed"


class Which(Enum):
    """Which case somebody asks for; the value is what the document calls it."""

    THE_CASE = "the case"
    ANOTHER = "another case of the force"
    ELSEWHERE = "a case of another force"
    HELD = "a case on hold"
    CLOSED = "a case that is closed online"


class Answer(Enum):
    """A kind of answer; the value is what the document says of it."""

    PAGE = "sees it"
    DONE = "done; the next page shows"
    REASON = "is asked for a reason"
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
    FILE = "gets a file"


ROLES_ELSEWHERE = Person.ROLES_ELSEWHERE
SIGNED_OUT = (Person.NOBODY, Person.FORMER_OFFICER)
JOINED = {
    Which.THE_CASE: Person.VICTIM,
    Which.ANOTHER: Person.OTHER_VICTIM,
    Which.HELD: Person.HELD_VICTIM,
    Which.CLOSED: Person.CLOSED_VICTIM,
}
"""Who has joined which case. (Nobody in the table has joined the one of another force.)"""
VICTIMS = tuple(JOINED.values())
OFFICERS = tuple(person for person in Person if person not in {*VICTIMS, *SIGNED_OUT})
IN_CHARGE = {
    Which.THE_CASE: Person.OFFICER_IN_CASE,
    Which.ANOTHER: Person.OTHER_OFFICER,
    Which.ELSEWHERE: Person.OFFICER_ELSEWHERE,
    Which.HELD: Person.OFFICER_IN_CASE,
    Which.CLOSED: Person.OFFICER_IN_CASE,
}

Answers = Mapping[Person, Answer]
ByCase = Mapping[Which, Answers]


def everybody(answer: Answer) -> dict[Person, Answer]:
    return dict.fromkeys(Person, answer)


def victims(
    own: Answer, *, closed: Answer = Answer.NEUTRAL, officers: Answer = Answer.NOT_THERE
) -> Answers:
    """For victims with an open case; `closed` is what those without one get."""
    return {
        **dict.fromkeys(SIGNED_OUT, Answer.SIGN_IN),
        **dict.fromkeys(OFFICERS, officers),
        **dict.fromkeys(VICTIMS, closed),
        Person.VICTIM: own,
        Person.OTHER_VICTIM: own,
    }


def victims_case(
    own: Answer,
    *,
    officers: Answer = Answer.NOT_THERE,
    signed_out: Answer = Answer.SIGN_IN,
    others: Answer = Answer.NEUTRAL,
) -> ByCase:
    """For the victim who joined the case, while it is open; every other victim and every other
    case gets the neutral page, or what `others` says."""
    answers = {}
    for which in Which:
        answers[which] = {
            **dict.fromkeys(SIGNED_OUT, signed_out),
            **dict.fromkeys(OFFICERS, officers),
            **dict.fromkeys(VICTIMS, others),
        }
        if which in {Which.THE_CASE, Which.ANOTHER}:
            answers[which][JOINED[which]] = own
    return answers


def staff(
    everyone: Answer,
    *,
    supervisor: Answer | None = None,
    bureau: Answer | None = None,
    admin: Answer | None = None,
    auditor: Answer | None = None,
) -> Answers:
    """For people of a force, about their own force; by role where a role is named."""
    every_role = supervisor or bureau or admin or auditor
    return {
        **dict.fromkeys(SIGNED_OUT, Answer.OFFICER_SIGN_IN),
        **dict.fromkeys(VICTIMS, Answer.NOT_THERE),
        **dict.fromkeys(OFFICERS, everyone),
        Person.SUPERVISOR: supervisor or everyone,
        Person.SUPERVISOR_WITH_REASON: supervisor or everyone,
        Person.CONTACT_BUREAU: bureau or everyone,
        Person.CONTACT_BUREAU_WITH_REASON: bureau or everyone,
        Person.FORCE_ADMIN: admin or everyone,
        Person.AUDITOR: auditor or everyone,
        Person.ROLES_ELSEWHERE: every_role or everyone,
    }


def staffs_case(
    in_charge: Answer,
    *,
    closed: Answer | None = None,
    supervisor: Answer | None = None,
    supervisor_held: Answer | None = None,
    bureau: Answer | None = None,
    reason: Answer | None = Answer.REASON,
    nobody: Answer = Answer.NOT_THERE,
    signed_out: Answer = Answer.OFFICER_SIGN_IN,
) -> ByCase:
    """About a case, for people of its force.

    `in_charge` is what the officer in the case gets (`closed`: where it is on hold or closed),
    `supervisor` and `bureau` what those get who gave a reason, and `reason` what they get who gave
    none (None: no reason is wanted). Everybody else, everybody of another force among them,
    gets `nobody`.
    """
    supervisors = {Person.SUPERVISOR_WITH_REASON: supervisor, Person.SUPERVISOR: supervisor}
    bureaus = {Person.CONTACT_BUREAU_WITH_REASON: bureau, Person.CONTACT_BUREAU: bureau}
    answers = {}
    for which in Which:
        row = {
            **dict.fromkeys(Person, nobody),
            **dict.fromkeys(SIGNED_OUT, signed_out),
            IN_CHARGE[which]: in_charge,
        }
        if closed is not None and which in {Which.HELD, Which.CLOSED}:
            row[IN_CHARGE[which]] = closed
        if which is Which.ELSEWHERE:
            # Of its own force this is a supervisor who gave no reason.
            theirs = {ROLES_ELSEWHERE: supervisor}
        else:
            theirs = {**supervisors, **bureaus}
        for person, answer in theirs.items():
            if answer is None:
                continue
            gave_one = person.name.endswith("WITH_REASON")
            row[person] = answer if gave_one or reason is None else reason
        if supervisor_held is not None and which is Which.HELD:
            row[Person.SUPERVISOR_WITH_REASON] = supervisor_held
        answers[which] = row
    return answers
