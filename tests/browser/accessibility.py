"""What is measured of every page and state: axe's findings, reflow, big text, size of targets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.databases import ROOT

_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

NARROW = 320
"""CSS pixels: a window of 1280 at 400% zoom, which WCAG 1.4.10 asks about."""
WIDE = 1280

# For a look at every page: the folder that this names gets a picture of each.
_PICTURES = os.environ.get("PORTAL_PICTURES")

_RUN = """tags => axe.run(document, {
  runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } }
}).then(found => found.violations.map(each =>
  `${each.id}: ${each.help} ${each.nodes.map(node => node.html).join(' ')}`))"""

# What makes the page scroll sideways: boxes, and text that alone leaves its box.
_TOO_WIDE = """() => {
  const { clientWidth: room, scrollWidth } = document.documentElement
  if (scrollWidth <= room) return []
  const sticksOut = ({ left, right }) => left < -1 || right > room + 1
  const found = [...document.querySelectorAll('body *')].filter(each => {
    const within = document.createRange()
    within.selectNodeContents(each)
    return [each.getBoundingClientRect(), ...within.getClientRects()].some(sticksOut)
  })
  return [`${scrollWidth} of ${room} pixels`, ...found.map(each => each.outerHTML.slice(0, 120))]
}"""

# Text that its own box cuts off. What only screen readers get is cut off on purpose.
_CUT_OFF = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(each => {
  const { overflowX, overflowY } = getComputedStyle(each)
  const hides = overflowX === 'hidden' || overflowY === 'hidden'
  return hides && !each.className.includes('visually-hidden') &&
    (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
}).map(each => each.outerHTML.slice(0, 120))"""

FINGER = 44
"""CSS pixels: what a control measures at least, each way (WCAG 2.5.5, which is AAA)."""

# Links in the middle of a sentence or in a list of text may be as low as their line; WCAG 2.5.8 has
# room enough around those for 24, which axe asks about.
_SMALL = """finger => [...document.querySelectorAll('a, button, input, textarea, select, summary')]
  .filter(each => each.checkVisibility() && each.type !== 'hidden')
  .filter(each => !each.classList.contains('govuk-skip-link'))
  .filter(each => each.tagName !== 'A' ||
    each.parentElement.textContent.trim() === each.textContent.trim())
  .filter(each => {
    const { width, height } = each.getBoundingClientRect()
    const least = each.tagName === 'A' ? 24 : finger
    // What is ticked is as big as GOV.UK's box for it.
    return width < Math.min(least, 44) - 0.5 || height < least - 0.5
  }).map(each => each.outerHTML.slice(0, 120))"""


# What WCAG 1.4.12 lets people do to text. A sheet made by script: the page's own policy is kept.
_SPACED = """on => {
  if (!on) { document.adoptedStyleSheets = []; return }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`)
  document.adoptedStyleSheets = [sheet]
}"""


def check_accessibility(page: Page, state: str) -> None:
    """Check the page as it stands. `state` names it where something is wrong, and its picture."""
    page.evaluate(_AXE.read_text())
    wrong: dict[str, Any] = {}
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 800})
        # Scrolled, a target that is half under the header would count as a small one.
        page.evaluate("window.scrollTo(0, 0)")
        wrong[f"axe at {width}"] = page.evaluate(_RUN, _TAGS)
        wrong[f"too wide at {width}"] = page.evaluate(_TOO_WIDE)
        wrong[f"too small at {width}"] = page.evaluate(_SMALL, FINGER)
        _take_picture(page, f"{state}-{width}")
    page.emulate_media(color_scheme="dark")
    wrong["axe in the dark"] = page.evaluate(_RUN, _TAGS)
    _take_picture(page, f"{state}-dark")
    page.emulate_media(color_scheme="light", forced_colors="active")
    wrong["axe in forced colours"] = page.evaluate(_RUN, _TAGS)
    _take_picture(page, f"{state}-forced-colours")
    page.emulate_media(forced_colors="none")
    wrong |= _with_spaced_text(page)
    wrong |= _with_big_text(page, state)
    found = {name: value for name, value in wrong.items() if value}
    assert not found, (state, found)


def check_layout(page: Page, state: str) -> None:
    """Check only that nothing is too wide and nothing cut off, where the words are others."""
    found: dict[str, Any] = {}
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 800})
        found[f"too wide at {width}"] = page.evaluate(_TOO_WIDE)
        found[f"cut off at {width}"] = page.evaluate(_CUT_OFF)
        _take_picture(page, f"{state}-{width}")
    assert not any(found.values()), (state, found)


def _with_spaced_text(page: Page) -> dict[str, Any]:
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.evaluate(_SPACED, True)
    found = {
        "too wide with spaced text": page.evaluate(_TOO_WIDE),
        "cut off with spaced text": page.evaluate(_CUT_OFF),
    }
    page.evaluate(_SPACED, False)
    return found


def _with_big_text(page: Page, state: str) -> dict[str, Any]:
    """Text at twice its size by the browser's own setting for it, as people set it who read so,
    in a window half as wide."""
    devtools = page.context.new_cdp_session(page)
    page.set_viewport_size({"width": WIDE // 2, "height": 800})
    usual, doubled = ({"standard": size, "fixed": size - 3} for size in (16, 32))
    devtools.send("Page.setFontSizes", {"fontSizes": doubled})
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert size == 32
    found = {
        "too wide with big text": page.evaluate(_TOO_WIDE),
        "cut off with big text": page.evaluate(_CUT_OFF),
    }
    _take_picture(page, f"{state}-big-text")
    devtools.send("Page.setFontSizes", {"fontSizes": usual})
    devtools.detach()
    return found


def _take_picture(page: Page, name: str) -> None:
    if _PICTURES:
        path = Path(_PICTURES) / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
        page.screenshot(path=path, full_page=True)
