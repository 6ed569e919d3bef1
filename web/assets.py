"""Style sheets and scripts: one file of each for a room, named by its content, packed once, kept for a year."""

import gzip
import hashlib
import json
from functools import cache

from flask import Flask, Response, abort, request, url_for

from web.config import ROOT

STATIC = ROOT / "static"
BUNDLES = {
    "kiosk.css": ("css/tokens.css", "css/base.css", "css/kiosk.css", "css/steps.css"),
    "wall.css": ("css/tokens.css", "css/base.css", "css/wall.css", "css/kitchen.css", "css/claims.css"),
    "list.css": ("css/tokens.css", "css/base.css", "css/list.css"),
    "phone.css": ("vendor:pico.css", "css/tokens.css", "css/base.css", "css/phone.css"),
    "bare.css": ("vendor:pico.css", "css/tokens.css", "css/base.css", "css/phone.css", "css/bare.css"),
    "bare.js": ("js/forms.js", "js/missing.js"),
    "admin.css": (
        "vendor:tabler.css",
        "css/tokens.css",
        "css/base.css",
        "css/admin.css",
        "css/office.css",
        "css/plan.css",
        "css/till.css",
    ),
    "slip.css": ("css/tokens.css", "css/slip.css"),
    "document.css": ("css/tokens.css", "css/document.css"),
    "slip.js": ("js/print.js",),
    "track.css": ("css/tokens.css", "css/base.css", "css/phone.css", "css/track.css"),
    "track.js": ("js/live.js", "js/tracking.js"),
    "kiosk.js": (
        "vendor:htmx.js",
        "js/forms.js",
        "js/network.js",
        "js/idle.js",
        "js/inscription.js",
        "js/kiosk.js",
    ),
    "wall.js": (
        "vendor:htmx.js",
        "vendor:idiomorph.js",
        "js/forms.js",
        "js/missing.js",
        "js/live.js",
        "js/sounds.js",
        "js/minutes.js",
        "js/wall.js",
        "js/scan.js",
        "js/person.js",
    ),
    "phone.js": ("js/forms.js", "js/missing.js", "js/live.js", "js/tracking.js", "js/again.js"),
    "courier.css": ("css/tokens.css", "css/base.css", "css/phone.css", "css/courier.css"),
    "courier.js": ("js/forms.js", "js/missing.js", "js/live.js", "js/rides.js"),
    "admin.js": (
        "vendor:htmx.js",
        "vendor:idiomorph.js",
        "js/forms.js",
        "js/missing.js",
        "js/live.js",
        "js/autosave.js",
        "js/together.js",
        "js/unsent.js",
        "js/admin.js",
        "js/desk.js",
        "js/counting.js",
        "js/print.js",
        "js/scan.js",
    ),
}


@cache
def _vendor() -> dict[str, str]:
    path = STATIC / "vendor" / "manifest.json"
    if not path.exists():
        raise RuntimeError("static/vendor is empty: run bin/serve once, it fetches the front-end libraries")
    names: dict[str, str] = json.loads(path.read_text())
    return names


@cache
def _bundle(name: str) -> tuple[bytes, bytes, str]:
    """Return the bytes, the packed bytes and the content's name of a bundle."""
    parts = []
    for part in BUNDLES[name]:
        path = STATIC / "vendor" / _vendor()[part.removeprefix("vendor:")] if ":" in part else STATIC / part
        if path.exists():
            parts.append(path.read_bytes())
    body = (b"\n;\n" if name.endswith(".js") else b"\n").join(parts)
    stem, kind = name.rsplit(".", 1)
    return body, gzip.compress(body, 9, mtime=0), f"{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{kind}"


def asset(name: str) -> str:
    """Return the address of a bundle; it changes with its content."""
    return url_for("assets", file=_bundle(name)[2])


def serve(file: str) -> Response:
    """Answer with a bundle; an old name gets the present content, uncached."""
    stem, _, kind = file.rpartition(".")
    name = f"{stem.rpartition('-')[0]}.{kind}"
    if name not in BUNDLES:
        abort(404)
    body, packed, current = _bundle(name)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(
        packed if zipped else body, mimetype="text/css" if kind == "css" else "text/javascript"
    )
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    fresh = "public, max-age=31536000, immutable" if file == current else "no-store"
    response.headers["Cache-Control"] = fresh
    return response


def install(app: Flask) -> None:
    """Hang the one door for bundles; in debug, a changed file shows at once."""
    app.add_url_rule("/assets/<file>", "assets", serve)
    app.jinja_env.globals["asset"] = asset
    if app.debug:
        app.before_request(lambda: _bundle.cache_clear())
