"""The long-lived cookie by which a device is known again. It says nothing of whose it is."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, current_app, g, request

LASTS = timedelta(days=365)

_LONGEST = 100


def init_app(app: Flask) -> None:
    app.after_request(_write)


def token() -> str | None:
    """What this browser's cookie holds, if it could be one of ours."""
    found = request.cookies.get(_name())
    return found if found and len(found) <= _LONGEST else None


def keep(new_token: str) -> None:
    """Have this answer set the cookie, or make it last anew."""
    g.device_token = new_token


def forget() -> None:
    """Have this answer delete the cookie: the person left in a hurry."""
    g.device_token = None


def _name() -> str:
    return str(current_app.config["DEVICE_COOKIE_NAME"])


def _write(response: Response) -> Response:
    if "device_token" not in g:
        return response
    secure = bool(current_app.config["HTTPS"])
    if g.device_token is None:
        if _name() in request.cookies:
            response.delete_cookie(_name(), secure=secure, httponly=True, samesite="Lax")
        return response
    response.set_cookie(
        _name(), g.device_token, max_age=LASTS, secure=secure, httponly=True, samesite="Lax"
    )
    return response
