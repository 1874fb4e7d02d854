"""The portal: one Flask application, put together here, in named steps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_alembic import Alembic
from flask_wtf import CSRFProtect
from sqlalchemy.exc import ArgumentError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli, inbox, operations, oversight, portal, sign_in, web
from app.config import PROJECT_ROOT, ConfigurationError, Settings
from app.crypto import Keyring
from app.database import Base, Database
from app.demo import commands as demo_commands
from app.inbox import (
    force_routes,
    links,
    marking_routes,
    overseeing,
    reply_day,
    replying,
    task_routes,
)
from app.inbox import routes as inbox_routes
from app.oversight import refusals
from app.oversight import routes as oversight_routes
from app.portal import about, calling, data_complaints, feedback, installed, public, sending
from app.portal import routes as portal_routes
from app.sign_in import (
    address_routes,
    glance,
    invitations,
    language_link,
    leaving,
    officer_routes,
    officers_help,
    openid_routes,
    own_routes,
    passkey_routes,
    preferences,
    push_routes,
    requests,
    session_end,
    told_routes,
    word_routes,
)
from app.sign_in import exit as leaving_at_once
from app.sign_in import routes as sign_in_routes
from app.web import access, asking_again, limits, logs, polls, transactions

LONGEST_FORM = 1_000_000
"""Bytes. A hundred times the longest message: more is not a person writing."""

# Importing these is what registers their endpoints and tables.
_SCREENS = (
    inbox_routes,
    replying,
    links,
    marking_routes,
    reply_day,
    overseeing,
    task_routes,
    force_routes,
    oversight_routes,
    installed,
    public,
    sending,
    about,
    calling,
    data_complaints,
    feedback,
    portal_routes,
    invitations,
    address_routes,
    officer_routes,
    officers_help,
    openid_routes,
    own_routes,
    passkey_routes,
    preferences,
    push_routes,
    told_routes,
    leaving,
    session_end,
    word_routes,
    sign_in_routes,
)


def create_app(
    environ: Mapping[str, str] | None = None, *, translations: Path | None = None
) -> Flask:
    """The application for these settings (the process's environment by default).

    `translations` is a folder of compiled catalogues in place of our own.

    Raises:
        ConfigurationError: a setting is missing or wrong; one line that names it.
    """
    settings = Settings.from_environment(os.environ if environ is None else environ)
    app = Flask(__name__, static_folder=None, template_folder=str(PROJECT_ROOT / "templates"))
    if translations is not None:
        app.config["TRANSLATIONS_DIR"] = str(translations)
    configure(app, settings)
    asking_again.init_app(app)
    connect_database(app, settings)
    polls.init_app(app, settings)
    glance.init_app(app)
    protect_forms(app)
    prepare_pages(app, settings)
    register_screens(app)
    enforce_access(app)
    cli.init_app(app)
    demo_commands.init_app(app)
    wrap_server(app, settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings."""
    newest, *older = settings.secret_keys
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        HTTPS=settings.is_https,
        MAX_CONTENT_LENGTH=LONGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LONGEST_FORM,
        SESSION_COOKIE_NAME="__Host-session" if settings.is_https else "session",
        DEVICE_COOKIE_NAME="__Host-device" if settings.is_https else "device",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        REMEMBER_COOKIE_DURATION=0,
        # The session's own end is what limits a form.
        WTF_CSRF_TIME_LIMIT=None,
        PREFERRED_URL_SCHEME="https" if settings.is_https else "http",
        ALEMBIC={"script_location": str(PROJECT_ROOT / "migrations")},
    )
    logs.configure()


def connect_database(app: Flask, settings: Settings) -> None:
    """The engine, a session a request, and migrations."""
    try:
        database = Database(settings.database_url, Keyring(settings.encryption_keys))
    except (ArgumentError, OSError, ValueError) as error:
        # Never the error's own words: they may hold the address, and it a password.
        raise ConfigurationError(f"DATABASE_URL cannot be used ({type(error).__name__})") from None
    app.extensions["database"] = database
    transactions.init_app(app)
    Alembic(
        app,
        run_mkdir=False,
        command_name="",
        metadatas=Base.metadata,
        engines=database.writing_engine,
    )
    logs.be_quiet_about_migrations()


def protect_forms(app: Flask) -> None:
    """Every POST carries a token, but for leaving in a hurry."""
    csrf = CSRFProtect(app)
    csrf.exempt(sign_in_routes.leave)


def prepare_pages(app: Flask, settings: Settings) -> None:
    """Templates, languages, headers, error pages, loose limits."""
    web.init_app(app)
    limits.init_app(app, settings.rate_limit_url)
    requests.init_app(app)
    leaving_at_once.init_app(app)
    session_end.init_app(app)
    language_link.init_app(app)


def register_screens(app: Flask) -> None:
    app.register_blueprint(portal.blueprint)
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(inbox.blueprint)
    app.register_blueprint(oversight.blueprint)
    app.register_blueprint(operations.blueprint)


def enforce_access(app: Flask) -> None:
    """Every endpoint has declared whom it is for; from here on that is enforced."""
    access.init_app(app)
    requests.note_use(app)
    refusals.init_app(app)


def wrap_server(app: Flask, settings: Settings) -> None:
    """Static files, and the forwarded address of as many proxies as are trusted."""
    web.wrap_static(app)
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted
        )
