"""Who gets what around a victim's case page: more about the case, a call, complaints, feedback.
Part of the table."""

from __future__ import annotations

from tests.house_rules.access_lines import Line, about_case
from tests.house_rules.access_people import Answer, everybody, staffs_case, victims_case

CASE_PAGE = (
    about_case("GET", "/cases/<case_id>/about", "About the case", victims_case(Answer.PAGE)),
    about_case("GET", "/cases/<case_id>/phone-me", "“Phone me”", victims_case(Answer.PAGE)),
    about_case(
        "POST",
        "/cases/<case_id>/phone-me",
        "… asked (taken before a hold too, and the neutral page shows)",
        victims_case(Answer.DONE),
        {"which": "known", "times": "Mornings", "client_id": "made-up"},
    ),
    about_case(
        "GET",
        "/cases/<case_id>/data-complaint",
        "A complaint about data protection",
        victims_case(Answer.PAGE),
    ),
    about_case(
        "POST",
        "/cases/<case_id>/data-complaint",
        "… made (taken before a hold too, and the neutral page shows)",
        victims_case(Answer.DONE),
        {"words": "You keep too much", "client_id": "made-up"},
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/next-reply",
        "By which day the officer writes again",
        staffs_case(Answer.DONE, reason=None),
        {"day": ""},
    ),
)

FEEDBACK = (
    Line("GET", "/your-rights", "Your rights and support", everybody(Answer.PAGE)),
    Line("GET", "/invitation/help", "“I do not have these”", everybody(Answer.PAGE)),
    Line("GET", "/feedback", "“Tell us what you think”", everybody(Answer.PAGE)),
    Line("POST", "/feedback", "… told", everybody(Answer.DONE), {"rating": "4", "words": "Clear"}),
    Line("GET", "/feedback/thanks", "“Thank you for telling us”", everybody(Answer.PAGE)),
)
