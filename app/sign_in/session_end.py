"""When the session ends, as pages tell it, and putting that off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import clock
from app.accounts.models import Victim
from app.accounts.signed_in import viewer_or_none
from app.accounts.telling import is_to_be_asked_again
from app.accounts.viewers import VictimViewer
from app.sign_in import blueprint
from app.sign_in.devices import NewSignIn, new_addresses, new_sign_ins
from app.sign_in.requests import settings
from app.sign_in.sessions import note_seen
from app.sign_in.telling_view import AddressView
from app.web.access import Audience, open_to
from app.web.limits import per_account
from app.web.transactions import db

EXTENDED_AT_MOST_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """What a page tells of its session's end. The seconds count from now, since a device's own
    clock may be wrong."""

    ends_at: datetime
    limit_at: datetime
    seconds: int
    limit_seconds: int
    idle_seconds: int


def init_app(app: Flask) -> None:
    app.context_processor(
        lambda: {
            "session_end": session_end,
            "news_of_sign_ins": _news,
            "news_of_addresses": _news_of_addresses,
            "asks_about_notices": _asks_about_notices,
        }
    )


def session_end() -> SessionEnd | None:
    """None where nobody is signed in."""
    if not current_user.is_authenticated:
        return None
    now, idle = clock.now(), settings().session_idle
    limit: datetime = current_user.limit_at
    # This request may have been noted as use after the session was looked up.
    ends = min(limit, g.get("seen_at", current_user.seen_at) + idle)
    return SessionEnd(
        ends_at=ends,
        limit_at=limit,
        seconds=int((ends - now).total_seconds()),
        limit_seconds=int((limit - now).total_seconds()),
        idle_seconds=int(idle.total_seconds()),
    )


def _news() -> list[NewSignIn]:
    """New devices of this victim that this one has not told of."""
    viewer = viewer_or_none()
    if not isinstance(viewer, VictimViewer):
        return []
    return new_sign_ins(db(), viewer.id, current_user.session_id)


def _news_of_addresses() -> list[AddressView]:
    """Addresses that this device has not told of."""
    viewer = viewer_or_none()
    if not isinstance(viewer, VictimViewer):
        return []
    found = new_addresses(db(), viewer.id, current_user.session_id)
    return [AddressView.of(each) for each in found]


def _asks_about_notices() -> str | None:
    """The channel of which this victim is to say again that only they see it, if there is one."""
    viewer = viewer_or_none()
    me = db().get(Victim, viewer.id) if isinstance(viewer, VictimViewer) else None
    return me.notice_channel if me and is_to_be_asked_again(db(), me, clock.now()) else None


@blueprint.post("/session/extend")
@open_to(Audience.EVERYBODY)
@per_account
def extend_session() -> ResponseReturnValue:
    """ "Stay signed in", and typing: in how many seconds the session ends now. A page whose
    time is up only asks: another one may have put the end off."""
    if viewer_or_none() is None:
        return Response(status=401)
    now = clock.now()
    is_use = "only_asks" not in request.form
    if is_use and now - current_user.seen_at >= EXTENDED_AT_MOST_EVERY:
        note_seen(db(), current_user.session_id, now)
        g.seen_at = now
    end = session_end()
    assert end is not None
    answer = make_response(f"{end.seconds}\n")
    answer.mimetype = "text/plain"
    return answer
