"""A client that reads pages as a browser without scripts would, and checks every one it gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HTMX = {"HX-Request": "true"}


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
            for each in self.root.iter()
            if isinstance(each.tag, str) and each.get("data-message")
        ]

    @property
    def error_messages(self) -> list[str]:
        """The errors that stand beside fields."""
        return [
            words(each).removeprefix("Error:").strip()
            for each in self.root.iter()
            if "govuk-error-message" in (each.get("class") or "").split()
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


def words(element: Element | None) -> str:
    """The text in an element, scripts and styles left out, blanks folded."""
    if element is None:
        return ""
    return re.sub(r"\s+", " ", "".join(_text(element))).strip()


def _text(element: Element) -> list[str]:
    if not isinstance(element.tag, str) or element.tag in {"script", "style", "template"}:
        return [element.tail or ""]
    parts = [element.text or ""]
    for child in element:
        parts += _text(child)
        parts.append(child.tail or "") if isinstance(child.tag, str) and child.tag not in {
            "script",
            "style",
            "template",
        } else None
    return parts


def check_answer(response: TestResponse) -> None:
    """What holds for every answer of the portal, whatever it is."""
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    if response.mimetype == "text/html" and response.get_data():
        check_page(Page(response, response.request.path))


def check_page(page: Page) -> None:
    """What holds for every page and fragment of ours."""
    assert not page.errors, (page.url, page.errors)
    ids = [each.get("id") for each in page.root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)), f"{page.url}: an id stands twice: {sorted(map(str, ids))}"
    for each in page.root.iter():
        if not isinstance(each.tag, str):
            continue
        assert each.tag != "style", f"{page.url}: an inline style sheet"
        assert each.get("style") is None, f"{page.url}: an inline style"
        inline = [name for name in each.attrib if name.lower().startswith("on")]
        assert not inline, f"{page.url}: inline handlers {inline}"
        if each.tag == "script":
            assert each.get("src"), f"{page.url}: an inline script"
        if each.tag == "form":
            assert each.get("novalidate") is not None, f"{page.url}: a form without novalidate"
        if each.tag in {"input", "textarea"} and each.get("type") not in _NOT_TYPED_INTO:
            assert each.get("autocomplete") in {"off", "one-time-code"}, (page.url, each.attrib)
    if page.is_whole:
        assert page.find("./").tag == "head" or page.root.tag == "html"
        assert page.root.get("lang"), f"{page.url}: no language"
        assert len(page.all(".//h1")) == 1, f"{page.url}: {len(page.all('.//h1'))} h1"
        assert page.title.startswith(page.h1), f"{page.url}: {page.title!r}, {page.h1!r}"


_NOT_TYPED_INTO = {"hidden", "radio", "checkbox", "submit", "button"}
