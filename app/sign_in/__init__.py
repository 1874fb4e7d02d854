"""How victims and officers sign in, and their sessions."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)
