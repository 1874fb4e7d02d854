"""Idle poll, conversation page and send, each beside the least that could answer the same."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

from tests.bench.asking import BY_HTMX, OpenPage, get, open_page, post
from tests.bench.load import Load, put_load
from tests.bench.ratios import Compared, compare
from tests.bench.servers import Place, running, web_and_floor
from tests.bench.talk import words
from tests.bench.town import Town, build
from tests.browser.programs import until
from tests.ports import free_port

LINES = 8
"""Connections: as many as the server has threads."""
SECONDS = 1.5
ROUNDS = 4
SENDS = 120
"""Messages in one turn."""
LONG = 200
"""Characters in every message."""
IN_A_CONVERSATION = 40
"""Messages from one person before the portal's own limit might speak."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A portal and its floors, at their ports, and the people of the town in it."""

    web: int
    floor: int
    town: Town
    pages: list[OpenPage]


@contextmanager
def standing(place: Place, rounds: int = ROUNDS) -> Iterator[Standing]:
    """Everything for so many rounds, on this empty database."""
    needed = LINES * -(-SENDS // LINES * (rounds + 1) // IN_A_CONVERSATION)
    # One more, whom no round touches.
    town = build(place.database, LINES + needed + 1, 20, length=LONG)
    with web_and_floor(place, _page_of(place, town)) as (web, floor):
        yield Standing(web, floor, town, [open_page(place, web, home) for home in town.homes[:-1]])


def compare_requests(
    here: Standing, database: str, rounds: int = ROUNDS, seconds: float = SECONDS
) -> list[Compared]:
    """All of them."""
    told = Turns(database, here, rounds, seconds)
    return [told.poll(), told.page(), told.recorded_page(), told.send()]


def _page_of(place: Place, town: Town) -> dict[str, object]:
    """The page of a conversation as a template with its messages' texts taken out."""
    home = town.homes[0]
    client = place.app.test_client(use_cookies=False)
    answer = client.get(f"/cases/{home.case_id}", headers={"Cookie": place.cookie(home.token)})
    template, texts = answer.get_data(as_text=True), [words(LONG, seed) for seed in range(20)]
    assert not any(mark in template for mark in ("{{", "{%", "{#"))
    for number, text in enumerate(texts):
        assert template.count(text) == 1
        template = template.replace(text, f"{{{{ texts[{number}] }}}}")
    return {"template": template, "texts": texts}


class Turns:
    """Takes turns between the portal and the floor, both at their ports."""

    def __init__(self, database: str, here: Standing, rounds: int, seconds: float) -> None:
        self._database = database
        self._web = here.web
        self._floor = here.floor
        self._rounds = rounds
        self._seconds = seconds
        self._read, self._written = here.pages[:LINES], here.pages[LINES:]

    def poll(self) -> Compared:
        asked = [[page.polls()] for page in self._read]
        least = [
            [get(f"/poll/{page.home.conversation_id}", page.cookie, BY_HTMX)] for page in self._read
        ]
        return self._steadily("idle poll", asked, least, status=204, goal=0.70)

    def page(self) -> Compared:
        asked = [[page.reloads()] for page in self._read]
        least = [[get("/page", page.cookie)] for page in self._read]
        return self._steadily("conversation page", asked, least, status=200, goal=0.60)

    def recorded_page(self) -> Compared:
        """The page again, beside a floor that also writes down that somebody was shown words."""
        asked = [[page.reloads()] for page in self._read]
        least = [[get("/page-recorded", page.cookie)] for page in self._read]
        return self._steadily("page, floor records", asked, least, status=200, goal=0.60)

    def _steadily(
        self,
        name: str,
        asked: list[list[bytes]],
        least: list[list[bytes]],
        status: int,
        goal: float,
    ) -> Compared:
        return compare(
            name,
            self._database,
            lambda: put_load(Load(self._web, asked, status, self._seconds)).rate,
            lambda: put_load(Load(self._floor, least, status, self._seconds)).rate,
            rounds=self._rounds,
            goal=goal,
        )

    def send(self) -> Compared:
        turns = self._sending()
        text = words(LONG, 1)
        body = {"text": text, "client_id": "x" * 36, "csrf_token": "x" * 91, "after": "20"}
        least = [[post("/send", body, "", BY_HTMX)] * (SENDS // LINES) for _ in range(LINES)]
        # The first turn warms up.
        put_load(Load(self._web, next(turns), 200, None))
        put_load(Load(self._floor, least, 200, None))
        return compare(
            "send",
            self._database,
            lambda: put_load(Load(self._web, next(turns), 200, None)).rate,
            lambda: put_load(Load(self._floor, least, 200, None)).rate,
            rounds=self._rounds,
            goal=0.50,
        )

    def _sending(self) -> Iterator[list[list[bytes]]]:
        """For each turn what each connection sends: a person's messages one after the other."""
        shares = [self._written[n::LINES] for n in range(LINES)]
        lines = [_messages(share) for share in shares]
        while True:
            yield [[next(line) for _ in range(SENDS // LINES)] for line in lines]


def _messages(pages: list[OpenPage]) -> Iterator[bytes]:
    numbers = count()
    for page in pages:
        for nth in range(IN_A_CONVERSATION):
            yield page.sends(words(LONG, next(numbers)), nth)


def ceiling(place: Place) -> float:
    """Answers a second that the load's own program can take in, from a server that does nothing."""
    port = free_port()
    with running(f"tests.bench.trivial {port}", {}, place.folder / "trivial.txt"):
        until(partial(_listens, port), "the server that does nothing")
        asked = [[get("/poll", "x" * 200, BY_HTMX)]] * LINES
        return put_load(Load(port, asked, 204, 1.0)).rate


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
