"""Pages that anybody may read: no cookie, no form, nothing about a case."""

from __future__ import annotations

from flask import Response, current_app

from app.portal import blueprint
from app.web import pages
from app.web.access import Audience, open_to


@blueprint.get("/")
@open_to(Audience.EVERYBODY)
def start() -> Response:
    return pages.render("portal/start.html")


@blueprint.get("/other-ways-to-contact-us")
@open_to(Audience.EVERYBODY)
def other_ways() -> Response:
    return pages.render("portal/other_ways.html")


@blueprint.get("/accessibility")
@open_to(Audience.EVERYBODY)
def accessibility() -> Response:
    return pages.render("portal/accessibility.html")


@blueprint.get("/privacy")
@open_to(Audience.EVERYBODY)
def privacy() -> Response:
    return pages.render("portal/privacy.html")


@blueprint.get("/cookies")
@open_to(Audience.EVERYBODY)
def cookies() -> Response:
    return pages.render(
        "portal/cookies.html",
        session_cookie=current_app.config["SESSION_COOKIE_NAME"],
        device_cookie=current_app.config["DEVICE_COOKIE_NAME"],
    )


@blueprint.get("/your-rights")
@open_to(Audience.EVERYBODY)
def your_rights() -> Response:
    return pages.render("portal/your_rights.html")


@blueprint.get("/invitation/help")
@open_to(Audience.EVERYBODY)
def invitation_help() -> Response:
    """For somebody who lacks what an invitation asks for. Whether there is one it does not say."""
    return pages.render("portal/invitation_help.html")
