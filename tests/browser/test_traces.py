"""What a visit leaves on the disk of the person's machine: nothing of what was read or typed.

Chromium is started with a profile as people's is, everything is read and typed that a visit has,
the person leaves, and every file of the profile is searched.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.careless import careless_site
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.profiles import Profile, let_it_write
from tests.browser.running import RunningPortal
from tests.databases import ROOT

Leave = Callable[[VictimInBrowser, Profile], None]

TITLES = {
    "Check that this is for you",
    "Using this safely",
    "Your case",
    "Your settings",
    "Quiet hours",
    "Choose an extra word",
    "Sign in",
    "Enter your security code",
    "You are signed out",
    "You are not connected to the internet",
    "This page was open too long",
    "Loading.",
}
NAME = " – Keep in touch"
OPAQUE = {
    "/",
    "/cases",
    "/cases/ID",
    "/exit",
    "/invitation",
    "/invitations/TOKEN",
    "/preferences",
    "/preferences/quiet-hours",
    "/preferences/word",
    "/safety",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/signed-out",
    "/weather",
}


def word() -> str:
    """One that stands nowhere else, so that whoever finds it has found a trace."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))


def exits(victim: VictimInBrowser, _profile: Profile) -> None:
    victim.exit.click()
    victim.page.wait_for_url("**/weather")
    victim.context.close()


def signs_out(victim: VictimInBrowser, _profile: Profile) -> None:
    victim.signs_out()
    victim.context.close()


def battery_dies(victim: VictimInBrowser, profile: Profile) -> None:
    profile.kill(victim.context)


class Visit:
    """A visit with everything in it that is nobody else's business."""

    def __init__(self, portal: RunningPortal, people: People) -> None:
        self.portal = portal
        self.people = people
        self.words = {
            "reference": word(),
            "given name": word(),
            "family name": word(),
            "address": word(),
            "wrong reference": word(),
            "wrong address": word(),
            "wrong code": "".join(secrets.choice("123456789") for _ in range(12)),
            "message": word(),
            "message too long": word(),
            "message from an old page": word(),
            "answer": word(),
            "draft": word(),
            "wrong hour": word(),
            "extra word": word(),
            "officer": "Okafor",
        }
        officer = portal.add_officer()
        self.case = portal.case_arrives(
            officer,
            reference=self.words["reference"],
            victim={
                "givenName": self.words["given name"],
                "familyName": self.words["family name"],
                "email": f"{self.words['address']}@mail.example",
            },
        )
        self.officer: OfficerInBrowser = people.officer(portal)
        self.officer.signs_in(officer)

    def begins(self, victim: VictimInBrowser) -> None:
        """From the invitation to a half-written message."""
        self._joins(victim)
        self._writes(victim)
        self._signs_in_anew(victim)
        self._sends_from_an_old_page(victim)
        self._chooses_how_to_be_told(victim)
        if victim.has_scripts:
            self._loses_the_line(victim)
            victim.is_woken()
        victim.text.fill(self.words["draft"])

    def _joins(self, victim: VictimInBrowser) -> None:
        victim.is_asked_who_they_are(self.case)
        victim.answers(self.words["wrong reference"])
        expect(victim.summary).to_be_visible()
        expect(victim.field("Crime reference number")).to_have_value(self.words["wrong reference"])
        victim.answers()
        victim.button("Continue to your case").click()
        expect(victim.heading("Your case")).to_be_visible()

    def _writes(self, victim: VictimInBrowser) -> None:
        victim.sends(self.words["message too long"] + "x" * 5000)
        expect(victim.summary).to_be_visible()
        victim.sends(self.words["message"])
        expect(victim.message(self.words["message"])).to_be_visible()
        self.officer.opens_case(self.case)
        self.officer.sends(self.words["answer"])
        expect(self.officer.message(self.words["answer"])).to_be_visible()
        victim.page.reload()
        expect(victim.message(self.words["answer"])).to_be_visible()

    def _signs_in_anew(self, victim: VictimInBrowser) -> None:
        victim.signs_out()
        victim.opens("/sign-in")
        victim.field("Email address or mobile number").fill(self.words["wrong address"])
        victim.button("Continue").click()
        expect(victim.summary).to_be_visible()
        letter = victim.asks_for_a_code()
        code = self.words["code"] = "".join(filter(str.isdigit, letter))
        victim.field("Security code").fill(self.words["wrong code"])
        victim.button("Sign in").click()
        expect(victim.summary).to_be_visible()
        victim.field("Security code").fill(code)
        victim.button("Sign in").click()
        expect(victim.heading("Your case")).to_be_visible()

    def _sends_from_an_old_page(self, victim: VictimInBrowser) -> None:
        first = victim.opens_another_tab("/cases")
        victim.signs_out()
        victim.link("Sign in again").click()
        victim.signs_in()
        victim.page.close()
        victim.page = first
        victim.sends(self.words["message from an old page"])
        expect(victim.summary).to_be_visible()

    def _chooses_how_to_be_told(self, victim: VictimInBrowser) -> None:
        victim.opens("/preferences/quiet-hours")
        victim.field("From").fill(self.words["wrong hour"])
        victim.field("Until").fill("7am")
        victim.button("Save").click()
        expect(victim.summary).to_be_visible()
        victim.field("From").fill("10pm")
        victim.button("Save").click()
        expect(
            victim.page.get_by_text("Your quiet hours are from 10:00pm to 7:00am.")
        ).to_be_visible()
        victim.link("Choose an extra word").click()
        victim.field("Your extra word").fill(self.words["extra word"])
        victim.button("Save this word").click()
        expect(victim.heading("Your settings")).to_be_visible()
        victim.opens("/cases")

    def _loses_the_line(self, victim: VictimInBrowser) -> None:
        """And is shown what the browser keeps for then."""
        victim.keeps_offline_page()
        with victim.watch.off_line():
            victim.page.reload()
            expect(victim.heading("You are not connected to the internet")).to_be_visible()
        expect(victim.heading("Your case")).to_be_visible()


