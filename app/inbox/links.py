"""The links over every page of somebody of a force: what their roles let them open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext as _

from app.accounts.signed_in import viewer_or_none
from app.accounts.viewers import OfficerViewer
from app.cases.access import is_auditor, is_force_admin, sees_whole_force
from app.inbox import blueprint
from app.web.access import is_private


@dataclass(frozen=True, slots=True)
class StaffLink:
    """One link, in words."""

    url: str
    text: str


def staff_links() -> list[StaffLink]:
    """Where this person's work is; nothing on pages that anybody may read."""
    view = current_app.view_functions.get(request.endpoint or "")
    viewer = viewer_or_none() if is_private(view) else None
    if not isinstance(viewer, OfficerViewer):
        return []
    links: list[tuple[str, str, Callable[[OfficerViewer], bool] | None]] = [
        ("inbox.inbox", _("Inbox"), None),
        ("inbox.tasks", _("Tasks"), None),
        ("inbox.conversations", _("Conversations of the force"), sees_whole_force),
        ("oversight.settings", _("Settings"), is_force_admin),
        ("oversight.officers", _("Officers"), is_force_admin),
        ("oversight.audit_record", _("Audit record"), is_auditor),
        ("oversight.figures", _("Figures"), is_auditor),
    ]
    return [
        StaffLink(url_for(endpoint), text)
        for endpoint, text, is_theirs in links
        if is_theirs is None or is_theirs(viewer)
    ]


@blueprint.app_context_processor
def _offer() -> dict[str, Callable[[], list[StaffLink]]]:
    return {"staff_links": staff_links}
