"""More about a victim's case than fits beside the conversation: what its status means, what the
victim was told and when, rights and support."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import victim
from app.cases.queries import CaseNotOpen
from app.cases.release import told_since
from app.messages.queries import conversation_as
from app.portal import blueprint
from app.portal.routes import not_available
from app.portal.views import CaseView, ToldRow
from app.web import pages
from app.web.access import Audience, open_to
from app.web.transactions import db
from app.web.values import read_id


@blueprint.get("/cases/<case_id>/about")
@open_to(Audience.VICTIM)
def about_case(case_id: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        case, conversation = conversation_as(db(), victim(), read_id(case_id), now)
    except CaseNotOpen:
        return not_available()
    pages.use_colour(case.force.settings.colour)
    return pages.render(
        "portal/about.html",
        case=CaseView.of(case, conversation, now),
        told=[ToldRow.of(each) for each in told_since(db(), case, conversation.started_at)],
        joined_at=conversation.started_at,
        support=case.force.settings.support,
    )
