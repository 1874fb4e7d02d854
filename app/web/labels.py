"""Words for codes that several screens show."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class StatusWords:
    """What a status means for its victim, and what usually comes next. Never a promise, and
    nothing about anybody's guilt."""

    meaning: str
    next: str


def status_words(status: str | None) -> StatusWords:
    """Plain words for a status that a victim is shown."""
    words: dict[str, StatusWords] = {
        "reported": StatusWords(
            _("The police have your report."),
            _("Usually somebody reads it, and decides who looks into it."),
        ),
        "under-investigation": StatusWords(
            _("The police are looking into what happened. This can take weeks or months."),
            _("Usually your officer writes to you when there is something that they can tell you."),
        ),
        "suspect-identified": StatusWords(
            _("The police think that they know who may have done it. This is not proof yet."),
            _("Usually the police speak to this person and look for more facts."),
        ),
        "awaiting-charge-decision": StatusWords(
            _("The police or the Crown Prosecution Service look at all the facts."),
            _("They decide if somebody has to go to court. This can take weeks or months."),
        ),
        "charged": StatusWords(
            _("Somebody has been told that they have to go to court about this."),
            _("Usually the court sets a first date. A Witness Care Unit may then tell you more."),
        ),
        "at-court": StatusWords(
            _("The case is with a court now. A court decides, and not the police."),
            _("Usually a Witness Care Unit tells you the dates, and what you need to know."),
        ),
        "closed": StatusWords(
            _("The police are not working on this case at the moment."),
            _("You can ask your officer why. You may also be able to ask for a review."),
        ),
    }
    return words.get(status or "", words["under-investigation"])
