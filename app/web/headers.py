"""Security headers on every answer that the application makes."""

from __future__ import annotations

from flask import Flask, Response, current_app

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Not no-referrer: Flask-WTF checks the referrer of every form sent over HTTPS.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
}
NOTHING = 204
"""What polls get most of the time, so it is short: there is nothing in it to frame or run."""
ALSO_ON_NOTHING = {
    name: ALWAYS[name] for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add what is the same everywhere; nothing that is made for one person is ever stored."""
    response.headers.setdefault("Cache-Control", "no-store")
    is_nothing = response.status_code == NOTHING
    if is_nothing:
        response.headers.pop("Content-Type", None)
    for name, value in (ALSO_ON_NOTHING if is_nothing else ALWAYS).items():
        response.headers.setdefault(name, value)
    if not is_nothing and current_app.config.get("HTTPS"):
        response.headers.setdefault("Strict-Transport-Security", TWO_YEARS)
    return response
