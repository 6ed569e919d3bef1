"""Live parts of a page: one rendering for page, poll and socket."""

from typing import Any

from flask import Response, request

from web.house import now
from web.live import Rendered, serve_region


def part(made: Rendered) -> Response:
    """Answer a poll with the region, or with "as you have it"."""
    response = Response(made.html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Seq"] = str(made.seq)
    response.headers["X-Now"] = now().isoformat()
    response.set_etag(made.hash)
    response.make_conditional(request.environ)
    return response


def watch(ws: Any, *, key: tuple[str, ...], topics: tuple[str, ...], render: Any, check: Any = None) -> None:
    """Serve the socket of a region, from where the page stands."""
    after = request.args.get("after", "")
    since = int(after) if after.isdecimal() and len(after) < 18 else None
    have = request.args.get("have", "")[:64]
    serve_region(ws, key=key, topics=topics, render=render, after=since, have=have, check=check)
