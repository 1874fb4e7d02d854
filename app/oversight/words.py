"""The audit record's codes, and roles, in plain words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.viewers import Role
from app.audit.vocabulary import Action


def action_label(action: str) -> str:
    """What happened, in plain words; the code itself for one that came later than this text."""
    return _labels().get(action, action)


def action_choices() -> list[tuple[str, str]]:
    """Every kind of thing that the record knows, in the order of its words."""
    return sorted(((each.value, action_label(each)) for each in Action), key=lambda pair: pair[1])


def role_label(role: str) -> str:
    labels: dict[str, str] = {
        Role.OFFICER: _("Officer"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.CONTACT_BUREAU: _("Contact bureau"),
        Role.FORCE_ADMIN: _("Administrator"),
        Role.AUDITOR: _("Auditor"),
    }
    return labels.get(role, role)


def actor_label(kind: str) -> str:
    labels: dict[str, str] = {
        "victim": _("A victim"),
        "officer": _("Somebody of the force"),
        "worker": _("The portal itself"),
        "operator": _("An operator"),
        "anonymous": _("Somebody not signed in"),
    }
    return labels.get(kind, kind)


def _labels_of_being_told() -> dict[str, str]:
    return {
        Action.NOTICES_CHOSEN: _("Victim chose how to be told"),
        Action.NOTICES_CONFIRMED: _("Victim said again that only they see messages"),
        Action.PUSH_SWITCHED_ON: _("Victim is told on a device of theirs"),
        Action.PUSH_SWITCHED_OFF: _("Victim is no longer told on a device"),
        Action.QUIET_HOURS_CHOSEN: _("Victim chose quiet hours"),
        Action.NOTICES_PAUSED: _("Victim paused being told"),
        Action.NOTICES_RESUMED: _("Victim is told again after a pause"),
        Action.LANGUAGE_CHOSEN: _("Victim chose a language"),
        Action.VICTIM_LEFT: _("Victim left the portal"),
        Action.ADDRESS_BOUNCED: _("Victim’s address refused a notice for good"),
        Action.NOT_REACHED: _("Victim not reached online"),
    }


def _labels() -> dict[str, str]:
    return {
        **_labels_of_being_told(),
        Action.CASE_COLLECTED: _("Case read from the case system"),
        Action.CASE_ALTERED: _("Case changed by the case system"),
        Action.CASE_CLOSED_TO_VICTIM: _("Case closed online"),
        Action.CASE_HELD: _("Case put on hold"),
        Action.IDENTITY_CHANGED: _("Case is another person’s now"),
        Action.STATUS_RELEASED: _("Status released to the victim"),
        Action.CASE_OPENED_WITH_REASON: _("Case opened with a reason"),
        Action.HOLD_LIFTED: _("Hold lifted"),
        Action.HOLD_KEPT: _("Hold not lifted: still not eligible"),
        Action.SENDING_PAUSED: _("Messages to the officer paused"),
        Action.SENDING_RESUMED: _("Messages to the officer no longer paused"),
        Action.TASK_DONE: _("Task done"),
        Action.ACCESS_REFUSED: _("Access refused"),
        Action.INVITATION_MADE: _("Invitation made"),
        Action.INVITATION_REVOKED: _("Invitation taken back"),
        Action.INVITATION_WRONG_ANSWER: _("Invitation answered wrongly"),
        Action.INVITATION_REFUSED: _("Invitation: “This is not me”"),
        Action.INVITATION_BRAKE: _("Many wrong answers to invitations"),
        Action.VICTIM_JOINED: _("Victim joined"),
        Action.ADDRESS_CHANGE_ASKED: _("Change of address asked for"),
        Action.ADDRESS_CHANGE_FAILED: _("Change of address not confirmed"),
        Action.ADDRESS_CHANGED: _("Victim’s address changed"),
        Action.WORD_SET: _("Extra word chosen"),
        Action.WORD_REMOVED: _("Extra word taken away by the victim"),
        Action.WORD_SHUT: _("Extra word shut after wrong ones"),
        Action.WORD_RESET: _("Extra word taken away by an officer"),
        Action.CODE_ASKED: _("Security code asked for"),
        Action.WORD_ASKED: _("Extra word asked for"),
        Action.SIGNED_IN: _("Signed in"),
        Action.SIGN_IN_FAILED: _("Sign-in failed"),
        Action.SIGN_IN_REFUSED: _("Sign-in refused"),
        Action.SIGNED_OUT: _("Signed out"),
        Action.DEVICE_SIGNED_OUT: _("Signed out from another device"),
        Action.LEFT_IN_A_HURRY: _("Left by “Exit this page”"),
        **_labels_of_messages(),
        Action.FORCE_CHANGED: _("Force’s settings changed"),
        Action.OFFICER_CHANGED: _("Officer’s account or roles changed"),
        Action.AUDIT_EXPORTED: _("Audit record exported"),
        Action.KEYS_ROTATION_BEGUN: _("Change of encryption keys begun"),
        Action.KEYS_ROTATED: _("Encryption keys changed"),
        Action.OFFICER_DISABLED: _("Officer’s account closed"),
        Action.OFFICER_ENABLED: _("Officer’s account opened again"),
        Action.OFFICER_RECOGNISED: _("Officer recognised by the force’s own sign-in"),
        Action.ROLES_CHANGED: _("Officer’s roles changed by the force’s own sign-in"),
        Action.PASSWORD_CHANGED: _("Officer changed their password"),
        Action.AUTHENTICATOR_CHANGED: _("Officer changed their authenticator"),
        Action.RECOVERY_CODES_MADE: _("Officer made recovery codes"),
        Action.PASSKEY_ADDED: _("Officer added a passkey"),
        Action.PASSKEY_REMOVED: _("Officer removed a passkey"),
    }


def _labels_of_messages() -> dict[str, str]:
    return {
        Action.MESSAGE_COLLECTED: _("Message sent"),
        Action.MESSAGES_CONSULTED: _("Messages read"),
        Action.CALL_WANTED: _("Victim asked to be phoned"),
        Action.REQUEST_CONSULTED: _("Victim’s request or complaint read"),
        Action.DATA_COMPLAINT_MADE: _("Victim complained about data protection"),
        Action.NEXT_REPLY_SET: _("Day of the next reply set"),
        Action.MESSAGE_MARKED: _("Message marked by the force"),
        Action.MARKS_CORRECTED: _("Marks on a message corrected"),
        Action.ATTENTION_RAISED: _("Message raised attention by its words"),
        Action.ENTRY_DISCLOSED: _("Entry given to the case system"),
        Action.ENTRY_NEEDS_A_PERSON: _("Entry needs a person"),
        Action.ENTRY_TRIED_AGAIN: _("Entry put back to be tried again"),
        Action.ENTRY_RECORDED_BY_HAND: _("Entry recorded by hand"),
        Action.NOTICE_DISCLOSED: _("Notice sent"),
        Action.NOTICE_CANCELLED: _("Notice not sent"),
    }
