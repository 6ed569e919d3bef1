"""Structured logs: one JSON object a line on standard output, without anything personal.

A request is logged by its door's name, never by its path (paths hold tokens), query or body. What still looks
like a token, a phone or a secret is struck out on the way, whoever wrote it.
"""

import contextlib
import json
import logging
import re
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

UNSPOKEN = frozenset({"assets", "healthz", "readyz", "metrics", "here"})
SECRET_NAMES = re.compile(
    r"passw|token|secret|cookie|authoriz|phone|address|^key$|_key$|csrf|^pin$|^login$|recovery", re.I
)
STRUCK = "[struck out]"
PATTERNS = (
    re.compile(r"(?<=/[tc]/)[^/\s\"'?#]+"),
    re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"),
    re.compile(r"(?<![\w-])(?=[A-Za-z0-9_-]*[0-9_-])(?=[A-Za-z0-9_-]*[A-Z])[A-Za-z0-9_-]{22}(?![\w-])"),
    re.compile(r"(?<![\w.:-])\+?\d(?:[ -]?\d){7,14}(?![\w:])"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    re.compile(r"\[parameters: .*?\]\s*$", re.M),
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def strike_out(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out what looks like a token, a phone, an address or a secret; numbers of our own stay."""
    for name, value in line.items():
        if SECRET_NAMES.search(name):
            line[name] = STRUCK
        elif isinstance(value, str) and name not in ("timestamp", "door"):
            line[name] = clean(value)
        elif isinstance(value, list | tuple | dict):
            line[name] = clean(repr(value))
    return line


def clean(text: str) -> str:
    """Return the text without what nobody should read in a log."""
    for pattern in PATTERNS:
        text = pattern.sub(STRUCK, text)
    return text


BEFORE: list[structlog.typing.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    strike_out,
]


class Lossy:
    """Standard output on a disk that may be full: that may cost a line of the log, never an answer."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.flush()


OUT: Any = Lossy()


class Stdout(logging.StreamHandler[TextIO]):
    """Writes where standard output is now, not where it was when the shop started."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override] # an attribute there, looked up anew here
        return sys.stdout


def configure() -> None:
    """Send the shop's own lines and those of its libraries through the same strainer."""
    structlog.configure(
        processors=[*BEFORE, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(OUT),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it would write whole paths
    root = logging.getLogger()
    if not any(isinstance(handler, Stdout) for handler in root.handlers):
        handler = Stdout()
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=BEFORE,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    strike_out,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            )
        )
        root.addHandler(handler)


def install(app: Flask) -> None:
    """Write one line for each request but those of machines that ask all the time."""
    configure()
    app.before_request(start)
    app.after_request(note)


def start() -> None:
    """Remember when the request came."""
    g.came_at = time.perf_counter()


def note(response: Response) -> Response:
    """Write the request's line."""
    door = request.endpoint or "none"
    if door.rpartition(".")[2] not in UNSPOKEN:
        spent = (time.perf_counter() - g.get("came_at", time.perf_counter())) * 1000
        line = {
            "door": door,
            "method": request.method if request.method in METHODS else "other",
            "status": response.status_code,
            "milliseconds": round(spent, 1),
            "event": "request",
            "level": "info",
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        print(
            json.dumps(line), file=OUT, flush=True
        )  # nothing in it is typed by anybody: it needs no strainer
    return response
