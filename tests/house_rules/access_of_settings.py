"""A victim's own settings, as lines of the table; and staying signed in, which is for everybody."""

from __future__ import annotations

from tests.house_rules.access_lines import Line
from tests.house_rules.access_people import SIGNED_OUT, Answer, Person, victims

SETTINGS = (
    Line(
        "GET",
        "/preferences",
        "Their own settings, and where they are signed in",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences",
        "… how to be told of news, changed",
        victims(Answer.DONE),
    ),
    Line(
        "POST",
        "/preferences/devices/<session_id>/sign-out",
        "Sign out one of their own devices (of anybody else's nothing happens)",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "POST",
        "/preferences/devices/others",
        "Sign out of all other devices",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "POST",
        "/preferences/devices/seen",
        "A new sign-in was seen",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "GET",
        "/preferences/word",
        "Choose an extra word",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/word",
        "… chosen",
        victims(Answer.DONE),
        {"word": "blue teapot"},
    ),
    Line(
        "POST",
        "/preferences/word/remove",
        "… taken away",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "POST",
        "/preferences/word/not-now",
        "… not wanted now",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "GET",
        "/preferences/quiet-hours",
        "Quiet hours, in which no news is sent",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/quiet-hours",
        "… chosen",
        victims(Answer.DONE),
        {"start": "10pm", "end": "7am"},
    ),
    Line(
        "GET",
        "/preferences/pause",
        "Pause what is sent",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/pause",
        "… chosen",
        victims(Answer.DONE),
        {"pause": "until-switched-on"},
    ),
    Line(
        "GET",
        "/preferences/language",
        "The language of pages and of what is sent",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/language",
        "… chosen",
        victims(Answer.DONE),
        {"language": "en"},
    ),
    Line(
        "POST",
        "/preferences/notices/still",
        "Still only they see what is sent",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "POST",
        "/preferences/notices/stop",
        "Nothing is to be sent any more",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "GET",
        "/preferences/push",
        "Be told of news on this device",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/push",
        "… asked for, with an address that is no push service’s",
        victims(Answer.PAGE),
        {"endpoint": "https://elsewhere.example/device", "only_me": "y"},
    ),
    Line(
        "POST",
        "/preferences/push/stop",
        "… no longer",
        victims(Answer.DONE, closed=Answer.DONE),
    ),
    Line(
        "GET",
        "/preferences/leave",
        "Stop using the portal",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/leave",
        "… without having said that they are sure",
        victims(Answer.PAGE),
    ),
    Line(
        "GET",
        "/preferences/address",
        "Change the address to sign in with",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/preferences/address",
        "… asked for, with something that is no address",
        victims(Answer.PAGE),
        {"address": "nonsense"},
    ),
    Line(
        "GET",
        "/preferences/address/confirm",
        "The codes for a change of address, without asking first",
        victims(Answer.START_AGAIN),
    ),
    Line(
        "POST",
        "/preferences/address/confirm",
        "… sent, without asking first",
        victims(Answer.START_AGAIN),
        {"old": "1234 5678", "new": "1234 5678"},
    ),
    Line(
        "GET",
        "/preferences/address/changed",
        "“Your address has changed”",
        victims(Answer.PAGE),
    ),
    Line(
        "POST",
        "/session/extend",
        "Stay signed in",
        {
            **dict.fromkeys(Person, Answer.TEXT),
            **dict.fromkeys(SIGNED_OUT, Answer.SIGNED_OUT),
        },
    ),
)
