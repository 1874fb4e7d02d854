"""`SECRET_KEY` changes without signing anybody out."""

from __future__ import annotations

from tests.portal import Joined, Portal, open_portal

OLD, NEW = "old-" * 10, "new-" * 10


def opened(portal: Portal, secret_key: str) -> Portal:
    url = portal.database.engine.url.render_as_string(hide_password=False)
    portal.database.engine.dispose()
    again = open_portal(url, SECRET_KEY=secret_key)
    again.systems.update(portal.systems)
    return again


def page_of(portal: Portal, joined: Joined) -> tuple[int, str]:
    """What the victim's browser gets from this portal, with the cookie that it has."""
    cookie = joined.visitor.get_cookie("session")
    assert cookie is not None
    someone = portal.visitor()
    someone.set_cookie("session", cookie.value, domain="localhost")
    answer = someone.get(joined.url)
    portal.database.engine.dispose()
    return answer.status_code, answer.headers.get("Location", "")


def test_a_new_secret_key_in_front_signs_nobody_out(migrated_url: str) -> None:
    portal = open_portal(migrated_url, SECRET_KEY=OLD)
    portal.add_force()
    joined = portal.join()

    assert page_of(opened(portal, f"{NEW},{OLD}"), joined)[0] == 200


def test_a_form_that_was_open_before_the_change_is_taken_after_it(migrated_url: str) -> None:
    portal = open_portal(migrated_url, SECRET_KEY=OLD)
    portal.add_force()
    joined = portal.join()
    form = joined.visitor.see(joined.url).form("Send message")
    cookie = joined.visitor.get_cookie("session")
    assert cookie is not None

    after = opened(portal, f"{NEW},{OLD}")
    someone = after.visitor()
    someone.set_cookie("session", cookie.value, domain="localhost")
    page = someone.send(form, text="Written before, sent after.")
    after.database.engine.dispose()

    assert "Written before, sent after." in page.words


def test_without_the_old_secret_key_everybody_signs_in_again(migrated_url: str) -> None:
    portal = open_portal(migrated_url, SECRET_KEY=OLD)
    portal.add_force()
    joined = portal.join()

    status, location = page_of(opened(portal, NEW), joined)

    assert (status, location.split("?")[0]) == (303, "/sign-in")
