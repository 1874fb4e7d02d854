"""A Welsh speaker is served in Welsh: letters, pages, text messages."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from babel.messages.pofile import read_po

from app import clock
from app.notifications import templates as notices
from app.web.times import in_words
from tests.factories.facts import case_json
from tests.house_rules.access_table import PUBLIC, TABLE
from tests.markup import words
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal
from tests.text_messages import beyond_gsm, parts_of
from tests.unit.web.test_catalogues import PO

PUBLIC_PAGES = [
    line.rule
    for line in TABLE
    if line.answers is PUBLIC and line.method == "GET" and not line.rule.startswith("/officer")
]
LINK = "https://messages.force.example.police.uk/invitations/" + "x" * 43


@pytest.fixture
def heddlu(portal: Portal) -> Portal:
    """A portal with one force, which owes Welsh."""
    portal.add_force(languages=["en", "cy"])
    return portal


def english_texts() -> Iterator[str]:
    with PO.open("rb") as file:
        for message in read_po(file):
            if isinstance(message.id, str) and len(message.id) > 12 and "%(" not in message.id:
                yield message.id


def english_on(page: Page) -> list[str]:
    return [text for text in english_texts() if text in page.words]


def letter_of(portal: Portal, **victim: object) -> notices.Text:
    """What the invitation of such a victim says."""
    case = case_json(victim=victim)
    portal.tell(case)
    portal.invite(case)
    return portal.sender.letters[-1].text


def joins(portal: Portal, language: str = "cy") -> Joined:
    """A victim who joined by a letter in their language, with its page in theirs too."""
    case = case_json(victim={"language": language})
    portal.tell(case)
    someone = portal.visitor()
    portal.answer(someone, case, portal.invite(case) + "?lang=en")
    return Joined(someone, case, portal.case_id(case["reference"]))


def language_link(page: Page) -> tuple[str, str, str] | None:
    """Words, language and address of the link to the other language."""
    found = page.all(".//nav[@class='app-language']//a")
    return next(((words(a), a.get("lang") or "", a.get("href") or "") for a in found), None)


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_public_pages_are_all_welsh_when_asked(heddlu: Portal, path: str) -> None:
    page = heddlu.visitor().see(f"{path}?lang=cy")

    assert page.root.get("lang") == "cy"
    assert english_on(page) == []
    assert page.h1 != heddlu.visitor().see(path).h1


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_public_pages_lead_to_themselves_in_the_other_language(heddlu: Portal, path: str) -> None:
    someone = heddlu.visitor()

    assert language_link(someone.see(path)) == ("Cymraeg", "cy", "?lang=cy")
    assert language_link(someone.see(f"{path}?lang=cy")) == ("English", "en", "?lang=en")


def test_an_address_that_somebody_made_up_does_not_lead_away(heddlu: Portal) -> None:
    page = heddlu.visitor().see("/sign-in?next=//elsewhere.example&lang=en")

    found = language_link(page)
    assert found is not None
    assert parse_qs(urlsplit(found[2]).query)["lang"] == ["cy"]
    assert found[2].startswith("?")


def test_leaving_has_a_welsh_name_on_welsh_pages(heddlu: Portal) -> None:
    page = heddlu.visitor().see("/?lang=cy")

    assert page.link("Gadael y dudalen hon") == "/exit?lang=cy"


def test_the_case_page_of_a_welsh_speaker_is_all_welsh(heddlu: Portal) -> None:
    heddlu.add_officer()
    joined = joins(heddlu)
    page = joined.visitor.see(joined.url)

    assert page.root.get("lang") == "cy"
    assert page.h1 == "Eich achos"
    assert "Yn cael ei ymchwilio" in page.words
    assert english_on(page) == []
    assert language_link(page) == ("English", "en", "/preferences/language")


def test_a_welsh_speaker_goes_on_to_public_pages_in_welsh(heddlu: Portal) -> None:
    joined = joins(heddlu)
    link = joined.visitor.see(joined.url).link("Preifatrwydd")

    assert joined.visitor.see(link).h1 == "Preifatrwydd"


def test_no_other_language_is_offered_where_the_force_owes_none(northshire: Portal) -> None:
    joined = northshire.join()

    assert language_link(joined.visitor.see(joined.url)) is None


def test_officers_pages_stay_english(heddlu: Portal) -> None:
    page = heddlu.visitor().see("/officer/sign-in?lang=cy")

    assert page.root.get("lang") == "en"
    assert page.h1 == "Sign in as an officer"


def test_a_message_says_in_which_language_it_is(heddlu: Portal) -> None:
    joined = joins(heddlu, "en")
    for text in ("Is there any news for me?", "Oes unrhyw newyddion i mi? Diolch.", "Hm"):
        joined.writes(text)
    page = joined.visitor.see(joined.url)

    spoken = [each.get("lang") for each in page.all(".//*[@data-body]")]
    assert spoken == ["en", "cy", None]


def test_days_are_said_in_welsh(heddlu: Portal) -> None:
    with (
        time_machine.travel("2026-08-04T14:05:00Z", tick=False),
        heddlu.app.test_request_context("/?lang=cy"),
    ):
        assert in_words(clock.now()) == "Dydd Mawrth 4 Awst 2026 am 3:05pm"


def test_the_invitation_is_in_the_persons_own_language(heddlu: Portal) -> None:
    welsh = letter_of(heddlu, language="cy")
    english = letter_of(heddlu, language="en")

    assert welsh.subject == "Eich gwahoddiad i wasanaeth ar-lein"
    assert "am 7 diwrnod" in welsh.body
    assert "invitation" not in welsh.body.replace("/invitations/", "")
    assert english.subject == "Your invitation to an online service"
    assert "gwahodd" not in english.body


@pytest.mark.parametrize("language", [None, "pl"])
def test_a_person_of_unknown_language_gets_both_in_one_letter(
    heddlu: Portal, language: str | None
) -> None:
    letter = letter_of(heddlu, language=language)

    subject = "Eich gwahoddiad i wasanaeth ar-lein / Your invitation to an online service"
    assert letter.subject == subject
    assert letter.body.startswith("(English below)\n\nMae’r heddlu yn eich gwahodd")
    assert "The police invite you to use an online service." in letter.body
    links = {word for word in letter.body.split() if "://" in word}
    assert len(links) == 1


def test_a_force_that_owes_no_welsh_writes_english(northshire: Portal) -> None:
    assert letter_of(northshire, language=None).subject == "Your invitation to an online service"


def test_the_page_of_a_welsh_invitation_is_welsh(heddlu: Portal) -> None:
    case = case_json(victim={"language": "cy"})
    heddlu.tell(case)
    someone: Visitor = heddlu.visitor()
    page = someone.see(heddlu.invite(case))

    assert page.root.get("lang") == "cy"
    assert english_on(page) == []


def test_a_code_comes_in_the_persons_language(heddlu: Portal) -> None:
    joined = joins(heddlu)
    address = joined.case["victim"]["email"]
    someone = heddlu.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address=address)
    heddlu.work()

    assert heddlu.sender.to(address, "sign-in-code")[-1].text.subject == "Eich cod diogelwch"


@pytest.mark.parametrize(
    "name,language,parts",
    [
        (notices.SIGN_IN_CODE, "en", 1),
        (notices.SIGN_IN_CODE, "cy", 1),
        (notices.ADDRESS_CODE, "en", 2),
        (notices.ADDRESS_CODE, "cy", 2),
        (notices.UPDATE, "en", 1),
        (notices.UPDATE, "cy", 1),
        (notices.INVITATION, "en", 2),
        (notices.INVITATION, "cy", 2),
        (notices.INVITATION, notices.WELSH_AND_ENGLISH, 4),
    ],
)
def test_a_text_message_is_as_short_as_promised(name: str, language: str, parts: int) -> None:
    context = {"url": LINK, "days": 7, "code": "1234 5678"}
    body = notices.write(name, "sms", language, context).body

    # One ŵ, â or ’ would more than double what it costs, and split it into more pieces.
    assert beyond_gsm(body) == set()
    assert parts_of(body) == parts


@pytest.mark.parametrize(
    "text,parts",
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ŵ" + "x" * 69, 1),
        ("ŵ" + "x" * 70, 2),
        ("ŷ" * 135, 3),
        ("é" * 160, 1),
        ("â" * 71, 2),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert parts_of(text) == parts
