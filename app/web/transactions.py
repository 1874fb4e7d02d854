"""One database session a request: reading for GET, writing for the rest, committed once, before
the answer leaves."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from app.database import Database

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    app.after_request(_commit)
    app.teardown_request(_close)


def database() -> Database:
    """The application's database."""
    found = current_app.extensions["database"]
    assert isinstance(found, Database)
    return found


def db() -> Session:
    """This request's session. A GET's cannot be written to: see `Database.writing`."""
    if "db" not in g:
        # Decided before the first statement: on SQLite a transaction cannot change its mind.
        g.db = database().new_session(writes=is_writing())
    session: Session = g.db
    return session


def is_writing() -> bool:
    """Whether this request's session may be written to."""
    return request.method not in _READS or bool(g.get("get_writes"))


def write_in_this_get() -> None:
    """Let this GET write: the way back from a provider, which signs in. Call before `db`."""
    if "db" in g:
        raise RuntimeError("this request has begun to read")
    g.get_writes = True


def undo() -> None:
    """Take back what this request wrote so far."""
    if "db" in g:
        g.db.rollback()


def _commit(response: Response) -> Response:
    session: Session | None = g.get("db")
    if session is None:
        return response
    if not is_writing() or response.status_code >= 500:
        session.rollback()
    else:
        session.commit()
    return response


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("db", None)
    if session is not None:
        session.close()
