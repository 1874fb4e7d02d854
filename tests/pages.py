"""A client that reads pages as a browser without scripts would, and checks every one it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.markup import elements, tokens, words
from tests.page_checks import check_document, check_markup

__all__ = ["HTMX", "Form", "Page", "ShownMessage", "Visitor", "check_page", "visitor", "words"]

HTMX = {"HX-Request": "true"}
MAY_BE_KEPT = {"/manifest.webmanifest": "max-age=86400", "/sw.js": "no-cache"}
"""What is the same for everybody and no page: the only answers that a browser may keep."""


class Page:
    """An HTML answer. `errors` are the parser's complaints, none for a page of ours."""

    def __init__(self, response: TestResponse, url: str) -> None:
        self.response = response
        self.url = url
        self.text = response.get_data(as_text=True)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.is_whole = self.text.lstrip()[:9].lower() == "<!doctype"
        if self.is_whole:
            self.root: Element = parser.parse(self.text)
        else:
            self.root = Element("fragment")
            self.root.extend(parser.parseFragment(self.text))
        self.errors = [
            f"{place}: {code}"
            for place, code, _ in parser.errors
            # A fragment has no doctype, and a fragment's root is not a document's.
            if self.is_whole
        ]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def title(self) -> str:
        return words(self.root.find(".//title"))

    @property
    def h1(self) -> str:
        return words(self.root.find(".//h1"))

    @property
    def words(self) -> str:
        """Everything that can be read, blanks folded."""
        return words(self.root)

    def find(self, path: str) -> Element:
        found = self.root.find(path)
        assert found is not None, f"{path} is not on {self.url}"
        return found

    def all(self, path: str) -> list[Element]:
        return self.root.findall(path)

    def link(self, text: str) -> str:
        """The address of the link with this text in its name."""
        for anchor in self.all(".//a"):
            if text in words(anchor):
                return anchor.get("href") or ""
        raise AssertionError(f"no link {text!r} on {self.url}")

    def form(self, button: str) -> Form:
        """The form whose button has this name."""
        for form in self.all(".//form"):
            if any(button in words(each) for each in form.iter("button")):
                return Form.read(form, self.url)
        raise AssertionError(f"no form with a button {button!r} on {self.url}: {self.words[:300]}")

    @property
    def messages(self) -> list[ShownMessage]:
        return [
            ShownMessage(
                int(each.get("data-message") or 0),
                each.get("data-state") or "",
                "".join(each.find(".//*[@data-body]").itertext()),  # type: ignore[union-attr]
                words(each),
            )
            for each in elements(self.root)
            if each.get("data-message")
        ]

    @property
    def error_messages(self) -> list[str]:
        """The errors that stand beside fields."""
        return [
            words(each).removeprefix("Error:").strip()
            for each in elements(self.root)
            if "govuk-error-message" in tokens(each, "class") and words(each)
        ]


@dataclass(frozen=True)
class ShownMessage:
    """One message as a page shows it."""

    sequence: int
    state: str
    text: str
    words: str


@dataclass
class Form:
    """A form with the values that stand in it."""

    action: str
    values: dict[str, str]

    @classmethod
    def read(cls, form: Element, url: str) -> Form:
        values: dict[str, str] = {}
        for field in form.iter():
            name = field.get("name")
            if not name:
                continue
            if field.tag == "textarea":
                # HTML drops the first line end after the tag, and so does the parser.
                values[name] = "".join(field.itertext())
            elif field.tag == "input" and (
                field.get("type") not in {"radio", "checkbox"} or field.get("checked") is not None
            ):
                values[name] = field.get("value") or ""
        return cls(urljoin(url, form.get("action") or url), values)


class Visitor(FlaskClient):
    """One person's browser. Every HTML answer is checked; see `check_page`."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check_answer(response)
        return response

    def see(self, url: str, **kwargs: Any) -> Page:
        """GET a page, following redirects within the portal."""
        response = self.get(url, **kwargs)
        while response.status_code == 303 and not urlsplit(response.location).netloc:
            url = response.location
            response = self.get(url)
        return Page(response, url)

    def send(self, form: Form, *, htmx: bool = False, **values: str) -> Page:
        """Submit a form with these values put in, and see where it leads."""
        headers = dict(HTMX) if htmx else {}
        headers["Sec-Fetch-Site"] = "same-origin"
        response = self.post(form.action, data={**form.values, **values}, headers=headers)
        if response.status_code == 303 and not urlsplit(response.location).netloc:
            return self.see(response.location)
        return Page(response, form.action)


def visitor(app: Flask) -> Visitor:
    app.test_client_class = Visitor
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def check_answer(response: TestResponse) -> None:
    """What holds for every answer of the portal, whatever it is."""
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    may_be_kept = MAY_BE_KEPT.get(response.request.path, "no-store")
    assert response.headers["Cache-Control"] == may_be_kept
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    if response.status_code == 204:
        return
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Permissions-Policy" in response.headers
    is_shown = not 300 <= response.status_code < 400
    if is_shown and response.mimetype == "text/html" and response.get_data():
        check_page(Page(response, response.request.path))


def check_page(page: Page) -> None:
    """What holds for every page and fragment of ours; see `tests.page_checks`."""
    assert not page.errors, (page.url, page.errors)
    check_markup(page.root, page.url)
    if page.is_whole:
        check_document(page.root, page.url)
