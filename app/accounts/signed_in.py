"""Who makes this request, as Flask-Login found out."""

from __future__ import annotations

from flask import g
from flask_login import current_user

from app.accounts.viewers import OfficerViewer, VictimViewer, Viewer


def viewer_or_none() -> Viewer | None:
    if not current_user.is_authenticated:
        return None
    found: Viewer = current_user.viewer
    return found


def victim() -> VictimViewer:
    """The signed-in victim; only in endpoints that are open to victims alone."""
    found = viewer_or_none()
    assert isinstance(found, VictimViewer)
    return found


def officer() -> OfficerViewer:
    """The signed-in officer; only in endpoints that are open to officers alone."""
    found = viewer_or_none()
    assert isinstance(found, OfficerViewer)
    return found


def former_viewer() -> Viewer | None:
    """Whose session the cookie names, where it has run out: their words are kept, nothing shown."""
    found: Viewer | None = g.get("former_viewer")
    return found
