"""Every action that the audit record knows, in the words of the law where it has them.

Data Protection Act 2018, section 62 asks for collection, alteration, consultation, disclosure,
combination and erasure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Action(StrEnum):
    CASE_COLLECTED = "case.collected"
    CASE_ALTERED = "case.altered"
    CASE_CLOSED_TO_VICTIM = "case.closed-to-victim"
    CASE_HELD = "case.held"
    IDENTITY_CHANGED = "case.identity-changed"
    STATUS_RELEASED = "case.status-released"
    CASE_OPENED_WITH_REASON = "case.opened-with-reason"
    HOLD_LIFTED = "case.hold-lifted"
    HOLD_KEPT = "case.hold-kept"
    SENDING_PAUSED = "case.sending-paused"
    SENDING_RESUMED = "case.sending-resumed"
    TASK_DONE = "task.done"
    ACCESS_REFUSED = "access.refused"
    INVITATION_MADE = "invitation.made"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_WRONG_ANSWER = "invitation.wrong-answer"
    INVITATION_REFUSED = "invitation.not-me"
    INVITATION_BRAKE = "invitation.brake"
    VICTIM_JOINED = "victim.joined"
    NOTICES_CHOSEN = "victim.notices-chosen"
    NOTICES_CONFIRMED = "victim.notices-confirmed"
    PUSH_SWITCHED_ON = "victim.push-on"
    PUSH_SWITCHED_OFF = "victim.push-off"
    QUIET_HOURS_CHOSEN = "victim.quiet-hours-chosen"
    NOTICES_PAUSED = "victim.notices-paused"
    NOTICES_RESUMED = "victim.notices-resumed"
    LANGUAGE_CHOSEN = "victim.language-chosen"
    VICTIM_LEFT = "victim.left"
    ADDRESS_BOUNCED = "victim.address-bounced"
    NOT_REACHED = "victim.not-reached"
    ADDRESS_CHANGE_ASKED = "victim.address-change-asked"
    ADDRESS_CHANGE_FAILED = "victim.address-change-failed"
    ADDRESS_CHANGED = "victim.address-changed"
    WORD_SET = "victim.word-set"
    WORD_REMOVED = "victim.word-removed"
    WORD_SHUT = "victim.word-shut"
    WORD_RESET = "victim.word-reset"
    CODE_ASKED = "sign-in.code-asked"
    SIGNED_IN = "sign-in.succeeded"
    WORD_ASKED = "sign-in.word-asked"
    SIGN_IN_FAILED = "sign-in.failed"
    SIGN_IN_REFUSED = "sign-in.refused"
    SIGNED_OUT = "sign-in.ended"
    LEFT_IN_A_HURRY = "sign-in.exit"
    DEVICE_SIGNED_OUT = "sign-in.device-signed-out"
    MESSAGE_COLLECTED = "message.collected"
    MESSAGES_CONSULTED = "message.consulted"
    CALL_WANTED = "victim.call-wanted"
    REQUEST_CONSULTED = "victim.request-consulted"
    DATA_COMPLAINT_MADE = "victim.data-complaint-made"
    NEXT_REPLY_SET = "case.next-reply-set"
    MESSAGE_MARKED = "message.marked"
    MARKS_CORRECTED = "message.marks-corrected"
    ATTENTION_RAISED = "message.attention-raised"
    ENTRY_DISCLOSED = "entry.disclosed"
    ENTRY_NEEDS_A_PERSON = "entry.needs-a-person"
    ENTRY_TRIED_AGAIN = "entry.tried-again"
    ENTRY_RECORDED_BY_HAND = "entry.recorded-by-hand"
    NOTICE_DISCLOSED = "notice.disclosed"
    NOTICE_CANCELLED = "notice.cancelled"
    FORCE_CHANGED = "force.changed"
    OFFICER_CHANGED = "officer.changed"
    KEYS_ROTATION_BEGUN = "keys.rotation-begun"
    KEYS_ROTATED = "keys.rotated"
    AUDIT_EXPORTED = "audit.exported"
    OFFICER_DISABLED = "officer.disabled"
    OFFICER_ENABLED = "officer.enabled"
    OFFICER_RECOGNISED = "officer.recognised"
    ROLES_CHANGED = "officer.roles-changed"
    PASSWORD_CHANGED = "officer.password-changed"  # noqa: S105 - a word of the record
    AUTHENTICATOR_CHANGED = "officer.authenticator-changed"
    RECOVERY_CODES_MADE = "officer.recovery-codes-made"
    PASSKEY_ADDED = "officer.passkey-added"
    PASSKEY_REMOVED = "officer.passkey-removed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `kind` is victim, officer, worker, operator or anonymous. `force_id` is an
    officer's force: what they do stands in its record, unless said otherwise."""

    kind: str
    id: UUID | None = None
    force_id: UUID | None = field(default=None, compare=False)


WORKER = Actor("worker")
OPERATOR = Actor("operator")
ANONYMOUS = Actor("anonymous")
