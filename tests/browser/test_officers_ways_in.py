"""Passkeys, the force's own provider, and what officers change of their sign-in, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import CDPSession, expect

from app import clock
from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser
from tests.browser.running import PASSWORD, TOKEN_ENV, OfficerAccount, RunningPortal
from tests.factories.facts import force_toml
from tests.openid.running import SECRET, SECRET_ENV, running_provider
from tests.ports import free_port

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def by_name(running_portal: RunningPortal) -> Iterator[str]:
    """The portal's address with a name in it."""
    with running_portal.web_by_name(free_port()) as url:
        yield url


def gives_password(officer: OfficerInBrowser, url: str, account: OfficerAccount) -> None:
    officer.opens(f"{url}/officer/sign-in")
    officer.field("Email address").fill(account.email)
    officer.field("Password").fill(PASSWORD)
    officer.button("Sign in").click()
    expect(officer.heading("Enter your authenticator code")).to_be_visible()


def signs_in(officer: OfficerInBrowser, url: str, account: OfficerAccount) -> None:
    gives_password(officer, url, account)
    officer.field("Authenticator code").fill(account.code())
    officer.button("Sign in").click()
    expect(officer.heading("Inbox")).to_be_visible()


def gets_authenticator(officer: OfficerInBrowser) -> tuple[CDPSession, str]:
    """A device that keeps passkeys."""
    devtools = officer.context.new_cdp_session(officer.page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return devtools, added["authenticatorId"]


def makes_passkey(officer: OfficerInBrowser, url: str) -> None:
    officer.opens(f"{url}/officer/account/passkeys")
    officer.field("Name of the passkey").fill("Desk <b>one</b>")
    officer.field("Your password").fill(PASSWORD)
    officer.button("Continue").click()
    expect(officer.heading("Make the passkey")).to_be_visible()
    officer.button("Make the passkey").click()
    expect(officer.page.get_by_text("The passkey is added.")).to_be_visible()
    expect(officer.page.get_by_text("Desk <b>one</b>").first).to_be_visible()


def signs_out(officer: OfficerInBrowser) -> None:
    officer.button("Sign out").click()
    expect(officer.heading("Sign in as an officer")).to_be_visible()


def test_a_passkey_signs_in_alone_and_in_place_of_the_code(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    account = running_portal.add_officer()
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(422)
    gets_authenticator(officer)
    signs_in(officer, by_name, account)
    makes_passkey(officer, by_name)
    signs_out(officer)

    # By keyboard alone.
    officer.button("Use a passkey").focus()
    officer.page.keyboard.press("Enter")
    expect(officer.heading("Inbox")).to_be_visible()
    signs_out(officer)

    gives_password(officer, by_name, account)
    officer.button("Use a passkey").click()
    expect(officer.heading("Inbox")).to_be_visible()

    officer.opens(f"{by_name}/officer/account/passkeys")
    officer.page.get_by_role("button", name="Remove").click()
    expect(officer.page.get_by_text("The passkey is removed.")).to_be_visible()
    signs_out(officer)
    officer.button("Use a passkey").click()
    expect(officer.summary).to_contain_text("That passkey was not accepted")


def test_a_passkey_of_another_officer_is_no_second_step(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    mine, other = running_portal.add_officer(), running_portal.add_officer()
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(422)
    devtools, device = gets_authenticator(officer)
    for account in (mine, other):
        # The device keeps the last one only, so that it has no choice.
        devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
        signs_in(officer, by_name, account)
        makes_passkey(officer, by_name)
        signs_out(officer)
    gives_password(officer, by_name, mine)
    # As if the browser had offered the other one's.
    officer.page.locator("[data-options]").evaluate(
        "form => { const asked = JSON.parse(form.dataset.options); asked.allowCredentials = [];"
        " form.dataset.options = JSON.stringify(asked) }"
    )
    officer.button("Use a passkey").click()

    expect(officer.summary).to_contain_text("That passkey was not accepted")


def test_an_answer_that_was_copied_does_not_count_again(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    gets_authenticator(officer)
    signs_in(officer, by_name, running_portal.add_officer())
    makes_passkey(officer, by_name)
    signs_out(officer)
    cookies = officer.context.cookies()
    with officer.page.expect_request("**/officer/sign-in/passkey") as sent:
        officer.button("Use a passkey").click()
    expect(officer.heading("Inbox")).to_be_visible()

    thief: OfficerInBrowser = people.officer(running_portal)
    for each in cookies:
        thief.context.add_cookies([{"name": each["name"], "value": each["value"], "url": by_name}])
    answer = thief.page.request.post(
        f"{by_name}/officer/sign-in/passkey",
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"{by_name}/officer/sign-in",
        },
        data=sent.value.post_data or "",
    )
    assert answer.url.endswith("/officer/sign-in")
    thief.opens(f"{by_name}/officer/inbox")
    expect(thief.heading("Sign in as an officer")).to_be_visible()


def test_a_passkey_whose_count_goes_back_was_copied(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(422)
    devtools, device = gets_authenticator(officer)
    signs_in(officer, by_name, running_portal.add_officer())
    makes_passkey(officer, by_name)
    [early] = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    for _number in range(2):
        signs_out(officer)
        officer.button("Use a passkey").click()
        expect(officer.heading("Inbox")).to_be_visible()
    signs_out(officer)
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    devtools.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": early})
    officer.button("Use a passkey").click()

    expect(officer.summary).to_contain_text("That passkey was not accepted")


def test_without_a_passkey_the_page_says_so_and_without_scripts_offers_none(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    devtools, device = gets_authenticator(officer)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    officer.opens(f"{by_name}/officer/sign-in")
    officer.button("Use a passkey").click()
    expect(officer.page.get_by_role("alert")).to_contain_text("No passkey was used.")
    check_accessibility(officer.page, "passkey not used")

    plain: OfficerInBrowser = people.officer(running_portal, java_script_enabled=False)
    plain.opens(f"{by_name}/officer/sign-in")
    expect(plain.button("Use a passkey")).to_have_count(0)
    signs_in(plain, by_name, running_portal.add_officer())


def test_passkey_pages_are_accessible(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(422)
    signs_in(officer, by_name, running_portal.add_officer())
    officer.opens(f"{by_name}/officer/account")
    check_accessibility(officer.page, "own sign-in")
    officer.link("Add or remove passkeys").click()
    officer.button("Continue").click()
    expect(officer.summary).to_be_focused()
    check_accessibility(officer.page, "passkeys error")


def test_lists_of_passkeys_are_accessible(
    people: People, running_portal: RunningPortal, by_name: str
) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    gets_authenticator(officer)
    signs_in(officer, by_name, running_portal.add_officer())
    makes_passkey(officer, by_name)
    check_accessibility(officer.page, "passkeys")
    officer.field("Name of the passkey").fill("Two")
    officer.field("Your password").fill(PASSWORD)
    officer.button("Continue").click()
    expect(officer.heading("Make the passkey")).to_be_visible()
    check_accessibility(officer.page, "passkey new")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_officers_look_after_their_own_sign_in(
    people: People, running_portal: RunningPortal, scripts: bool
) -> None:
    account = running_portal.add_officer()
    officer: OfficerInBrowser = people.officer(running_portal, java_script_enabled=scripts)
    officer.watch.expect(422)
    check = check_accessibility if scripts else (lambda _page, _state: None)
    officer.signs_in(account)
    officer.link("Your sign-in").click()

    officer.link("Change your password").click()
    check(officer.page, "own password")
    officer.button("Change password").click()
    expect(officer.summary).to_be_visible()
    check(officer.page, "own password error")
    officer.field("Old password").fill(PASSWORD)
    officer.field("New password").fill("four unrelated harbour words")
    officer.field("New password again").fill("four unrelated harbour words")
    officer.button("Change password").click()
    expect(officer.page.get_by_text("Your password is changed.")).to_be_visible()

    officer.link("Set up a new authenticator").click()
    check(officer.page, "own authenticator")
    officer.field("Your password").fill("four unrelated harbour words")
    officer.button("Continue").click()
    picture = officer.page.get_by_role("img")
    expect(picture).to_be_visible()
    if scripts:
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 100
    check(officer.page, "new authenticator")
    secret = (officer.page.locator(".app-key").text_content() or "").replace(" ", "")
    officer.field("Code from the new authenticator").fill("000000")
    officer.button("Use this authenticator").click()
    expect(officer.summary).to_be_visible()
    check(officer.page, "new authenticator error")
    code = pyotp.TOTP(secret).at(clock.now())
    officer.field("Code from the new authenticator").fill(code)
    officer.button("Use this authenticator").click()
    expect(officer.page.get_by_text("The new authenticator is in use.")).to_be_visible()

    officer.link("Make new recovery codes").click()
    check(officer.page, "recovery codes")
    officer.field("Your password").fill("four unrelated harbour words")
    officer.button("Make new recovery codes").click()
    expect(officer.heading("Your new recovery codes")).to_be_visible()
    check(officer.page, "new recovery codes")
    [first, *_rest] = officer.page.locator("main li").all_text_contents()
    signs_out(officer)
    officer.field("Email address").fill(account.email)
    officer.field("Password").fill("four unrelated harbour words")
    officer.button("Sign in").click()
    officer.field("Authenticator code").fill(first)
    officer.button("Sign in").click()
    expect(officer.page.get_by_text("Recovery codes you have left: 9")).to_be_visible()
    check(officer.page, "recovery code used")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_officer_signs_in_with_their_force(
    people: People, running_portal: RunningPortal, tmp_path: Path, scripts: bool
) -> None:
    port, slug = free_port(), "eastshire" if scripts else "westshire"
    back = f"http://localhost:{port}/officer/sign-in/callback"
    with (
        running_provider(tmp_path, back) as provider,
        running_portal.web_by_name(port, **{SECRET_ENV: SECRET}) as url,
    ):
        file = tmp_path / "forces.toml"
        file.write_text(
            force_toml(
                slug=slug,
                name="Eastshire Police",
                case_system={"url": running_portal.case_system, "token_env": TOKEN_ENV},
                officer_sign_in=provider.force(collar_claim="collar"),
            )
        )
        running_portal.command("forces", "load", str(file))
        email = f"officer@{slug}.example"
        running_portal.command(
            *("officers", "add", "--force", slug, "--collar", "77", "--email", email)
        )
        provider.set(person={"sub": "somebody-else", "collar": "78"})
        officer: OfficerInBrowser = people.officer(running_portal, java_script_enabled=scripts)
        officer.watch.expect(403)
        officer.opens(f"{url}/officer/sign-in")
        officer.field("Email address").fill(email)
        officer.field("Password").fill("whatever they think it is")
        officer.page.keyboard.press("Enter")
        expect(officer.heading("Sign in with Eastshire Police")).to_be_visible()
        if scripts:
            check_accessibility(officer.page, "officer elsewhere")
        officer.link("Continue").focus()
        officer.page.keyboard.press("Enter")
        expect(officer.heading("You are not signed in")).to_be_visible()
        if scripts:
            check_accessibility(officer.page, "officer refused")

        provider.set(person={"sub": "them", "collar": "77"})
        officer.context.clear_cookies()
        officer.link("Try again with Eastshire Police").click()
        expect(officer.heading("Inbox")).to_be_visible()
