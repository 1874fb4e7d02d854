"""What people think of the service: kept without anything that says who they are."""

from __future__ import annotations

from datetime import date

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.database import add_sealed
from app.portal import blueprint
from app.portal.forms import FeedbackForm
from app.portal.models import Feedback
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.limits import per_address
from app.web.times import in_london
from app.web.transactions import db


@blueprint.route("/feedback", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def feedback() -> ResponseReturnValue:
    form = FeedbackForm()
    if not form.validate_on_submit():
        return show_form("portal/feedback.html", form)
    keep(db(), form.chosen_rating, form.words.data or "", in_london(clock.now()).date())
    return pages.go_to("portal.feedback_thanks")


@blueprint.get("/feedback/thanks")
@open_to(Audience.EVERYBODY)
def feedback_thanks() -> ResponseReturnValue:
    return pages.render("portal/feedback_thanks.html")


def keep(session: Session, rating: int | None, words: str, today: date) -> None:
    """Keep it with the day, and with nothing else."""
    given = add_sealed(session, Feedback(given_on=today, rating=rating))
    given.words = words or None


def all_since(session: Session, day: date) -> list[Feedback]:
    """What was said from this day on, in no order within a day."""
    wanted = select(Feedback).where(Feedback.given_on >= day)
    return list(session.scalars(wanted.order_by(Feedback.given_on, Feedback.id)))
