"""The other servers that tests are given are real and start afresh."""

from __future__ import annotations

import smtplib
from contextlib import closing
from email.message import EmailMessage

import pytest
import redis
from playwright.sync_api import Browser

from tests.ports import free_port
from tests.servers import Mailbox


@pytest.mark.parametrize("time", ["first", "second"])
def test_redis_is_empty_each_time(redis_url: str, time: str) -> None:
    with closing(redis.Redis.from_url(redis_url)) as client:
        assert client.keys() == []
        client.set("left over", time)


def send(mailbox: Mailbox, body: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "portal@force.example", "sam@mail.example"
    message["Subject"] = "You have an update"
    message.set_content(body)
    host, port = mailbox.url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.send_message(message)


def test_mail_that_was_sent_can_be_read(smtp_server: Mailbox) -> None:
    send(smtp_server, "Sign in the usual way to read it – thank you.")

    [message] = smtp_server.messages
    assert message["To"] == "sam@mail.example"
    assert message.get_content() == "Sign in the usual way to read it – thank you.\n"


def test_mail_can_be_refused(smtp_server: Mailbox) -> None:
    smtp_server.refuse_with = "451 Try later"

    with pytest.raises(smtplib.SMTPDataError, match="Try later"):
        send(smtp_server, "Sign in.")
    assert smtp_server.messages == []


def test_the_browser_shows_pages(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Your case</h1>")

    assert page.get_by_role("heading", name="Your case").is_visible()
    page.context.close()


def test_free_ports_in_a_row_can_be_had() -> None:
    assert 0 < free_port(2) < 32_000
