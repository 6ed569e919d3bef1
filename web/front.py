"""The app object: Flask without what no door of this shop uses, and with the policy headers on every answer."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from flask import Flask, request
from htmx_flask import Htmx

from web.tongues import Tongues

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers then send "Origin: null" with our own forms, and the guard refuses them.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_HTTPS = ("Strict-Transport-Security", "max-age=31536000")
Answering = Callable[..., Any]


class Front(Flask):
    """Views are plain functions here, so nothing asks of each whether it is a coroutine."""

    jinja_environment = Tongues

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        Htmx(self)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def wsgi_app(self, environ: dict[str, Any], start_response: Answering) -> Iterable[bytes]:
        """Answer, with the policy headers on whatever is answered."""
        secure = environ.get("wsgi.url_scheme") == "https"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            there = {name.lower() for name, _ in headers}
            headers += [pair for name, pair in _DRESS if name not in there]
            if secure and ONLY_HTTPS[0].lower() not in there:
                headers.append(ONLY_HTTPS)
            return start_response(status, headers, *more)

        return super().wsgi_app(environ, start)


_DRESS = [(name.lower(), (name, value)) for name, value in HEADERS.items()]


def swapping() -> bool:
    """Whether htmx asks, which swaps a part of the page; false for a plain form or link."""
    return bool(cast(Any, request).htmx)
