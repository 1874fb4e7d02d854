"""A long conversation in pages, and what counts as read."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app import clock
from app.accounts.models import Officer
from app.accounts.viewers import OfficerViewer, Role
from app.messages.actions import Author, note_shown, send
from tests.factories.facts import case_json
from tests.integration.messages.steps import conversation_of, statements
from tests.portal import Joined, Portal


def fill(portal: Portal, victim: Joined, count: int) -> None:
    conversation = conversation_of(portal, victim.case_id)
    with portal.database.writing() as session:
        for number in range(1, count + 1):
            send(
                session,
                conversation.id,
                Author("victim", conversation.victim_id),
                text=f"Message {number}",
                client_id=str(number),
                now=clock.now() - timedelta(days=count - number),
            )


def test_45_messages_stand_on_three_pages_for_both(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    fill(northshire, victim, 45)
    inbox = northshire.officer_signs_in(officer)
    for reader, url in ((victim.visitor, victim.url), (inbox, f"/officer{victim.url}")):
        page = reader.see(url)
        assert [m.sequence for m in page.messages] == list(range(26, 46))
        page = reader.see(page.link("Show earlier messages"))
        assert [m.sequence for m in page.messages] == list(range(6, 26))
        page = reader.see(page.link("Show earlier messages"))
        assert [m.sequence for m in page.messages] == list(range(1, 6))
        assert "Show earlier messages" not in page.words
        assert [m.sequence for m in reader.see(page.link("newest")).messages][-1] == 45


def test_exactly_twenty_messages_have_no_earlier_page(northshire: Portal) -> None:
    victim = northshire.join()
    fill(northshire, victim, 20)
    page = victim.visitor.see(victim.url)
    assert len(page.messages) == 20
    assert "Show earlier messages" not in page.words


def test_nonsense_for_a_page_shows_the_newest(northshire: Portal) -> None:
    victim = northshire.join()
    fill(northshire, victim, 3)
    for nonsense in ("x", "-1", "1e9", "9" * 40, "", "٣"):
        page = victim.visitor.see(f"{victim.url}?before={nonsense}")
        assert [m.sequence for m in page.messages] == [1, 2, 3]


def test_reading_an_earlier_page_does_not_mark_the_newest_as_read(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    fill(northshire, victim, 45)
    inbox = northshire.officer_signs_in(officer)
    inbox.see(f"/officer{victim.url}?before=21")
    assert conversation_of(northshire, victim.case_id).officer_read_to == 20


def test_what_comes_after_a_page_was_read_is_still_new(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    fill(northshire, victim, 2)
    inbox = northshire.officer_signs_in(officer)
    conversation = conversation_of(northshire, victim.case_id)
    viewer = inbox_viewer(northshire, officer.id)
    with northshire.database.writing() as session:
        # The page showed one message; the second was sent before the note was made.
        note_shown(session, conversation.id, viewer, clock.now(), up_to=1)
    page = inbox.see(f"/officer{victim.url}")
    assert [("New" in m.words) for m in page.messages] == [False, True]


def inbox_viewer(portal: Portal, officer_id: UUID) -> OfficerViewer:
    with portal.database.reading() as session:
        officer = session.get_one(Officer, officer_id)
        return OfficerViewer(officer.id, officer.force_id, frozenset({Role.OFFICER}))


def test_pages_ask_the_database_no_more_for_more_rows(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    inbox = northshire.officer_signs_in(officer)
    counts: dict[str, list[int]] = {}
    urls = {"/officer/inbox": inbox, f"/officer{victim.url}": inbox, victim.url: victim.visitor}
    for rows in (1, 6):
        for _ in range(rows):
            northshire.join()
            northshire.tell(case_json())
        fill(northshire, victim, rows * 3)
        for url, reader in urls.items():
            reader.see(url)
            with statements(northshire.database) as seen:
                reader.see(url)
            counts.setdefault(url, []).append(len(seen))
    assert {url: few for url, (few, _) in counts.items()} == {
        url: many for url, (_, many) in counts.items()
    }