@pytest.mark.parametrize("leave", [exits, signs_out, battery_dies], ids=lambda each: each.__name__)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_visit_leaves_nothing_on_the_disk(
    browser: Browser,
    people: People,
    running_portal: RunningPortal,
    tmp_path: Path,
    scripts: bool,
    leave: Leave,
) -> None:
    profile = Profile(browser.browser_type, tmp_path / "profile")
    visit = Visit(running_portal, people)
    victim = VictimInBrowser(profile, running_portal, java_script_enabled=scripts)
    victim.watch.expect(400, 422)
    visit.begins(victim)
    let_it_write()
    assert any("/Service Worker/CacheStorage/" in place for place in profile.places()) is scripts
    assert profile.search(visit.words) == {}

    leave(victim, profile)

    note(profile, visit.words, f"{leave.__name__}, {'with scripts' if scripts else 'without'}")
    assert profile.search(visit.words) == {}
    if leave is not battery_dies:
        only_neutral_pages_stand_in(profile.history())
        restored = profile.restore(java_script_enabled=scripts)
        nothing_private_is_shown(restored, visit.words)
        restored.close()
    assert profile.search(visit.words) == {}


def only_neutral_pages_stand_in(history: list[tuple[str, str]]) -> None:
    assert history
    for url, title in history:
        assert title in {"", "Weather"} or title.removesuffix(NAME) in TITLES, (url, title)
        assert neutral(urlsplit(url).path) in OPAQUE, url


def neutral(path: str) -> str:
    """The path with its opaque part named."""
    parts = path.split("/")
    if parts[1] in {"cases", "invitations"} and len(parts) == 3:
        return f"/{parts[1]}/{'ID' if parts[1] == 'cases' else 'TOKEN'}"
    return path


