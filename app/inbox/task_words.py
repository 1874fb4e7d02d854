"""What each kind of task asks of a person, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.cases.models import TaskKind


@dataclass(frozen=True, slots=True)
class TaskWords:
    """`title` names the task, `how` says what to do about it."""

    title: str
    how: str


def task_words(kind: str) -> TaskWords:
    """The words for a kind of task; plain ones for a kind that came later than this text."""
    titles: dict[str, str] = {
        TaskKind.SAFEGUARDING_HOLD: _("Make contact with the victim in a safe way"),
        TaskKind.IDENTITY_CHANGED: _("Check who the victim of this case is"),
        TaskKind.ADDRESS_WRONG: _("Find out how to reach the victim"),
        TaskKind.ADDRESS_CHANGED: _("Ask the victim about their new address"),
        TaskKind.INVITATION_LIMIT: _("Decide whether to invite this victim"),
        TaskKind.WORDS_IN_THE_GAP: _("Read what the victim wrote as the case was closed"),
        TaskKind.EXTRA_WORD_SHUT: _("Help the victim to sign in again"),
        TaskKind.ENTRY_NEEDS_A_PERSON: _("A message is not on the case record"),
        TaskKind.CASE_UNKNOWN: _("The case system does not know this case any more"),
        TaskKind.URGENT_ENTRY_LATE: _("Read an urgent message that is not on the case record yet"),
        TaskKind.DISCLOSURE: _("The victim told of another crime or of harm"),
        TaskKind.WITHDRAWAL: _("The victim may want to withdraw: speak to them alone"),
        TaskKind.COMPLAINT: _("Look at a complaint about the officer or the police"),
        TaskKind.URGENT_WORDS: _("Read a message now: it may be urgent"),
        TaskKind.INVITATION_UNUSED: _("Not reached online: the invitation was not used"),
        TaskKind.MESSAGE_UNREAD: _("Not reached online: your message was not read"),
        TaskKind.ADDRESS_BOUNCED: _("Not reached online: the address takes no messages"),
        TaskKind.NOT_SEEN: _("Not reached online: the victim has not been here for 28 days"),
        TaskKind.VICTIM_LEFT: _("The victim left the portal: use the agreed way"),
        TaskKind.CALL_WANTED: _("Phone the victim: they asked for it"),
        TaskKind.DATA_COMPLAINT: _("Pass on a complaint about data protection"),
        TaskKind.URGENT_COMPLAINT: _("Read a complaint now: it may be urgent"),
    }
    return TaskWords(titles.get(kind) or _("Look at this case"), _how(kind))


def why_stuck(problem: str) -> str:
    """What is known of why a message is not on the record; `problem` as the entry keeps it."""
    reasons: dict[str, str] = {
        "held-with-other-content": _(
            "The case system holds other words under this message’s number. Compare the two before"
            " you do anything else."
        ),
        "too-long": _("The case system says that the message is too long."),
        "not-accepted": _("The case system does not accept the message as it is."),
        "case-not-found": _("The case system has not known this case for a day or more."),
        "cannot-be-made-ready": _(
            "This portal could not make the message ready to be sent, for three days. That is a"
            " fault here: tell whoever runs it."
        ),
        "no-answer-for-days": _("The case system gave no usable answer for three days."),
        "fate-unknown": _(
            "The message may be on the case record already: the answer was lost, and we cannot look"
            " it up. Look in the case system first."
        ),
    }
    return reasons.get(problem) or str(_("The case system did not say why."))


def _how_not_reached() -> dict[str, str]:
    return {
        TaskKind.INVITATION_UNUSED: _(
            "Nobody used the invitation within 7 days. Use the way that you agreed with the victim,"
            " and ask whether they want another invitation."
        ),
        TaskKind.MESSAGE_UNREAD: _(
            "The victim has not read a message for 3 days or more, so they do not know what it"
            " says. Use the way that you agreed with them."
        ),
        TaskKind.ADDRESS_BOUNCED: _(
            "A message to the victim’s email address or mobile number was refused for good, so we"
            " send no news there. Use the way that you agreed with them, and ask which address is"
            " right."
        ),
        TaskKind.NOT_SEEN: _(
            "The victim has not used this service for 28 days or more. Use the way that you agreed"
            " with them."
        ),
        TaskKind.VICTIM_LEFT: _(
            "The victim does not want to use this service any more. All that was written stays on"
            " the case record: read there what you have not read yet. The case goes on. Keep in"
            " contact in the way that you agreed with them. To come back they need a new"
            " invitation."
        ),
    }


def _how_of_marks() -> dict[str, str]:
    return {
        TaskKind.DISCLOSURE: _(
            "A message was marked as a disclosure. Read it, and decide with a supervisor what has"
            " to be done to keep the victim safe. Speak to the victim by the agreed safe way. Do"
            " not take an account in messages."
        ),
        TaskKind.WITHDRAWAL: _(
            "A message was marked as a wish to withdraw. Speak to the victim alone, by the agreed"
            " safe way: somebody may be making them say it. Do not send a quick reply, and do not"
            " treat the message as a decision."
        ),
        TaskKind.COMPLAINT: _(
            "A message was marked as a complaint. The officer in the case does not see this task."
            " As a supervisor, read the message, tell the victim by the agreed safe way what"
            " happens next, and see to it that somebody else than the officer looks into it."
        ),
        TaskKind.URGENT_WORDS: _(
            "A message of the victim has words that can mean danger. It may be nothing: a list of"
            " words found it, and nobody has read it yet. Read it now. If somebody is in danger,"
            " act at once, and contact the victim by the agreed safe way. The victim does not know"
            " that the message was found."
        ),
    }


def _how(kind: str) -> str:
    how: dict[str, str] = {
        **_how_not_reached(),
        TaskKind.SAFEGUARDING_HOLD: _(
            "This case was closed online because something in the case system says that writing"
            " may not be safe. The victim sees no reason. Look at the case system, then contact"
            " the victim by the agreed safe way, and speak to them alone. Only a supervisor can"
            " open the case online again."
        ),
        TaskKind.IDENTITY_CHANGED: _(
            "The case system now names another person as the victim, or another date of birth or"
            " surname. The person who had joined can no longer see the case. What they wrote is on"
            " the case record: read there what you have not read yet. Check the case system, and"
            " invite the right person if it is safe."
        ),
        TaskKind.ADDRESS_WRONG: _(
            "Somebody answered the invitation with “This is not me”, or answered it wrongly too"
            " often. Ask the victim in the agreed way which address is theirs, correct it in the"
            " case system, then invite them again."
        ),
        TaskKind.ADDRESS_CHANGED: _(
            "The case system has a new email address or mobile number for this victim. We do not"
            " use it by ourselves. Ask the victim, in the agreed way, whether it is theirs."
        ),
        TaskKind.INVITATION_LIMIT: _(
            "The force’s limit of invitations for a day was reached, so this one was not sent. If"
            " it is safe to invite this victim, the officer in the case can do so on the case page."
        ),
        TaskKind.WORDS_IN_THE_GAP: _(
            "The victim sent a message from a page that was open when the case was closed online."
            " It is on its way to the case record. They got no answer here: read it now, and"
            " contact them by the agreed safe way."
        ),
        TaskKind.EXTRA_WORD_SHUT: _(
            "Somebody who had the right code gave five wrong extra words. It may be the victim, who"
            " forgot the word, or somebody who reads their messages. Call the victim on a number"
            " from the case record. If it was the victim, take the word away on the case page; if"
            " not, ask who else can read their messages."
        ),
        TaskKind.ENTRY_NEEDS_A_PERSON: _(
            "The case system refused a message or a mark on one, or could not be reached for days."
            " Nothing is lost: it is kept here, and what came later in the conversation waits"
            " behind it."
        ),
        TaskKind.CASE_UNKNOWN: _(
            "We ask the case system about every joined case once a day. It answered that there is"
            " none with this reference, so we cannot tell whether writing here is still safe. Find"
            " out what became of the case. If it is not safe, have it flagged in the case system."
        ),
        TaskKind.URGENT_ENTRY_LATE: _(
            "A message that should be seen soon has waited for 15 minutes or more. We go on trying."
            " Read it here, and tell whoever has to know."
        ),
        **_how_of_requests(),
        **_how_of_marks(),
    }
    return how.get(kind) or str(_("Open the case and see what has to be done."))


def _how_of_requests() -> dict[str, str]:
    return {
        TaskKind.CALL_WANTED: _(
            "The victim would rather be phoned. Use the number and the time that they gave, for"
            " this call only. Ask for the victim by name, and tell nobody else who you are or what"
            " it is about. Leave no message. What they asked for goes onto the case record."
        ),
        TaskKind.DATA_COMPLAINT: _(
            "A victim complains about how the force handles their data. The officer in the case"
            " does not see this task. Give the complaint to the data protection team today. The"
            " force has to tell the victim within 30 days that it has the complaint, and then look"
            " into it."
        ),
        TaskKind.URGENT_COMPLAINT: _(
            "A complaint about data protection has words that can mean danger. It may be nothing: a"
            " list of words found it, and nobody has read it yet. Read it now. If somebody is in"
            " danger, act at once, and contact the victim by the agreed safe way. The officer in"
            " the case does not see this task, and the victim does not know that it was found."
        ),
    }
