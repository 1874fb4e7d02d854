"""What the documents say an answer means is what the rules do."""

from __future__ import annotations

from pathlib import Path

from app.sync.meanings import table

INTERFACE = Path(__file__).resolve().parents[3] / "docs" / "case-system-interface.md"


def test_the_interface_document_holds_the_table_of_the_rules() -> None:
    assert table() in INTERFACE.read_text(encoding="utf-8")


def test_the_table_knows_every_way_out() -> None:
    told = table()
    for words in ("recorded", "the whole force waits", "again for 24 hours", "again for 3 days"):
        assert words in told
