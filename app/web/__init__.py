"""What every page shares: templates, languages, files, headers, errors.

Screens use :mod:`app.web.pages`, :mod:`app.web.language` and :mod:`app.web.forms`; the domain
never imports this package.
"""

from __future__ import annotations

from flask import Flask

from app.web import assets, compression, errors, headers, language, templates

__all__ = ["init_app", "wrap_static"]

wrap_static = assets.wrap_static


def init_app(app: Flask) -> None:
    """Set up everything that pages need. Call once, after the configuration is loaded.

    Reads ``app.config``: ``HTTPS`` (bool, turns HSTS on), ``TRANSLATIONS_DIR`` (folder with
    compiled catalogues; ``app/translations`` by default), ``STATIC_BUILD_DIR`` (folder that
    ``npm run build`` filled; ``static/build`` by default).
    """
    language.init_app(app)
    templates.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
