"""Rendering: whole pages and the fragments inside them, packed for the wire."""

import gzip
import uuid
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup

from web.house import house, now
from web.security import csrf_token


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a whole page or a fragment (``_name.html``); both are the same file everywhere."""
    response = make_response(render_template(template, **values), status)
    response.headers["Vary"] = "HX-Request"
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Set up what every template may use, and pack text on its way out."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        now=now, pace=lambda: house().clock.pace(), new_key=new_key, form_key=form_key
    )
    app.after_request(pack)


def new_key() -> str:
    """Return a fresh idempotency key for a form."""
    return uuid.uuid4().hex


def form_key() -> Markup:
    """Return the two hidden fields of every form that writes: its token and its key."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return field.format("csrf_token", csrf_token()) + field.format("key", new_key())


def pack(response: Response) -> Response:
    """Pack text of over 1 KB at the cheapest level."""
    if (
        response.direct_passthrough
        or response.status_code in (204, 304)
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(("text/", "application/json", "image/svg"))
        or "gzip" not in request.headers.get("Accept-Encoding", "")
    ):
        return response
    body = response.get_data()
    if len(body) > 1024:
        response.set_data(gzip.compress(body, 1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response
