"""One suite for every way a notice leaves: a file, a mail server, GOV.UK Notify."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from app.config import ConfigurationError, NotifyAddress
from app.notifications.chosen import sender_for
from app.notifications.senders import CannotSend, Fate, Sender, TellsFates, way_out
from tests.contracts.senders import (
    EMAIL,
    MOBILE,
    SenderUnderTest,
    ToFile,
    ToMailServer,
    ToNotify,
    letter,
    nobody_there,
    notify_url_at,
)
from tests.notify import API_KEY, EMAIL_TEMPLATE, NotifyStandIn
from tests.servers import Mailbox


@pytest.fixture
def notify() -> Iterator[NotifyStandIn]:
    with NotifyStandIn().open() as stand_in:
        yield stand_in


@pytest.fixture(params=["file", "smtp", "notify"])
def under_test(
    request: pytest.FixtureRequest, tmp_path: Path, smtp_server: Mailbox, notify: NotifyStandIn
) -> SenderUnderTest:
    made: dict[str, Callable[[], SenderUnderTest | ToFile]] = {
        "file": lambda: ToFile(tmp_path),
        "smtp": lambda: ToMailServer(smtp_server),
        "notify": lambda: ToNotify(notify),
    }
    found = made[request.param]()
    return cast("SenderUnderTest", found)


def refused(sender: Sender, channel: str = "email", to: str = EMAIL) -> CannotSend:
    with pytest.raises(CannotSend) as stopped, way_out(sender) as ready:
        ready.send(letter(channel, to))
    return stopped.value


def test_what_was_written_arrives_as_it_was(under_test: SenderUnderTest) -> None:
    with way_out(under_test.sender) as ready:
        ready.send(letter())
        ready.send(letter("sms", MOBILE))
    words = "Sign in – thank you.\n\nBye."
    assert under_test.taken() == [
        (EMAIL, "You have an update", words),
        (MOBILE.lstrip("+"), "", words),
    ]


def test_whoever_is_busy_is_asked_again_and_never_quoted(under_test: SenderUnderTest) -> None:
    under_test.is_busy()
    error = refused(under_test.sender)
    assert not error.for_good
    assert not error.is_bounce
    assert "sam" not in error.why


@pytest.mark.parametrize("under_test", ["smtp", "notify"], indirect=True)
@pytest.mark.parametrize("channel, to", [("email", EMAIL), ("sms", MOBILE)])
def test_an_address_that_takes_nothing_is_a_bounce(
    under_test: SenderUnderTest, channel: str, to: str
) -> None:
    under_test.refuses_addresses()
    error = refused(under_test.sender, channel, to)
    assert error.for_good
    assert error.is_bounce
    assert "sam" not in error.why


@pytest.mark.parametrize("kind", ["smtp", "notify"])
def test_when_nobody_answers_it_is_tried_again(kind: str) -> None:
    error = refused(nobody_there(kind))
    assert not error.for_good


@pytest.mark.parametrize("kind", ["smtp", "notify"])
def test_without_a_way_for_text_messages_there_are_none(
    kind: str, smtp_server: Mailbox, notify: NotifyStandIn
) -> None:
    url = smtp_server.url if kind == "smtp" else notify_url_at(notify.url)
    error = refused(sender_for(url), "sms", MOBILE)
    assert error.for_good
    assert not error.is_bounce


def test_a_file_gets_one_object_a_line_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "notices.jsonl"
    sent = letter("sms", MOBILE)
    sender_for(f"file:{path}").send(sent)
    [line] = [json.loads(line) for line in path.read_text().splitlines()]
    assert set(line) == {"id", "created_at", "channel", "to", "template", "subject", "body"}
    assert (line["id"], line["to"]) == (str(sent.id), MOBILE)
    assert path.stat().st_mode & 0o077 == 0


def test_a_mail_has_its_sender_and_the_notices_id(smtp_server: Mailbox) -> None:
    sent = letter()
    with way_out(sender_for(f"{smtp_server.url}?from=portal@force.example")) as sender:
        sender.send(sent)
    [message] = smtp_server.messages
    assert message["From"] == "portal@force.example"
    assert str(sent.id) in message["Message-ID"]


def test_texts_go_by_mail_where_there_is_a_domain_for_them(smtp_server: Mailbox) -> None:
    with way_out(sender_for(f"{smtp_server.url}?sms_domain=texts.example")) as sender:
        sender.send(letter("sms", MOBILE))
    assert smtp_server.messages[0]["To"] == "447700900123@texts.example"


def test_a_notice_whose_answer_was_lost_is_looked_up_before_it_is_sent_again(
    notify: NotifyStandIn,
) -> None:
    sender, sent = sender_for(notify.notify_url), letter(is_tried_again=True)
    notify.loses_answers = True
    with pytest.raises(CannotSend) as stopped:
        sender.send(sent)
    assert not stopped.value.for_good
    notify.loses_answers = False
    sender.send(sent)
    assert [each.reference for each in notify.taken] == [str(sent.id)]


@pytest.mark.parametrize("status, error", [(403, "AuthError"), (400, "BadRequestError")])
def test_what_an_operator_can_mend_at_notify_is_tried_again(
    notify: NotifyStandIn, status: int, error: str
) -> None:
    notify.refuse_with = (status, error)
    assert not refused(sender_for(notify.notify_url)).for_good


@pytest.mark.parametrize(
    "status, fate",
    [
        ("created", Fate.UNDER_WAY),
        ("sending", Fate.UNDER_WAY),
        ("delivered", Fate.ARRIVED),
        ("permanent-failure", Fate.BOUNCED),
        ("temporary-failure", Fate.LOST),
        ("technical-failure", Fate.LOST),
    ],
)
def test_notify_tells_later_what_became_of_a_notice(
    notify: NotifyStandIn, status: str, fate: Fate
) -> None:
    sender, sent = sender_for(notify.notify_url), letter()
    assert isinstance(sender, TellsFates)
    sender.send(sent)
    notify.taken[0].status = status
    assert sender.fate(sent.id) is fate


@pytest.mark.parametrize(
    "url",
    [
        "govuk-notify:",
        f"govuk-notify:{API_KEY}",
        f"govuk-notify:{API_KEY}?sms={EMAIL_TEMPLATE}",
        f"govuk-notify:{API_KEY}?email=welcome",
        f"govuk-notify:{API_KEY}?email={EMAIL_TEMPLATE}&letter={EMAIL_TEMPLATE}",
        f"govuk-notify:{API_KEY}?email={EMAIL_TEMPLATE}&url=file:///etc/passwd",
        f"govuk-notify:my secret key?email={EMAIL_TEMPLATE}",
    ],
)
def test_a_setting_that_cannot_be_is_named_and_its_key_is_not(url: str) -> None:
    with pytest.raises(ConfigurationError, match="NOTIFY_URL") as stopped:
        NotifyAddress.read(url)
    assert "secret" not in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert API_KEY not in str(stopped.value)
