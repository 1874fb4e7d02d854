"""For operators and their monitors: is it up, is it ready, how is it doing. No personal data."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_alembic import Alembic
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.config import Settings
from app.sync.status import ForceStatus, status_of_all
from app.web.access import Audience, open_to
from app.web.transactions import db

blueprint = Blueprint("operations", __name__)


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
        db().execute(text("SELECT 1"))
        alembic: Alembic = current_app.extensions["alembic"]
        is_behind = alembic.needs_upgrade()
    except SQLAlchemyError:
        return Response("the database is not reachable\n", 503, mimetype="text/plain")
    if is_behind:
        return Response("the database is not migrated\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
@open_to(Audience.OPERATOR)
def metrics() -> ResponseReturnValue:
    """Prometheus text; only from loopback or with the token in `METRICS_TOKEN`."""
    if not _is_operator():
        abort(404)
    registry = CollectorRegistry()
    _fill(registry, status_of_all(db(), clock.now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_operator() -> bool:
    settings: Settings = current_app.extensions["settings"]
    if settings.metrics_token is not None:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode())
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _fill(registry: CollectorRegistry, forces: dict[str, ForceStatus]) -> None:
    messages = Gauge(
        "portal_messages", "Messages by force and state", ("force", "state"), registry=registry
    )
    oldest = Gauge(
        "portal_oldest_saved_seconds",
        "Age of the oldest message that is not on the record",
        ("force",),
        registry=registry,
    )
    feed = Gauge("portal_feed_age_seconds", "Age of the change feed", ("force",), registry=registry)
    for slug, status in forces.items():
        messages.labels(slug, "saved").set(status.saved)
        messages.labels(slug, "recorded").set(status.recorded)
        messages.labels(slug, "attention").set(status.attention)
        oldest.labels(slug).set(status.oldest_saved_seconds or 0)
        if status.feed_age_seconds is not None:
            feed.labels(slug).set(status.feed_age_seconds)
