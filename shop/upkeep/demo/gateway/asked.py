"""What came to the gateway, and what it answers: as small as a protocol needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

MOST = 1024 * 1024
"""Bytes of a body."""


@dataclass(frozen=True)
class Asked:
    """A request; ``target`` is path and query as they were signed."""

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """Return the fields of a posted form; raises `ValueError`."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: bytes
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def asked(environ: Mapping[str, Any]) -> Asked:
    """Read a WSGI request; a body that is too large is cut, so that no signature of it holds."""
    query = environ.get("QUERY_STRING", "")
    path = environ.get("PATH_INFO", "") or "/"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(min(length, MOST)) if length > 0 else b""
    headers = {
        name[5:].replace("_", "-").title(): v for name, v in environ.items() if name.startswith("HTTP_")
    }
    return Asked(
        environ["REQUEST_METHOD"], path, path + (f"?{query}" if query else ""),
        dict(parse_qsl(query, keep_blank_values=True)), headers, body,
    )  # fmt: skip
