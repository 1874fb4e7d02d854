"""One suite for every way a notice leaves: a file, a mail server, GOV.UK Notify, a push service."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from app.config import ConfigurationError, NotifyAddress
from app.notifications.chosen import push_sender_for, sender_for
from app.notifications.push import is_push_service
from app.notifications.senders import CannotSend, Fate, Sender, TellsFates, way_out
from tests.contracts.senders import (
    EMAIL,
    MOBILE,
    SenderUnderTest,
    ToFile,
    ToMailServer,
    ToNotify,
    ToPushService,
    letter,
    nobody_there,
    notify_url_at,
)
from tests.notify import API_KEY, EMAIL_TEMPLATE, NotifyStandIn
from tests.ports import free_port
from tests.push import ENDPOINT, PushService, push_settings
from tests.servers import Mailbox


@pytest.fixture
def notify() -> Iterator[NotifyStandIn]:
    with NotifyStandIn().open() as stand_in:
        yield stand_in


@pytest.fixture
def push_service() -> Iterator[PushService]:
    with PushService().open() as service:
        yield service


@pytest.fixture(params=["file", "smtp", "notify", "push"])
def under_test(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    smtp_server: Mailbox,
    notify: NotifyStandIn,
    push_service: PushService,
) -> SenderUnderTest:
    made: dict[str, Callable[[], SenderUnderTest | ToFile]] = {
        "file": lambda: ToFile(tmp_path),
        "smtp": lambda: ToMailServer(smtp_server),
        "notify": lambda: ToNotify(notify),
        "push": lambda: ToPushService(push_service),
    }
    found = made[request.param]()
    return cast("SenderUnderTest", found)


def refused(sender: Sender, channel: str = "email", to: str = EMAIL) -> CannotSend:
    with pytest.raises(CannotSend) as stopped, way_out(sender, to) as ready:
        ready.send(letter(channel, to))
    return stopped.value


def address_of(under_test: SenderUnderTest, channel: str) -> str:
    """A device has one address for all."""
    if isinstance(under_test, ToPushService):
        return under_test.to
    return {"email": EMAIL, "sms": MOBILE}[channel]


@pytest.mark.parametrize("under_test", ["file", "smtp", "notify"], indirect=True)
def test_what_was_written_arrives_as_it_was(under_test: SenderUnderTest) -> None:
    with way_out(under_test.sender, EMAIL) as ready:
        ready.send(letter())
        ready.send(letter("sms", MOBILE))
    words = "Sign in – thank you.\n\nBye."
    assert under_test.taken() == [
        (EMAIL, "You have an update", words),
        (MOBILE.lstrip("+"), "", words),
    ]


def test_whoever_is_busy_is_asked_again_and_never_quoted(under_test: SenderUnderTest) -> None:
    under_test.is_busy()
    error = refused(under_test.sender, to=address_of(under_test, "email"))
    assert not error.for_good
    assert not error.is_bounce
    assert "sam" not in error.why


@pytest.mark.parametrize("under_test", ["smtp", "notify", "push"], indirect=True)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_an_address_that_takes_nothing_is_a_bounce(
    under_test: SenderUnderTest, channel: str
) -> None:
    under_test.refuses_addresses()
    error = refused(under_test.sender, channel, address_of(under_test, channel))
    assert error.for_good
    assert error.is_bounce
    assert "sam" not in error.why


@pytest.mark.parametrize("kind", ["smtp", "notify"])
def test_when_nobody_answers_it_is_tried_again(kind: str) -> None:
    error = refused(nobody_there(kind))
    assert not error.for_good


def test_when_no_push_service_answers_it_is_tried_again() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = refused(push_sender_for(push_settings(url)), "push", f"{url}/device")
    assert not error.for_good
    assert "127.0.0.1" not in error.why


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
    with way_out(sender_for(f"{smtp_server.url}?from=portal@force.example"), EMAIL) as sender:
        sender.send(sent)
    [message] = smtp_server.messages
    assert message["From"] == "portal@force.example"
    assert str(sent.id) in message["Message-ID"]


def test_texts_go_by_mail_where_there_is_a_domain_for_them(smtp_server: Mailbox) -> None:
    with way_out(sender_for(f"{smtp_server.url}?sms_domain=texts.example"), MOBILE) as sender:
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


def test_a_device_is_woken_with_nothing_in_the_call(push_service: PushService) -> None:
    sender = push_sender_for(push_settings(push_service.url))
    sender.send(letter("push", f"{push_service.url}/device"))
    [said] = push_service.headers
    assert push_service.woken == ["/device"]
    assert (said["content-length"], int(said["ttl"]) <= 3600) == ("0", True)
    assert "content-encoding" not in said


@pytest.mark.parametrize("status, is_gone", [(404, True), (410, True), (403, False), (307, False)])
def test_only_a_device_that_is_gone_is_given_up_and_no_redirect_is_followed(
    push_service: PushService, status: int, is_gone: bool
) -> None:
    push_service.status = status
    sender = push_sender_for(push_settings(push_service.url))
    error = refused(sender, "push", f"{push_service.url}/device")
    assert (error.for_good, error.is_bounce) == (is_gone, is_gone)
    assert push_service.woken == []


def test_a_push_service_is_connected_to_before_it_is_called(push_service: PushService) -> None:
    to = f"{push_service.url}/device"
    with way_out(push_sender_for(push_settings(push_service.url)), to) as ready:
        give_up = time.monotonic() + 10
        while not push_service.connections:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        assert push_service.woken == []
        ready.send(letter("push", to))
        assert (push_service.connections, push_service.woken) == (1, ["/device"])
        with pytest.raises(CannotSend):
            ready.send(letter("push", f"{push_service.url}/another"))
    assert push_service.woken == ["/device"]


def test_what_a_push_service_wants_to_know_of_a_device_reaches_it(
    push_service: PushService,
) -> None:
    sender = push_sender_for(push_settings(push_service.url))
    sender.send(letter("push", f"{push_service.url}/w/?token=made-up"))
    assert push_service.woken == ["/w/?token=made-up"]


def test_a_push_service_that_talks_nonsense_is_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def talk() -> None:
            line, _ = server.accept()
            with line:
                line.recv(10_000)
                line.sendall(b"Hello, sam\r\n\r\n")

        with ThreadPoolExecutor(1) as other_end:
            talking = other_end.submit(talk)
            error = refused(push_sender_for(push_settings(url)), "push", f"{url}/device")
            talking.result()
    assert (error.for_good, error.is_bounce, "sam" in error.why) == (False, False, False)


def test_without_a_key_no_device_is_told() -> None:
    error = refused(push_sender_for(None), "push", ENDPOINT)
    assert (error.for_good, error.is_bounce) == (True, False)


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://updates.push.services.mozilla.com/wpush/v2/made-up",
        "https://web.push.apple.com/made-up",
        "https://wns2-db5p.notify.windows.com/w/?token=made-up",
        "https://fcm.googleapis.com:443/fcm/send/made-up",
    ],
)
def test_addresses_that_browsers_give_are_known(endpoint: str) -> None:
    assert is_push_service(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.attacker.example/x",
        "https://attacker.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@attacker.example/x",
        "https://attacker.example\\@fcm.googleapis.com/x",
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://fcm.googleapis.com./x",
        "https://[fcm.googleapis.com/x",
        "https://fcm.googleapis.com:x/x",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "https://fcm.googleapis.com/x\r\nTopic: x",
        "https://fcm.googleapis.com/\u00e9",
        "file:///etc/passwd",
        # Names that stop whoever looks them up.
        "https://a..notify.windows.com/x",
        "https://..notify.windows.com/x",
        "https://" + "a" * 64 + ".notify.windows.com/x",
        "https://" + "a." * 120 + "notify.windows.com/x",
        "https://xn--.notify.windows.com/x",
        "https://XN--a.push.apple.com/x",
        "https://-a.push.apple.com/x",
        "https://a-.push.apple.com/x",
        "https://a_b.push.apple.com/x",
        "https://a%20b.push.apple.com/x",
    ],
)
def test_nothing_else_is_ever_called(endpoint: str) -> None:
    assert not is_push_service(endpoint)
    error = refused(push_sender_for(push_settings()), "push", endpoint)
    assert (error.for_good, error.is_bounce) == (True, True)