def nothing_private_is_shown(restored: BrowserContext, words: Mapping[str, str]) -> None:
    """In any tab, nor behind it."""
    opened = [page for page in restored.pages if page.url != "about:blank"]
    assert opened, "no tab came back"
    for page in opened:
        for _ in range(12):
            shows_none_of(page, words)
            if page.go_back() is None:
                break


def shows_none_of(page: Page, words: Mapping[str, str]) -> None:
    content = page.content()
    fields = page.locator("input, textarea").evaluate_all("all => all.map(each => each.value)")
    shown = [name for name, each in words.items() if each in content or each in "\n".join(fields)]
    assert not shown, (page.url, shown)


def note(profile: Profile, words: Mapping[str, str], how: str) -> None:
    """Beside the other ways to leave, for whoever wants to know: `var/traces.txt`."""
    hits = [place for places in profile.search(words).values() for place in places]
    told: dict[str, list[int]] = {}
    for place in profile.places():
        group = told.setdefault(where(place), [0, 0])
        group[0] += 1
        group[1] += hits.count(place)
    file = ROOT / "var" / "traces.json"
    file.parent.mkdir(exist_ok=True)
    known = json.loads(file.read_text()) if file.exists() else {}
    known[how] = told
    file.write_text(json.dumps(known))
    table = as_table(known)
    file.with_suffix(".txt").write_text(table)
    print("\n" + table)


def where(place: str) -> str:
    """A database with its journal, or a folder with all that is in it."""
    folder = "/".join(place.split("/")[:2])
    if "/.org.chromium." in folder:
        return "half-written files"
    return folder.removesuffix("-journal").removesuffix("-wal")


def as_table(known: Mapping[str, Mapping[str, list[int]]]) -> str:
    """A line for each place, a column for each way to leave: hits, of files searched."""
    ways = sorted(known)
    lines = ["| place | " + " | ".join(ways) + " |", "| --- |" + " --- |" * len(ways)]
    for place in sorted({place for told in known.values() for place in told}):
        found = [known[way].get(place, [0, 0]) for way in ways]
        cells = [f"{hits} in {files}" for files, hits in found]
        lines.append(f"| {place} | " + " | ".join(cells) + " |")
    sums = [[sum(each) for each in zip(*known[way].values(), strict=True)] for way in ways]
    lines.append("| all | " + " | ".join(f"{hits} in {files}" for files, hits in sums) + " |")
    return "\n".join(lines) + "\n"


def test_the_search_finds_what_a_careless_site_leaves(browser: Browser, tmp_path: Path) -> None:
    planted = {
        name: word()
        for name in (
            *("title", "storage", "plain", "gzip", "br"),
            *("name", "draft", "sent", "sent although shut"),
        )
    }
    profile = Profile(browser.browser_type, tmp_path / "profile")
    with careless_site(planted) as site:
        context = profile.new_context()
        page = context.new_page()
        for path in ("/plain", "/gzip", "/br"):
            page.goto(site + path)
        page.get_by_label("Name").fill(planted["name"])
        page.get_by_label("Draft").fill(planted["sent"])
        page.get_by_label("Shut").fill(planted["sent although shut"])
        page.get_by_role("button").click()
        page.wait_for_url(f"{site}/")
        second = context.new_page()
        second.goto(f"{site}/plain")
        second.get_by_label("Draft").fill(planted["draft"])
        let_it_write()
        profile.kill(context)
        killed = profile.search(planted)
        context = profile.new_context()
        context.new_page().goto(f"{site}/plain")
        context.close()

    assert set(killed) == set(planted)
    for name in ("draft", "sent", "sent although shut"):
        assert any("Sessions" in place for place in killed[name]), name
    for name in ("plain", "gzip", "br"):
        assert any("Cache" in place for place in killed[name]), name
    assert any("Local Storage" in place for place in killed["storage"])
    assert "Default/Web Data" in killed["name"]
    assert "Default/History" in profile.search(planted)["title"]
    assert (f"{site}/plain", planted["title"]) in profile.history()
