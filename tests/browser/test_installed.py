"""What a phone keeps of the site: a page for when there is no connection, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from app import clock
from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.lines import Fate, line_to
from tests.browser.people import VictimInBrowser
from tests.browser.profiles import InstalledSite
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.databases import ROOT

OFFLINE = "You are not connected to the internet"
_IS_GONE = """async () =>
  !(await navigator.serviceWorker.getRegistration()) && (await caches.keys()).length === 0"""
_KEPT = """async () => {
  const cache = await caches.open((await caches.keys())[0])
  return (await cache.keys()).map(({ url }) => new URL(url).pathname).sort()
}"""
_IS_INSTALLED = "matchMedia('(display-mode: standalone)').matches"


def test_without_a_connection_the_ways_to_call_show_and_the_page_comes_back_by_itself(
    victim: VictimInBrowser,
) -> None:
    victim.keeps_offline_page()
    here = victim.page.url

    with victim.watch.off_line():
        victim.opens(here)
        expect(victim.heading(OFFLINE)).to_be_visible()
        for way in ("999", "101", "55", "18000", "18001 101"):
            expect(victim.page.get_by_text(way).first).to_be_visible()
        assert victim.page.url == here
        for told in (victim.case["reference"], victim.name, "Northshire"):
            assert told not in victim.page.content()
        assert victim.page.evaluate(_KEPT)[0] == "/offline"

    expect(victim.heading("Your case")).to_be_visible()


def test_the_page_that_is_kept_is_accessible(victim: VictimInBrowser) -> None:
    victim.opens("/offline")
    check_accessibility(victim.page, "offline")


def test_who_leaves_in_a_hurry_without_a_connection_sees_nothing_of_this_site(
    victim: VictimInBrowser,
) -> None:
    victim.keeps_offline_page()
    victim.page.reload()
    with victim.watch.off_line():
        victim.exit.click()
        victim.page.wait_for_url("chrome-error://**")
    victim.opens("/")
    until(lambda: victim.page.evaluate(_IS_GONE), "everything to be gone")


def test_a_device_that_is_woken_says_that_there_is_an_update_and_nothing_more(
    victim: VictimInBrowser,
) -> None:
    victim.keeps_offline_page()
    victim.is_woken()
    assert victim.is_shown == [["Keep in touch", "You have an update", "update"]]


def signs_out(victim: VictimInBrowser) -> None:
    victim.signs_out()


def exits(victim: VictimInBrowser) -> None:
    victim.exit.click()
    victim.page.wait_for_url("**/weather")
    victim.opens("/accessibility")


def session_ends(victim: VictimInBrowser) -> None:
    victim.portal.let_sessions_run_out()
    victim.opens("/cases")
    expect(victim.heading("Sign in")).to_be_visible()


def stops_using_it(victim: VictimInBrowser) -> None:
    victim.opens("/preferences/leave")
    victim.page.get_by_role("checkbox").check()
    victim.button("Stop using this service").click()
    expect(victim.heading("You have stopped using this service")).to_be_visible()


WAYS_TO_GO = (signs_out, exits, session_ends, stops_using_it)


@pytest.mark.parametrize("leave", WAYS_TO_GO, ids=lambda each: each.__name__)
def test_what_was_kept_goes_when_the_person_does(
    victim: VictimInBrowser, leave: Callable[[VictimInBrowser], None]
) -> None:
    victim.watch.expect(401)
    victim.keeps_offline_page()

    leave(victim)

    until(lambda: victim.page.evaluate(_IS_GONE), "everything to be gone")
    victim.page.reload()
    victim.page.wait_for_timeout(3500)
    assert victim.page.evaluate(_IS_GONE)


class SlowLine:
    """Holds the answers to some paths until each may pass; `asked` has all that was asked for."""

    def __init__(self, *paths: str) -> None:
        self.asked: list[str] = []
        self.may_pass = {path: Event() for path in paths}

    def decide(self, method: str, address: str) -> Fate:
        path = address.partition("?")[0]
        self.asked.append(path)
        if method == "GET" and path in self.may_pass:
            self.may_pass[path].wait(30)
        return Fate.ARRIVES


@contextmanager
def on_a_slow_line(victim: VictimInBrowser, *paths: str) -> Iterator[SlowLine]:
    """The victim's page has just come over it. (Cookies know no ports.)"""
    with line_to(victim.portal.port) as line:
        slow = SlowLine(*paths)
        line.fates = slow.decide
        victim.opens(f"{line.url}/cases")
        yield slow
        victim.opens(f"{line.url}/accessibility")
        until(lambda: victim.page.evaluate(_IS_GONE), "everything to be gone")


