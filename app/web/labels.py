"""Words for codes that several screens show."""

from __future__ import annotations

from flask_babel import gettext as _


def status_label(status: str | None) -> str:
    """A case status in plain words."""
    labels: dict[str, str] = {
        "reported": _("Reported"),
        "under-investigation": _("Under investigation"),
        "suspect-identified": _("A suspect has been identified"),
        "awaiting-charge-decision": _("Waiting for a decision about a charge"),
        "charged": _("Somebody has been charged"),
        "at-court": _("At court"),
        "closed": _("Closed"),
    }
    return labels.get(status or "", labels["under-investigation"])
