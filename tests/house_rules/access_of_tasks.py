"""The lines of the access table about tasks."""

from __future__ import annotations

from tests.house_rules.access_lines import Line, about_case
from tests.house_rules.access_people import Answer, staff, staffs_case

TASKS = (
    Line("GET", "/officer/tasks", "The tasks that one may do", staff(Answer.PAGE)),
    about_case(
        "GET",
        "/officer/tasks/<task_id>",
        "A task about a case",
        staffs_case(Answer.PAGE, supervisor=Answer.PAGE, bureau=Answer.PAGE, reason=None),
    ),
    about_case(
        "POST",
        "/officer/tasks/<task_id>",
        "… done",
        staffs_case(Answer.DONE, supervisor=Answer.DONE, bureau=Answer.DONE, reason=None),
        {"outcome": "Done by phone."},
    ),
    about_case(
        "POST",
        "/officer/tasks/<task_id>/retry",
        "… a message tried again, where the task is about none",
        staffs_case(Answer.NOT_THERE, reason=None),
    ),
    about_case(
        "GET",
        "/officer/tasks/<task_id>/by-hand",
        "… a message put on the record by hand, where the task is about none",
        staffs_case(Answer.NOT_THERE, reason=None),
    ),
    about_case(
        "POST",
        "/officer/tasks/<task_id>/by-hand",
        "… and said so, where the task is about none",
        staffs_case(Answer.NOT_THERE, reason=None),
        {"receipt": "N-1", "reason": "Typed in"},
    ),
)
