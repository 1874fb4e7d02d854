"""Small things that the ways in share."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from app import clock
from app.web.errors import show_too_many


def too_many(retry_at: datetime) -> Response:
    """Too often: when to come back."""
    response = show_too_many(retry_at)
    seconds = max(1, int((retry_at - clock.now()).total_seconds()))
    response.headers["Retry-After"] = str(seconds)
    return response
