"""The one place that decides between a whole page and the fragment that htmx asked for."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from htmx_flask import request

from app.web.colours import nearest_palette
from app.web.language import public_url


def render(
    page_template: str,
    fragment_template: str | None = None,
    status: int = 200,
    **context: object,
) -> Response:
    """Render the fragment if htmx asked and there is one, else the page.

    The answer always says that it varies by ``HX-Request``.
    """
    template = fragment_template if fragment_template and wants_fragment() else page_template
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def go_to(endpoint: str) -> ResponseReturnValue:
    """On to another public page, in the language of this one."""
    return redirect(public_url(url_for(endpoint)), 303)


def wants_fragment() -> bool:
    """Whether htmx made this request, so that a part of the page is the right answer."""
    return bool(request.htmx)


def use_colour(colour: str | None) -> None:
    """Give the pages of this request a force's colour (``#rrggbb``; None for the plain one)."""
    g.palette = nearest_palette(colour)


def palette() -> str:
    """Return the name of the palette that this request's pages use."""
    return str(g.get("palette") or nearest_palette(None))
