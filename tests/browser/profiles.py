"""A browser with a profile on disk, as people have it, and a search for what it wrote there."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import brotli
from playwright.sync_api import BrowserContext, BrowserType, Error

from tests.browser.programs import until
from tests.servers import CHROMIUM_FLAGS, CHROMIUM_NAMES, program

WRITTEN_DOWN_WITHIN = 5.0
"""Seconds. Chromium notes what is typed after about 1 s and writes its session 2.5 s later."""

# What Playwright switches off and people's browsers have.
_SWITCHED_ON_AGAIN = [
    "--disable-back-forward-cache",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--enable-automation",
]

# A file of Chromium's "simple" cache: this number, 16 bytes more with the key's length, the key,
# and then the body as it came over the line.
_CACHE_ENTRY = bytes.fromhex("305c72a71b6dfbfc")
_CACHE_HEADER = 24
_GZIP = b"\x1f\x8b\x08"


class Profile:
    """A browser of one person, to be given to them in place of a `Browser`."""

    def __init__(self, browser_type: BrowserType, folder: Path) -> None:
        self._browser_type = browser_type
        self.folder = folder

    def new_context(self, **settings: Any) -> BrowserContext:
        """Start the browser; it ends with its context."""
        return self._start((), settings)

    def restore(self, **settings: Any) -> BrowserContext:
        """Start it again with the tabs that were open, as after a crash or by the setting "continue
        where you left off"."""
        return self._start(("--restore-last-session",), settings)

    def _start(self, flags: tuple[str, ...], settings: Mapping[str, Any]) -> BrowserContext:
        return self._browser_type.launch_persistent_context(
            self.folder,
            executable_path=program(*CHROMIUM_NAMES),
            args=[*CHROMIUM_FLAGS, *flags],
            ignore_default_args=_SWITCHED_ON_AGAIN,
            **settings,
        )

    def kill(self, context: BrowserContext) -> None:
        """As when the battery is empty."""
        [process] = self._processes()
        os.kill(process, signal.SIGKILL)
        until(lambda: not self._processes(), "the browser's end")
        with suppress(Error):
            context.close()

    def _processes(self) -> list[int]:
        """The browser's main process. (Its others name what they are for.)"""
        mine = f"--user-data-dir={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
                if mine in arguments and not any(each.startswith(b"--type") for each in arguments):
                    found.append(int(entry.name))
        return found

    def history(self) -> list[tuple[str, str]]:
        """Addresses and titles; the browser must have ended in good order."""
        with closing(sqlite3.connect(self.folder / "Default" / "History")) as database:
            return list(database.execute("SELECT url, title FROM urls ORDER BY url"))

    def search(self, words: Mapping[str, str]) -> dict[str, set[str]]:
        """Which of these stand in any file, under their names: the files' names. However written:
        in capitals or not, UTF-8 or UTF-16, plain or compressed as it came."""
        wanted = {
            name: [word.lower().encode(coding) for coding in ("utf-8", "utf-16-le")]
            for name, word in words.items()
        }
        found: dict[str, set[str]] = {}
        for path in (each for each in self.folder.rglob("*") if each.is_file()):
            for content in _readings(path.read_bytes()):
                for name, spellings in wanted.items():
                    if any(spelling in content for spelling in spellings):
                        place = path.relative_to(self.folder).as_posix()
                        found.setdefault(name, set()).add(place)
        return found

    def places(self) -> set[str]:
        """Every file that `search` reads."""
        files = (each for each in self.folder.rglob("*") if each.is_file())
        return {each.relative_to(self.folder).as_posix() for each in files}


class InstalledSite(Profile):
    """A browser that was opened by a site's icon on the home screen: one window, without a bar."""

    def __init__(self, browser_type: BrowserType, folder: Path, url: str) -> None:
        super().__init__(browser_type, folder)
        self._url = url

    def new_context(self, **settings: Any) -> BrowserContext:
        return self._start((f"--app={self._url}",), settings)


def let_it_write() -> None:
    """Wait until the browser has written down what it is going to."""
    time.sleep(WRITTEN_DOWN_WITHIN)


def _readings(raw: bytes) -> Iterator[bytes]:
    """A file's bytes, and what is compressed in them, all in small letters."""
    yield raw.lower()
    if raw.startswith(_CACHE_ENTRY):
        key_length = int.from_bytes(raw[12:16], "little")
        yield _unbrotlied(raw[_CACHE_HEADER + key_length :]).lower()
    start = raw.find(_GZIP)
    while start >= 0:
        yield _gunzipped(raw[start:]).lower()
        start = raw.find(_GZIP, start + 1)


def _unbrotlied(raw: bytes) -> bytes:
    """What can be had of it: other things follow the body."""
    reader, found = brotli.Decompressor(), b""
    with suppress(brotli.error):
        for byte in raw:
            found += reader.process(bytes([byte]))
    return found


def _gunzipped(raw: bytes) -> bytes:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return reader.decompress(raw)
    except zlib.error:
        return b""
