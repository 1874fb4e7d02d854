"""What the pages of administrators and auditors are given."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.models import Officer
from app.audit.models import AuditRow
from app.forces.models import Force
from app.oversight.words import action_label, actor_label, role_label

_COLUMNS = ("id", "at", "actor_kind", "actor_id", "action", "case_id", "subject_id", "details")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One audit row: ids and codes, as they are stored."""

    id: int
    at: datetime
    action: str
    actor: str
    actor_id: str
    case_id: str
    subject_id: str
    details: str

    @classmethod
    def of(cls, row: AuditRow) -> AuditLine:
        return cls(
            id=row.id,
            at=row.at,
            action=action_label(row.action),
            actor=actor_label(row.actor_kind),
            actor_id=str(row.actor_id or ""),
            case_id=str(row.case_id or ""),
            subject_id=str(row.subject_id or ""),
            details=_written(row),
        )


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One account of the force."""

    label: str
    roles: str
    status: str
    last_signed_in_at: datetime | None

    @classmethod
    def of(cls, officer: Officer) -> OfficerLine:
        can_sign_in = officer.email_index is not None
        status = _("Can sign in") if can_sign_in else _("Named by the case system, no sign-in yet")
        return cls(
            label=officer.label,
            roles=", ".join(role_label(role) for role in officer.roles),
            status=status if officer.is_active else _("Account closed"),
            last_signed_in_at=officer.last_signed_in_at,
        )


def settings_of(force: Force) -> list[tuple[str, str]]:
    """A force's settings as name and value, in words. Addresses of machines and names of secrets
    are the operators'."""
    settings = force.settings
    automatic = settings.invitations == "automatic"
    return [
        (_("Force"), force.name),
        (_("Telephone"), settings.phone),
        (_("Languages"), ", ".join(settings.languages)),
        (_("Case system"), settings.case_system.profile),
        (_("Offences that are let in"), ", ".join(sorted(settings.eligible_offences))),
        (_("Flags that do no harm"), ", ".join(sorted(settings.harmless_flags)) or _("None")),
        (_("Invitations"), _("Automatic") if automatic else _("By the officer’s hand")),
        (_("Invitations in a day, at most"), str(settings.invitations_per_day)),
        (
            _("Invite only when the officer is active"),
            _("Yes") if settings.require_active_officer else _("No"),
        ),
        (_("No notices when the feed is older than, in hours"), str(settings.stale_after_hours)),
        (_("Cases close when the feed is older than, in hours"), str(settings.closed_after_hours)),
        (_("Desk for urgent things"), settings.urgent_desk or _("None")),
        (
            _("Officers usually reply within, in working days"),
            str(settings.usual_reply_working_days),
        ),
        (
            _("Support near the force"),
            ", ".join(each.name for each in settings.support) or _("None"),
        ),
    ]


def as_csv(rows: Iterable[AuditRow]) -> tuple[str, int]:
    """Rows as a CSV file, and how many there are."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    count = 0
    for row in rows:
        values = [row.id, row.at.isoformat(), row.actor_kind, row.actor_id or "", row.action]
        writer.writerow([*values, row.case_id or "", row.subject_id or "", _written(row)])
        count += 1
    return file.getvalue(), count


def _written(row: AuditRow) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(row.details.items()))
