"""The people who use the portal, each in a browser of their own. They find things by role and
name, as people do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.profiles import Profile
from tests.browser.programs import until
from tests.browser.running import PASSWORD, OfficerAccount, RunningPortal
from tests.browser.watching import Watch

WAITS_FOR = 10_000
"""Milliseconds for anything to appear: the time within which news has to show."""

Shown = tuple[int, str, str]
"""A message on a page: number, state, text."""

_READ = """items => items.map(item => [
  Number(item.dataset.message), item.dataset.state, item.querySelector('[data-body]').textContent
])"""

_IS_KEPT = """async () => {
  const registration = await navigator.serviceWorker.getRegistration()
  return Boolean(registration?.active) && (await caches.keys()).length === 1
}"""

_SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration.getNotifications()).map(({ title, body, tag }) => [title, body, tag])
}"""

_LISTEN = """() => {
  const status = document.querySelector('[data-announcer]')
  window.spoken = []
  new MutationObserver(() => {
    if (status.textContent) window.spoken.push(status.textContent)
  }).observe(status, { childList: true, characterData: true, subtree: true })
}"""


class Person:
    """Somebody with a browser. `label` and `send` are the names on the place to write."""

    label = ""
    send = ""

    def __init__(self, browser: Browser | Profile, portal: RunningPortal, **options: Any) -> None:
        self.portal = portal
        self.has_scripts: bool = options.get("java_script_enabled", True)
        settings = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB", **options}
        self.context = browser.new_context(base_url=portal.url, **settings)
        self.context.set_default_timeout(WAITS_FOR)
        self.watch = Watch(self.context, portal.url)
        self.page = self.context.new_page()

    def leaves(self) -> None:
        """Close the browser, with nothing wrong and nothing left behind."""
        self.watch.check()
        self.context.close()

    def opens(self, url: str) -> None:
        self.page.goto(url)

    def opens_another_tab(self, url: str) -> Page:
        """The person's second tab becomes `page`; the first is given back."""
        first, self.page = self.page, self.context.new_page()
        self.page.goto(url)
        return first

    def signs_out(self) -> None:
        self.button("Sign out").click()
        expect(self.heading("You are signed out")).to_be_visible()

    def signs_out_in_another_tab(self) -> None:
        """And comes back to the first one, which finds out when it asks for news."""
        first = self.opens_another_tab(self.page.url)
        self.signs_out()
        self.page.close()
        self.page = first
        with self.watch.off_line():
            # Back on the line, a page asks at once.
            pass
        expect(self.button("Sign in again")).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, level=1)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    @property
    def exit(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("Exit this page"))

    @property
    def summary(self) -> Locator:
        """The summary of what is wrong with a form."""
        return self.page.locator(".govuk-error-summary")

    @property
    def text(self) -> Locator:
        """The place to write in."""
        return self.field(self.label)

    @property
    def send_button(self) -> Locator:
        return self.button(self.send)

    def sends(self, text: str) -> None:
        self.text.fill(text)
        self.send_button.click()

    def sends_by_the_dozen(self, texts: list[str]) -> None:
        """As fast as the server takes them; the page is loaded again afterwards."""
        form = self.page.locator("#composer")
        token = form.locator("[name=csrf_token]").input_value()
        action = form.get_attribute("action") or ""
        for number, text in enumerate(texts):
            told: dict[str, str | float | bool] = {
                "csrf_token": token,
                "text": text,
                "client_id": f"{number}-of-many",
            }
            # A form that is posted says where from; the portal asks.
            headers = {"Referer": self.page.url}
            answer = self.page.request.post(action, form=told, headers=headers, max_redirects=0)
            assert answer.status == 303
        self.page.reload()

    @property
    def messages(self) -> list[Shown]:
        found = self.page.locator("[data-message]").evaluate_all(_READ)
        return [(number, state, text) for number, state, text in found]

    def message(self, text: str, state: str | None = None) -> Locator:
        """The message with exactly this text, if wished in this state."""
        wanted = self.page.locator(f"[data-message]{f'[data-state={state}]' if state else ''}")
        body = re.compile(f"^{re.escape(text)}$")
        return wanted.filter(has=self.page.locator("[data-body]", has_text=body))

    def keeps_offline_page(self) -> None:
        """Waits until the browser keeps the page that shows without a connection."""
        until(lambda: self.page.evaluate(_IS_KEPT), "the page that is kept")

    @property
    def announcer(self) -> Locator:
        return self.page.locator("[data-announcer]")

    def listens(self) -> None:
        """From now on notes what a screen reader says by itself."""
        self.page.evaluate(_LISTEN)

    @property
    def heard(self) -> list[str]:
        said: list[str] = self.page.evaluate("window.spoken")
        return said


