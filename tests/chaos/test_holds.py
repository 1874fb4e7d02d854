"""A hold closes the door at its commit, whatever else is going on in that moment."""

from __future__ import annotations

from tests.chaos import holds

SEED = 20_26
TIMES = 15


def test_nothing_leaves_or_shows_after_a_hold_and_no_words_are_lost(
    migrated_url: str, database_kind: str
) -> None:
    profile = "niche" if database_kind == "postgresql" else "connect"

    result = holds.run(migrated_url, profile, SEED, TIMES)

    assert result.wrong == {}, result.examples
    # Something was there to be stopped, before the hold and after it.
    assert result.happened["page shown, before the hold"] > 0
    assert result.happened["page refused, after it"] > 0
    assert result.happened["words on the record with high priority"] > 0
    assert any(each.startswith("letters handed over") for each in result.happened)
