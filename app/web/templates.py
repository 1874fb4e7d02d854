"""The template environment: strict about names, and about what may be written as HTML."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _
from govuk_frontend_wtf.main import WTFormsHelpers
from htmx_flask import Htmx
from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
)

from app import clock
from app.web import pages, times
from app.web.assets import PROJECT

GOVUK_TEMPLATES = ("govuk_frontend_jinja", "govuk_frontend_wtf")


def init_app(app: Flask) -> None:
    """Set up Jinja, the GOV.UK components and htmx."""
    Htmx(app)
    environment = app.jinja_env
    environment.loader = ChoiceLoader(
        [
            FileSystemLoader(PROJECT / "templates"),
            PrefixLoader({name: PackageLoader(name) for name in GOVUK_TEMPLATES}),
        ]
    )
    # The GOV.UK macros ask for parameters that are not there, so they get an environment of
    # their own; ours must be told of every name that a template mistypes.
    app.extensions["component-templates"] = environment.overlay(undefined=Undefined)
    app.extensions["empty-fields"] = {}
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update(
        clock_tag=times.clock_tag,
        date_in_words=times.date_in_words,
        day_in_words=times.day_in_words,
        in_words=times.in_words,
        time_in_words=times.time_in_words,
        time_tag=times.time_tag,
    )
    environment.globals["time_now"] = lambda: times.hour_tag(clock.now())
    WTFormsHelpers(app)
    app.context_processor(_describe)


def service_name() -> str:
    """Return the name over every page: neutral, for it shows in histories and on shared screens."""
    return str(_("Keep in touch"))


def _describe() -> dict[str, str]:
    return {"palette": pages.palette(), "service_name": service_name()}