class VictimInBrowser(Person):
    """A victim; `case` is as the case system knows it."""

    label = "Your message"
    send = "Send message"

    @property
    def name(self) -> str:
        return f"{self.case['victim']['givenName']} {self.case['victim']['familyName']}"

    def is_asked_who_they_are(self, case: Mapping[str, Any]) -> None:
        """Opens the link in the invitation."""
        self.case = case
        self.opens(self.portal.invitation_link(case))
        expect(self.heading("Check that this is for you")).to_be_visible()

    def answers(self, reference: str | None = None) -> None:
        year, month, day = self.case["victim"]["dateOfBirth"].split("-")
        self.field("Crime reference number").fill(reference or self.case["reference"])
        for name, value in (("Day", day), ("Month", month), ("Year", year)):
            self.field(name).fill(value)
        self.button("Continue").click()

    def joins(self, case: Mapping[str, Any]) -> None:
        """From the invitation to the case page, without asking to be told of news."""
        self.is_asked_who_they_are(case)
        self.answers()
        expect(self.heading("Using this safely")).to_be_visible()
        self.button("Continue to your case").click()
        expect(self.heading("Your case")).to_be_visible()

    def is_woken(self) -> None:
        """As a push service wakes a device; the service worker is there already."""
        self.context.grant_permissions(["notifications"], origin=self.portal.url)
        devtools = self.context.new_cdp_session(self.page)
        alive: dict[str, bool] = {}
        devtools.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda told: alive.update(
                {each["registrationId"]: not each["isDeleted"] for each in told["registrations"]}
            ),
        )
        devtools.send("ServiceWorker.enable")
        # Looking at the page lets what the browser says of itself arrive.
        until(lambda: self.page.title() and any(alive.values()), "the registration to be told")
        # Of an earlier visit's, too, it may still tell.
        for registration in [each for each, is_alive in alive.items() if is_alive]:
            woken = {"origin": self.portal.url, "registrationId": registration, "data": ""}
            devtools.send("ServiceWorker.deliverPushMessage", woken)
        until(lambda: self.is_shown, "the notification to show")
        devtools.detach()

    @property
    def is_shown(self) -> list[list[str]]:
        """The notifications of this site: title, words, tag."""
        shown: list[list[str]] = self.page.evaluate(_SHOWN)
        return shown

    def asks_for_a_code(self) -> str:
        """From the page "Sign in" to the next one; the code that was sent."""
        address = self.case["victim"]["email"]
        before = len(self.portal.letters(address, "sign-in-code"))
        self.field("Email address or mobile number").fill(address)
        self.button("Continue").click()
        expect(self.heading("Enter your security code")).to_be_visible()
        return self.portal.wait_for_letter(address, "sign-in-code", after=before)

    def signs_in(self) -> None:
        letter = self.asks_for_a_code()
        self.field("Security code").fill("".join(filter(str.isdigit, letter)))
        self.button("Sign in").click()
        expect(self.heading("Your case")).to_be_visible()


class OfficerInBrowser(Person):
    """An officer, usually at a desk."""

    label = "Your reply"
    send = "Send reply"

    def __init__(self, browser: Browser | Profile, portal: RunningPortal, **options: Any) -> None:
        super().__init__(browser, portal, **{"viewport": {"width": 1280, "height": 900}, **options})

    def gives_password(self, account: OfficerAccount) -> None:
        self.opens("/officer/sign-in")
        self.field("Email address").fill(account.email)
        self.field("Password").fill(PASSWORD)
        self.button("Sign in").click()
        expect(self.heading("Enter your authenticator code")).to_be_visible()

    def signs_in(self, account: OfficerAccount) -> None:
        self.gives_password(account)
        self.field("Authenticator code").fill(account.code())
        self.button("Sign in").click()
        expect(self.heading("Inbox")).to_be_visible()

    def opens_case(self, case: Mapping[str, Any]) -> None:
        """From the inbox, by the link with the victim's name and the reference."""
        victim = case["victim"]
        name = f"{victim['givenName']} {victim['familyName']}, {case['reference']}"
        self.opens("/officer/inbox")
        # The case comes with the worker's next look at the case system.
        while not self.link(name).count():
            self.page.reload()
        self.link(name).click()
        expect(self.heading(f"Case {case['reference']}")).to_be_visible()

    def invites(self, case: Mapping[str, Any]) -> None:
        self.opens_case(case)
        self.button("Invite to this service").click()
        expect(self.page.get_by_text("Invited, and not answered yet.")).to_be_visible()
