"""What a screen reader says of a page, as `@guidepup/virtual-screen-reader` works it out.

It is no real screen reader: it follows the specifications, in the browser's own page, so that what
is heard can be read as a list. Real ones differ in their words.
"""

from __future__ import annotations

import re
import subprocess
from functools import cache

from playwright.sync_api import Page

from tests.databases import ROOT

_ENTRY = "import { virtual } from '@guidepup/virtual-screen-reader'; window.virtual = virtual"
_MOST = 400
"""Phrases of one page at most."""

_READ = """async ([from, most]) => {
  const container = document.querySelector(from)
  await virtual.start({ container })
  const first = await virtual.lastSpokenPhrase()
  for (let count = 0; count < most; count += 1) {
    await virtual.next()
    if (await virtual.lastSpokenPhrase() === first) break
  }
  const said = await virtual.spokenPhraseLog()
  await virtual.stop()
  return said
}"""


# What stands around words in its log and says nothing to somebody who listens to them.
_AROUND = re.compile(
    r"end\b.*|paragraph|strong|time|term|definition|listitem.*|list|form|group|main|status|\."
)


def transcript(page: Page, where: str = "main") -> list[str]:
    """All that is said from the beginning of `where` (a selector) to its end, phrase by phrase;
    where lists and paragraphs begin and end is left out."""
    page.evaluate(_bundle())
    said: list[str] = page.evaluate(_READ, [where, _MOST])
    return [_plain(phrase) for phrase in said if not _AROUND.fullmatch(phrase)]


def begin_to_listen(page: Page) -> None:
    """From now on note what is said without being asked for."""
    page.evaluate(_bundle())
    page.evaluate("virtual.start({ container: document.body })")


def said_by_itself(page: Page) -> list[str]:
    """What was announced since, politely or not."""
    said: list[str] = page.evaluate("virtual.spokenPhraseLog()")
    # That a status was emptied is not said.
    return [each for each in said if re.match(r"(polite|assertive): .", each)]


@cache
def _bundle() -> str:
    """The package as one script, made by the bundler that makes our own."""
    command = [
        str(ROOT / "node_modules/.bin/esbuild"),
        "--bundle",
        "--format=iife",
        '--define:process.env.NODE_ENV="production"',
    ]
    made = subprocess.run(
        command, input=_ENTRY, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return made.stdout


def _plain(phrase: str) -> str:
    """Without what is another one each time: references, hours and days."""
    phrase = re.sub(r"[A-Z]{2}/\d+/\d+", "REFERENCE", phrase)
    phrase = re.sub(r"\w+day \d+ \w+ \d{4}( at \d+:\d\d[ap]m)?", "DAY", phrase)
    return re.sub(r"\d+:\d\d[ap]m", "HOUR", " ".join(phrase.split()))
