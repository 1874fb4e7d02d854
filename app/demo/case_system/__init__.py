"""The demo case system: a stand-in for a force's own, for trying, testing and breaking things.

It keeps all in two files (`entries.jsonl`, `cases.jsonl`), each line on disk before its answer
leaves, and it can be told to fail in every way that a real one does. Of the portal it knows the
port alone, and none of the settings.
"""

from __future__ import annotations

from app.demo.case_system.application import create_case_system
from app.demo.case_system.server import serve

__all__ = ["create_case_system", "serve"]
