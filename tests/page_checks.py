"""What holds for every page and every fragment of ours; `tests.pages` checks every answer."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from tests.markup import elements, tokens, words

NOT_TYPED_INTO = {"hidden", "radio", "checkbox", "submit", "button"}
NOT_LABELLED = {"hidden", "submit", "button"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

# Whom our pages name as somebody else to turn to. Nothing is ever loaded from there.
OTHER_SITES = {
    "ico.org.uk",
    "mcmw.abilitynet.org.uk",
    "www.equalityadvisoryservice.com",
    "www.policeconduct.gov.uk",
    "www.w3.org",
}


def check_markup(root: Element, where: str) -> None:
    """Every rule that holds in a fragment, too."""
    ids = Counter(each.get("id") for each in elements(root) if each.get("id"))
    twice = [name for name, count in ids.items() if count > 1]
    assert not twice, f"{where}: ids that stand twice: {twice}"
    for each in elements(root):
        _check_no_inline_code(each, where)
        _check_addresses(each, where)
        _check_named(each, where)
    _check_fields(root, where)


def check_document(root: Element, where: str) -> None:
    """What a whole page has besides."""
    assert root.get("lang"), f"{where}: no language"
    for tag in ("main", "header", "footer", "h1", "title"):
        found = [each for each in elements(root) if each.tag == tag]
        assert len(found) == 1, f"{where}: {len(found)} {tag}"
    title, heading = words(root.find(".//title")), words(root.find(".//h1"))
    assert heading, f"{where}: an empty h1"
    assert title.startswith(heading), f"{where}: {title!r}, {heading!r}"
    _check_headings(root, where)
    _check_navigation(root, where)
    _check_references(root, where)


def _check_no_inline_code(each: Element, where: str) -> None:
    assert each.tag != "style", f"{where}: an inline style sheet"
    assert each.get("style") is None, f"{where}: an inline style"
    inline = [name for name in each.attrib if name.lower().startswith("on")]
    assert not inline, f"{where}: inline handlers {inline}"
    if each.tag == "script":
        assert each.get("src"), f"{where}: an inline script"


def _check_addresses(each: Element, where: str) -> None:
    for name in ("href", "src", "action", "formaction", "data-hx-get", "data-hx-post"):
        address = each.get(name)
        if address is None:
            continue
        assert address, f"{where}: <{each.tag}> with an empty {name}"
        parts = urlsplit(address)
        if each.tag == "a" and (parts.scheme == "tel" or parts.hostname in OTHER_SITES):
            assert parts.scheme in {"tel", "https"}, f"{where}: {address}"
            continue
        assert not parts.scheme, f"{where}: {name}={address}"
        assert not parts.netloc, f"{where}: {name}={address}"


def _check_named(each: Element, where: str) -> None:
    """Who hears the page is told what each thing is."""
    if each.tag in {"button", "a", "summary", "legend", "label"}:
        name = words(each) or each.get("aria-label")
        assert name, f"{where}: a <{each.tag}> without a name: {each.attrib}"
    if each.tag == "a":
        assert each.get("href"), f"{where}: a link to nowhere: {words(each)}"
    if each.tag == "table":
        assert words(each.find("caption")), f"{where}: a table without a caption"
    if each.tag == "img":
        assert each.get("alt") is not None, f"{where}: a picture without words"
    if each.tag == "fieldset":
        assert each.find("legend") is not None, f"{where}: a group of fields without a legend"


def _check_fields(root: Element, where: str) -> None:
    labelled = {each.get("for") for each in elements(root) if each.tag == "label"}
    for each in elements(root):
        if each.tag == "form":
            assert each.get("novalidate") is not None, f"{where}: a form without novalidate"
            # What is ticked is kept by the browser, too, unless the form says not to.
            assert each.get("autocomplete") == "off", f"{where}: a form that is kept"
        kind = each.get("type")
        if each.tag in {"input", "textarea"} and kind not in NOT_TYPED_INTO:
            complete = each.get("autocomplete")
            assert complete in {"off", "one-time-code"}, f"{where}: {each.attrib}"
        if each.tag in {"input", "textarea", "select"} and kind not in NOT_LABELLED:
            assert each.get("id") in labelled, f"{where}: a field without a label: {each.attrib}"


def _check_headings(root: Element, where: str) -> None:
    """No level is left out. (The summary of errors, an h2, stands before the h1.)"""
    levels = [HEADINGS.index(each.tag) + 1 for each in elements(root) if each.tag in HEADINGS]
    jumps = [(above, below) for above, below in pairwise(levels) if below > above + 1]
    assert levels[0] <= 2, f"{where}: headings {levels}"
    assert not jumps, f"{where}: headings {levels}"


def _check_navigation(root: Element, where: str) -> None:
    names = [each.get("aria-label") for each in elements(root) if each.tag == "nav"]
    assert all(names), f"{where}: a navigation without a name"
    assert len(names) == len(set(names)), f"{where}: navigations of the same name: {names}"


def _check_references(root: Element, where: str) -> None:
    """What points at a part of the page points at one that is there."""
    ids = {each.get("id") for each in elements(root)}
    for each in elements(root):
        pointed_at = [*tokens(each, "aria-labelledby"), *tokens(each, "aria-describedby")]
        pointed_at += [each.get(name) or "" for name in ("for", "form") if each.get(name)]
        address = each.get("href") or ""
        if address.startswith("#"):
            pointed_at.append(address.removeprefix("#"))
        missing = [name for name in pointed_at if name not in ids]
        assert not missing, f"{where}: <{each.tag}> points at {missing}"
