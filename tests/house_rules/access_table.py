"""Who gets what at every address, as data. A test walks it; `docs/access.md` is written from it.

A new endpoint needs a line in `TABLE`, or the walk fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.house_rules.access_lines import Line, about_case
from tests.house_rules.access_of_app import INSTALLED
from tests.house_rules.access_of_case_page import CASE_PAGE, FEEDBACK
from tests.house_rules.access_of_marking import MARKING
from tests.house_rules.access_of_settings import SETTINGS
from tests.house_rules.access_of_tasks import TASKS
from tests.house_rules.access_people import (
    OFFICERS,
    SIGNED_OUT,
    Answer,
    Person,
    Which,
    everybody,
    staff,
    staffs_case,
    victims,
    victims_case,
)

__all__ = ["OFFICERS", "SIGNED_OUT", "TABLE", "Answer", "Line", "Person", "Which"]


PUBLIC = everybody(Answer.PAGE)
OWN = staff(Answer.PAGE)

TABLE = (
    Line("GET", "/", "Start page", PUBLIC),
    Line("GET", "/other-ways-to-contact-us", "Other ways to contact us", PUBLIC),
    Line("GET", "/accessibility", "Accessibility statement", PUBLIC),
    Line("GET", "/privacy", "Privacy", PUBLIC),
    Line("GET", "/cookies", "Cookies", PUBLIC),
    *FEEDBACK,
    *INSTALLED,
    Line("GET", "/signed-out", "“You are signed out”", PUBLIC),
    Line("GET", "/stopped", "“You have stopped using this service”", PUBLIC),
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
    Line("GET", "/sign-in/word", "The extra word, without a code", everybody(Answer.START_AGAIN)),
    Line(
        "POST",
        "/sign-in/word",
        "… sent, without a code",
        everybody(Answer.START_AGAIN),
        {"word": "made-up word"},
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
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/safety",
        "… how to be told of news",
        victims(Answer.DONE),
    ),
    *SETTINGS,
    Line(
        "GET",
        "/cases",
        "Their own cases",
        victims(Answer.TO_OWN_CASE),
    ),
    about_case("GET", "/cases/<case_id>", "The case and its messages", victims_case(Answer.PAGE)),
    about_case(
        "GET",
        "/cases/<case_id>/messages",
        "What is new, for an open page",
        victims_case(
            Answer.PAGE,
            signed_out=Answer.SIGNED_OUT,
            officers=Answer.RELOAD,
            others=Answer.RELOAD,
        ),
    ),
    about_case(
        "POST",
        "/cases/<case_id>/messages",
        "The victim writes (words written before a hold are taken, and the neutral page shows)",
        victims_case(Answer.DONE),
        {"text": "Is there any news?"},
    ),
    *CASE_PAGE,
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
        "/officer/sign-in/<slug>",
        "To the provider of an officer's force, where it has none",
        everybody(Answer.START_AGAIN),
    ),
    Line(
        "GET",
        "/officer/sign-in/callback",
        "… and back, without having gone there",
        everybody(Answer.START_AGAIN),
    ),
    Line(
        "POST",
        "/officer/sign-in/passkey",
        "A passkey, without having been asked for one",
        everybody(Answer.START_AGAIN),
        {"credential": "{}"},
    ),
    Line("GET", "/officer/account/passkeys", "An officer's passkeys", OWN),
    Line("POST", "/officer/account/passkeys", "… one more, without the password", OWN),
    Line(
        "GET",
        "/officer/account/passkeys/add",
        "… made, without having asked for it",
        staff(Answer.START_AGAIN),
    ),
    Line(
        "POST",
        "/officer/account/passkeys/add",
        "… sent, without having asked for it",
        staff(Answer.START_AGAIN),
        {"credential": "{}"},
    ),
    Line(
        "POST",
        "/officer/account/passkeys/<passkey_id>/remove",
        "… removed, somebody else's",
        staff(Answer.NOT_THERE),
    ),
    Line("GET", "/officer/account", "An officer's own sign-in", OWN),
    Line("GET", "/officer/account/password", "A new password", OWN),
    Line("POST", "/officer/account/password", "… sent, without the old one", OWN),
    Line("GET", "/officer/account/authenticator", "A new authenticator", OWN),
    Line("POST", "/officer/account/authenticator", "… asked for, without the password", OWN),
    Line(
        "GET",
        "/officer/account/authenticator/confirm",
        "The new authenticator's key, without having asked for it",
        staff(Answer.START_AGAIN),
    ),
    Line(
        "POST",
        "/officer/account/authenticator/confirm",
        "… and its first code",
        staff(Answer.START_AGAIN),
    ),
    Line(
        "GET",
        "/officer/account/authenticator/picture",
        "… and its picture",
        staff(Answer.NOT_THERE),
    ),
    Line("GET", "/officer/account/recovery-codes", "Recovery codes", OWN),
    Line("POST", "/officer/account/recovery-codes", "… made anew, without the password", OWN),
    Line(
        "GET",
        "/officer/account/recovery-codes/new",
        "The new recovery codes, without having made any",
        staff(Answer.START_AGAIN),
    ),
    Line("GET", "/officer/inbox", "One's own inbox, for everybody of a force", staff(Answer.PAGE)),
    *TASKS,
    about_case(
        "GET",
        "/officer/cases/<case_id>",
        "The case, for people of the force",
        staffs_case(Answer.PAGE, supervisor=Answer.PAGE, bureau=Answer.PAGE),
    ),
    about_case(
        "GET",
        "/officer/cases/<case_id>/opening",
        "Giving a reason to open another's case",
        staffs_case(
            Answer.NOT_THERE, supervisor=Answer.REASON, bureau=Answer.REASON, reason=Answer.REASON
        ),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/opening",
        "… given (an empty one)",
        staffs_case(
            Answer.NOT_THERE, supervisor=Answer.REASON, bureau=Answer.REASON, reason=Answer.REASON
        ),
        {"reason": ""},
    ),
    about_case(
        "GET",
        "/officer/cases/<case_id>/messages",
        "What is new, for an open page",
        staffs_case(
            Answer.PAGE,
            supervisor=Answer.PAGE,
            bureau=Answer.PAGE,
            reason=Answer.RELOAD,
            nobody=Answer.RELOAD,
            signed_out=Answer.SIGNED_OUT,
        ),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/messages",
        "The officer replies",
        staffs_case(Answer.DONE, closed=Answer.REFUSED, reason=None),
        {"text": "I will call on Monday."},
    ),
    *MARKING,
    about_case(
        "POST",
        "/officer/cases/<case_id>/invitation",
        "The officer invites the victim (who has joined already)",
        staffs_case(Answer.REFUSED, reason=None),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/released-status/<status>",
        "The officer lets the victim see a status",
        staffs_case(Answer.DONE, reason=None),
    ),
    about_case(
        "GET",
        "/officer/cases/<case_id>/hold",
        "Lifting a hold",
        staffs_case(Answer.NOT_THERE, supervisor=Answer.PAGE),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/hold",
        "… lifted (on hold, and still not eligible; the others have none)",
        staffs_case(Answer.NOT_THERE, supervisor=Answer.DONE, supervisor_held=Answer.REFUSED),
        {"reason": "Spoke to the victim."},
    ),
    about_case(
        "GET",
        "/officer/cases/<case_id>/pause",
        "Pausing messages to the officer",
        staffs_case(Answer.NOT_THERE, supervisor=Answer.PAGE),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/pause",
        "… paused",
        staffs_case(Answer.NOT_THERE, supervisor=Answer.DONE),
        {"days": "1", "reason": "Forty messages a night."},
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/pause/end",
        "… ended",
        staffs_case(Answer.NOT_THERE, supervisor=Answer.DONE),
    ),
    Line(
        "GET",
        "/officer/conversations",
        "The force's conversations, without names",
        staff(Answer.NOT_THERE, supervisor=Answer.PAGE, bureau=Answer.PAGE),
    ),
    Line(
        "POST",
        "/officer/conversations",
        "… found by a reference (a made-up one)",
        staff(Answer.NOT_THERE, supervisor=Answer.PAGE, bureau=Answer.PAGE),
        {"reference": "NS/0/00"},
    ),
    Line(
        "GET",
        "/officer/settings",
        "The force's settings, to look at",
        staff(Answer.NOT_THERE, admin=Answer.PAGE),
    ),
    Line(
        "GET",
        "/officer/officers",
        "The force's officers and their roles",
        staff(Answer.NOT_THERE, admin=Answer.PAGE),
    ),
    Line(
        "GET",
        "/officer/audit",
        "The force's audit record",
        staff(Answer.NOT_THERE, auditor=Answer.PAGE),
    ),
    Line(
        "POST",
        "/officer/audit/export",
        "… as a file",
        staff(Answer.NOT_THERE, auditor=Answer.FILE),
    ),
    Line(
        "GET",
        "/officer/figures",
        "The force's figures",
        staff(Answer.NOT_THERE, auditor=Answer.PAGE),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/extra-word",
        "The officer takes the victim's extra word away",
        staffs_case(Answer.DONE, reason=None),
    ),
    about_case(
        "GET",
        "/officer/cases/<case_id>/address",
        "The officer changes the victim's address",
        staffs_case(Answer.PAGE, closed=Answer.REFUSED, reason=None),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/address",
        "… to something that is no address",
        staffs_case(Answer.PAGE, closed=Answer.REFUSED, reason=None),
        {"address": "nonsense", "reason": "met-in-person"},
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


def cells_of(line: Line) -> Mapping[tuple[Person, Which], Answer]:
    """What stands in the table about an address: for each person, and each case if it names one."""
    cases = line.cases or {Which.THE_CASE: line.answers}
    return {
        (person, which): answer
        for which, answers in cases.items()
        for person, answer in answers.items()
    }
