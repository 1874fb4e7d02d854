"""What phones and browsers ask for by themselves: lines of the access table."""

from __future__ import annotations

from tests.house_rules.access_lines import Line
from tests.house_rules.access_people import Answer, everybody

INSTALLED = (
    Line("GET", "/manifest.webmanifest", "Name and icons on a home screen", everybody(Answer.FILE)),
    Line("GET", "/sw.js", "The worker that keeps the next page", everybody(Answer.FILE)),
    Line("GET", "/offline", "What shows without a connection", everybody(Answer.PAGE)),
)
