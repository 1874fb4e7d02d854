"""Who may mark a victim's message. Part of the table."""

from __future__ import annotations

from tests.house_rules.access_lines import about_case
from tests.house_rules.access_people import Answer, staffs_case

MARKING = (
    about_case(
        "GET",
        "/officer/cases/<case_id>/messages/<int:sequence>/marks",
        "What a message of the victim's is marked as",
        staffs_case(Answer.PAGE, supervisor=Answer.PAGE, bureau=Answer.PAGE),
    ),
    about_case(
        "POST",
        "/officer/cases/<case_id>/messages/<int:sequence>/marks",
        "… marked",
        staffs_case(Answer.DONE, supervisor=Answer.DONE, bureau=Answer.DONE),
        {"marks": "disclosure"},
    ),
)
