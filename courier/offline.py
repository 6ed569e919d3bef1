"""The service worker: it opens the room's pages while there is no network. No page that it keeps has an address."""

from flask import Response

from web.assets import asset
from web.config import ROOT

SCRIPT = ROOT / "static" / "js" / "courier-worker.js"


def worker() -> Response:
    """Answer with the worker; it names the style and script of today, so a new version replaces it."""
    assets = [asset("courier.css"), asset("courier.js")]
    body = SCRIPT.read_text().replace('"ASSETS"', ", ".join(f'"{address}"' for address in assets))
    response = Response(body, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
