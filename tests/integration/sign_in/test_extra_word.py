"""The extra word: asked for on a new device after the right code, shut after five wrong ones."""

from __future__ import annotations

import pytest

from app.accounts.models import ExtraWord
from app.audit.vocabulary import Action
from app.cases.models import Task, TaskKind
from app.sign_in.words import check_word
from tests.factories.facts import case_json
from tests.integration.sign_in.steps import RIGHT, ask, recorded, sign_in, typed, victim_of
from tests.pages import Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal
from tests.together import run_together

WORD = "blue teapot"
ASKED = "Enter your extra word"
SHUT = "Your officer has to help you sign in"


@pytest.fixture
def joined(northshire: Portal, officer: OfficerAccount) -> Joined:
    joined = northshire.join(case_json(officerInCase={"collar": officer.collar}))
    choose(joined.visitor, WORD)
    return joined


@pytest.fixture
def address(joined: Joined) -> str:
    found: str = joined.case["victim"]["email"]
    return found


def choose(someone: Visitor, word: str) -> Page:
    return someone.send(someone.see("/preferences/word").form("Save this word"), word=word)


def give(someone: Visitor, word: str) -> Page:
    return someone.send(someone.see("/sign-in/word").form("Sign in"), word=word)


def test_a_new_device_needs_code_and_word(northshire: Portal, joined: Joined, address: str) -> None:
    someone, page = sign_in(northshire, address)
    assert page.h1 == ASKED
    assert someone.see(joined.url).h1 == "Sign in"
    assert give(someone, " Blue  TEAPOT ").h1 == RIGHT
    assert recorded(northshire, Action.SIGNED_IN)[-1].details["by"] == "code-and-word"


def test_a_known_device_does_not(northshire: Portal, joined: Joined, address: str) -> None:
    joined.visitor.send(joined.visitor.see(joined.url).form("Sign out"))
    _someone, page = sign_in(northshire, address, joined.visitor)
    assert page.h1 == RIGHT


def test_a_wrong_code_says_the_same_with_and_without_a_word(
    northshire: Portal, address: str
) -> None:
    other = northshire.join()
    said = []
    for each in (address, other.case["victim"]["email"]):
        someone = northshire.visitor()
        ask(someone, each)
        page = typed(someone, "00000000")
        said.append((page.status, page.words))
    assert said[0] == said[1]


def test_five_wrong_words_shut_it_until_an_officer_resets_it(
    northshire: Portal, joined: Joined, address: str, officer: OfficerAccount
) -> None:
    someone, _page = sign_in(northshire, address)
    for _ in range(4):
        assert give(someone, "red teapot").error_messages
    assert give(someone, "red teapot").h1 == SHUT
    _again, page = sign_in(northshire, address)
    assert page.h1 == SHUT
    with northshire.database.reading() as session:
        [task] = session.query(Task).all()
        assert (task.kind, task.done_at) == (TaskKind.EXTRA_WORD_SHUT.value, None)

    desk = northshire.officer_signs_in(officer)
    page = desk.see(f"/officer/cases/{joined.case_id}")
    desk.send(page.form("take the extra word away"))
    with northshire.database.reading() as session:
        assert all(task.done_at for task in session.query(Task))
    assert [each.actor_kind for each in recorded(northshire, Action.WORD_RESET)] == ["officer"]
    _someone, page = sign_in(northshire, address)
    assert page.h1 == RIGHT


def test_a_shut_word_leaves_known_devices_open(
    northshire: Portal, joined: Joined, address: str
) -> None:
    someone, _page = sign_in(northshire, address)
    pages = [give(someone, "red teapot") for _ in range(5)]
    assert pages[-1].h1 == SHUT
    assert joined.visitor.see(joined.url).h1 == RIGHT


def test_words_tried_at_the_same_moment_are_counted_one_after_the_other(
    northshire: Portal, joined: Joined, address: str
) -> None:
    forms = []
    for _ in range(3):
        someone, _page = sign_in(northshire, address)
        form = someone.see("/sign-in/word").form("Sign in")
        copies = [northshire.visitor() for _ in range(4)]
        cookie = someone.get_cookie("session")
        assert cookie is not None
        for copy in copies:
            copy.set_cookie("session", cookie.value)
        forms += [(copy, form) for copy in copies]
    run_together(*[lambda s=s, f=f: s.send(f, word="red teapot") for s, f in forms])
    with northshire.database.reading() as session:
        [word] = session.query(ExtraWord).all()
        assert word.wrong_tries == 5
        assert word.shut_at is not None


def test_only_a_hash_is_kept_and_sealed(northshire: Portal, joined: Joined) -> None:
    with northshire.database.reading() as session:
        [word] = session.query(ExtraWord).all()
        assert word.word_hash is not None
        assert word.word_hash.startswith("$argon2id$")
        assert WORD.encode() not in (word.word_hash_sealed or b"")
        assert b"argon2id" not in (word.word_hash_sealed or b"")


@pytest.mark.parametrize("poor", ["", "short", "aaaaaaaa", "x" * 101])
def test_a_poor_word_is_refused(northshire: Portal, poor: str) -> None:
    someone = northshire.join().visitor
    page = choose(someone, poor)
    assert page.status == 422
    assert page.error_messages


def test_ones_own_name_is_refused(northshire: Portal) -> None:
    joined = northshire.join()
    victim = joined.case["victim"]
    page = choose(joined.visitor, f"{victim['givenName']} {victim['familyName']}")
    assert "not your name" in page.words


def test_it_is_offered_once_and_can_be_put_off(northshire: Portal) -> None:
    joined = northshire.join()
    page = joined.visitor.see(joined.url)
    assert "Make signing in safer" in page.words
    page = joined.visitor.send(page.form("Not now"))
    assert page.h1 == RIGHT
    assert "Make signing in safer" not in page.words
    assert "Choose an extra word" in joined.visitor.see("/preferences").words


def test_it_can_be_taken_away(northshire: Portal, joined: Joined, address: str) -> None:
    page = joined.visitor.see("/preferences")
    joined.visitor.send(page.form("Stop asking"))
    _someone, page = sign_in(northshire, address)
    assert page.h1 == RIGHT
    assert len(recorded(northshire, Action.WORD_REMOVED)) == 1


def test_without_a_code_there_is_no_word_to_guess(northshire: Portal, joined: Joined) -> None:
    someone = northshire.visitor()
    assert someone.see("/sign-in/word").h1 == "Sign in"
    outcome, victim_id = check_word(
        northshire.database, victim_of(northshire, joined), "", WORD, joined_at(northshire)
    )
    assert (outcome.value, victim_id) == ("start-again", None)


def joined_at(portal: Portal):
    return recorded(portal, Action.VICTIM_JOINED)[0].at
