"""For operators and their monitors: is it up, is it ready, how is it doing. No personal data."""

from __future__ import annotations

import hmac
from datetime import datetime
from ipaddress import ip_address

import click
from alembic.migration import MigrationContext
from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_alembic import Alembic
from flask_alembic.cli import cli as flask_alembic_cli
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.cases.working_days import known_until
from app.config import Settings
from app.crypto import CannotOpen
from app.database import kept_ways
from app.sync.figures import CaseSystemFigures
from app.sync.status import ForceStatus, status_of_all
from app.web import logs
from app.web.access import Audience, open_to
from app.web.command_groups import CommandGroup
from app.web.transactions import db

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""Headers that a proxy adds: whoever asked is somewhere else, whatever the address looks like."""

blueprint = Blueprint("operations", __name__, cli_group=None)


@click.group("db", cls=CommandGroup, commands=flask_alembic_cli.commands)
@click.pass_context
def migrations(context: click.Context) -> None:
    """Database migrations."""
    logs.tell_of_migrations()
    context.obj = current_app.extensions["alembic"]


blueprint.cli.add_command(migrations)


@blueprint.get("/healthz")
@open_to(Audience.EVERYBODY)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@open_to(Audience.EVERYBODY)
def readyz() -> ResponseReturnValue:
    """The database is reachable and migrated."""
    try:
        is_migrated = _newest_migrations() == _applied_migrations()
    except SQLAlchemyError:
        return Response("the database is not reachable\n", 503, mimetype="text/plain")
    if not is_migrated:
        return Response("the database is not migrated\n", 503, mimetype="text/plain")
    try:
        kept_ways(db())
    except CannotOpen:
        told = "a key under which something is stored is missing from ENCRYPTION_KEYS\n"
        return Response(told, 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


def _newest_migrations() -> frozenset[str]:
    alembic: Alembic = current_app.extensions["alembic"]
    return frozenset(script.revision for script in alembic.heads())


def _applied_migrations() -> frozenset[str]:
    # Over this request's session, which only reads: Flask-Alembic's would wait for SQLite's writer.
    return frozenset(MigrationContext.configure(db().connection()).get_current_heads())


@blueprint.get("/metrics")
@open_to(Audience.OPERATOR)
def metrics() -> ResponseReturnValue:
    """Prometheus text; only from loopback or with the token in `METRICS_TOKEN`."""
    if not _is_operator():
        abort(404)
    registry = CollectorRegistry()
    now = clock.now()
    _fill(registry, status_of_all(db(), now), now)
    registry.register(CaseSystemFigures(db(), now))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_operator() -> bool:
    settings: Settings = current_app.extensions["settings"]
    if settings.metrics_token is not None:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode())
    return _is_on_this_machine()


def _is_on_this_machine() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _fill(registry: CollectorRegistry, forces: dict[str, ForceStatus], now: datetime) -> None:
    messages = Gauge(
        "portal_messages", "Messages by force and state", ("force", "state"), registry=registry
    )
    oldest = Gauge(
        "portal_oldest_saved_seconds",
        "Age of the oldest message that is not on the record",
        ("force",),
        registry=registry,
    )
    holidays = Gauge(
        "portal_bank_holidays_known_days",
        "Until the last bank holiday that is known; beyond it due times of tasks may be too early",
        registry=registry,
    )
    holidays.set((known_until() - now.date()).days)
    feed = Gauge("portal_feed_age_seconds", "Age of the change feed", ("force",), registry=registry)
    for slug, status in forces.items():
        messages.labels(slug, "saved").set(status.saved)
        messages.labels(slug, "recorded").set(status.recorded)
        messages.labels(slug, "attention").set(status.attention)
        oldest.labels(slug).set(status.oldest_saved_seconds or 0)
        if status.feed_age_seconds is not None:
            feed.labels(slug).set(status.feed_age_seconds)
