"""The answer that an open page gets most of the time, that nothing is new, from one indexed read.

Every open page asks every few seconds, so this comes before everything else that a request goes
through. It decides by the same rules as the way around it, and only ever answers 204: whoever is
not signed in, may not see the case now, has something to see, or has a page that nobody knows of
goes the ordinary way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request, session
from sqlalchemy import bindparam, select

from app import clock
from app.accounts.models import Victim
from app.cases.access import Standing, why_not_open
from app.cases.models import Case, Enrolment
from app.crypto import token_hash
from app.database import Database
from app.forces.models import Feed, Force
from app.messages.models import Conversation
from app.messages.open_pages import is_page_known
from app.sign_in.exit import LEAVING_COOKIE
from app.sign_in.models import SignInSession
from app.sign_in.requests import TOKEN, settings
from app.sign_in.sessions import is_good
from app.web.access import Audience, SignedOut, declared
from app.web.transactions import database
from app.web.values import read_id, read_number

_WANTED = (
    select(
        SignInSession.seen_at,
        SignInSession.ends_at,
        SignInSession.ended_at,
        Conversation.revision,
        Conversation.victim_page_at,
        Case.reason,
        Case.held_at,
        Case.open_until,
        Feed.fresh_at,
        Force.closed_after_hours,
    )
    .join(Victim, Victim.id == SignInSession.victim_id)
    .join(Conversation, Conversation.victim_id == Victim.id)
    .join(
        Enrolment,
        (Enrolment.case_id == Conversation.case_id)
        & (Enrolment.victim_id == Victim.id)
        & Enrolment.ended_at.is_(None),
    )
    .join(Case, Case.id == Conversation.case_id)
    .join(Force, Force.id == Case.force_id)
    .outerjoin(Feed, (Feed.force_id == Force.id) & (Feed.system == Force.record_system))
    .where(
        SignInSession.token_hash == bindparam("token_hash"),
        Conversation.case_id == bindparam("case_id"),
        Victim.closed_at.is_(None),
    )
)


def init_app(app: Flask) -> None:
    """Register before every other hook: what comes later is for those who go the ordinary way."""
    app.before_request(_answer_if_nothing_is_new)


def _answer_if_nothing_is_new() -> Response | None:
    token = _asks_with()
    if token is None:
        return None
    case_id = read_id((request.view_args or {}).get("case_id", ""))
    cursor = read_number(request.args.get("after"))
    if cursor is None or not _is_idle(database(), token, case_id, cursor, clock.now()):
        return None
    return Response(status=204)


def _asks_with() -> str | None:
    """The session's token, if this is a victim's page that asks for news."""
    view = current_app.view_functions.get(request.endpoint or "")
    found = declared(view)
    if found is None or found.signed_out is not SignedOut.IS_TOLD:
        return None
    if found.audience is not Audience.VICTIM or LEAVING_COOKIE in request.cookies:
        return None
    token = session.get(TOKEN)
    return token if isinstance(token, str) else None


def _is_idle(database: Database, token: str, case_id: UUID, cursor: int, now: datetime) -> bool:
    row: Any = database.ask(_WANTED, {"token_hash": token_hash(token), "case_id": case_id})
    if row is None or row.revision > cursor or not is_page_known(row.victim_page_at, now):
        return False
    standing = Standing(
        reason=row.reason,
        held_at=row.held_at,
        open_until=row.open_until,
        feed_fresh_at=row.fresh_at,
        closed_after_hours=row.closed_after_hours,
    )
    return is_good(row, settings(), now) and why_not_open(standing, now) is None