def test_it_does_not_come_where_somebody_left_before_and_the_other_page_is_slow(
    victim: VictimInBrowser,
) -> None:
    victim.watch.expect(401)
    # However long this page takes to come, its three seconds begin with the click.
    victim.page.clock.install()
    victim.page.clock.pause_at(clock.now().timestamp() + 60)
    with on_a_slow_line(victim, "/exit") as line:
        victim.page.clock.resume()
        victim.exit.dispatch_event("click")
        victim.page.wait_for_timeout(4_500)
        line.may_pass["/exit"].set()
        victim.page.wait_for_url("**/weather")
        assert "/exit" in line.asked
        assert "/sw.js" not in line.asked


@pytest.mark.parametrize("first", ["/exit", "/sw.js"])
def test_it_goes_where_it_was_still_on_its_way_when_somebody_left(
    victim: VictimInBrowser, first: str
) -> None:
    # The page goes on asking for news until the other one is there.
    victim.watch.expect(401)
    with on_a_slow_line(victim, "/exit", "/sw.js") as line:
        until(lambda: "/sw.js" in line.asked, "the worker to be asked for")
        victim.exit.click(no_wait_after=True)
        until(lambda: "/exit" in line.asked, "the way out")
        line.may_pass[first].set()
        victim.page.wait_for_timeout(2_000)
        for may_pass in line.may_pass.values():
            may_pass.set()
        victim.page.wait_for_url("**/weather")
        until(lambda: "/offline" in line.asked, "the worker to begin")
        victim.page.wait_for_timeout(1_000)


def test_signing_in_by_typed_code_works_in_the_installed_app_which_keeps_its_page(
    browser: Browser, people: People, running_portal: RunningPortal, tmp_path: Path
) -> None:
    joined: VictimInBrowser = people.victim(running_portal)
    joined.joins(running_portal.case_arrives())
    manifest = joined.page.request.get("/manifest.webmanifest").json()
    start = running_portal.url + manifest["start_url"]
    app = VictimInBrowser(InstalledSite(browser.browser_type, tmp_path, start), running_portal)
    app.case = joined.case
    app.page.close()
    [app.page] = app.context.pages
    assert app.page.evaluate(_IS_INSTALLED)

    expect(app.heading("Sign in")).to_be_visible()
    app.signs_in()
    app.keeps_offline_page()
    app.signs_out()

    app.page.wait_for_timeout(1000)
    assert not app.page.evaluate(_IS_GONE)
    with app.watch.off_line():
        app.opens("/cases")
        expect(app.heading(OFFLINE)).to_be_visible()
    expect(app.heading("Sign in")).to_be_visible()
    app.leaves()


def test_nobody_is_asked_to_install_anything(victim: VictimInBrowser) -> None:
    asked = """() => {
      const event = new Event('beforeinstallprompt', { cancelable: true })
      window.dispatchEvent(event)
      return event.defaultPrevented
    }"""
    assert victim.page.evaluate(asked)


@pytest.fixture
def other_build(tmp_path: Path) -> Path:
    """The same project, built anew: another style sheet, and the old files gone."""
    built = tmp_path / "static" / "build"
    shutil.copytree(ROOT / "static" / "build", built)
    names = (built / "manifest.json").read_text()
    [style] = built.glob("app-*.css")
    for file in built.glob(f"{style.name}*"):
        file.unlink()
    (built / "app-0A1B2C3D.css").write_text("h1 { letter-spacing: 3px }")
    (built / "manifest.json").write_text(names.replace(style.name, "app-0A1B2C3D.css"))
    return tmp_path


def has_other_style(victim: VictimInBrowser) -> bool:
    style = "getComputedStyle(document.querySelector('h1')).letterSpacing"
    return bool(victim.page.evaluate(style) == "3px")


def test_a_new_build_is_shown_at_once_and_kept_whole(
    victim: VictimInBrowser, running_portal: RunningPortal, other_build: Path
) -> None:
    victim.keeps_offline_page()
    with victim.watch.broken_line():
        running_portal.end_web()
        renewed = {"OTHER_PROJECT": os.fspath(other_build)}
        running_portal.start_web("tests.browser.other_build:app", **renewed)

    victim.page.reload()
    assert has_other_style(victim)
    until(lambda: "/static/app-0A1B2C3D.css" in victim.page.evaluate(_KEPT), "the new files")
    with victim.watch.off_line():
        victim.page.reload()
        expect(victim.heading(OFFLINE)).to_be_visible()
        assert has_other_style(victim)

    with victim.watch.broken_line():
        running_portal.end_web()
        running_portal.start_web()
    victim.opens("/cases")
    assert not has_other_style(victim)
