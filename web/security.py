"""What every write must bring: its CSRF token and its own origin. The policy headers are in `web.front`."""

from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request, session
from flask.globals import _cv_app
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from shop.core.errors import N_, Denied, Invalid, Missing
from web.access import DOORS
from web.house import house

csrf = CSRFProtect()
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MACHINE_PATHS = ("/api/", "/pay/")
MAX_BODY = 1024 * 1024


MOST_SIGNED = 2000
_signed: dict[str, str] = {}
"""The signed form of a session's own random token. It has no time limit, so it stays good with its session."""


class ForeignOrigin(Denied):
    """A write that another site started."""

    message = N_(
        "This page was opened from somewhere else. Please open it again from the shop's own address."
    )


def install(app: Flask) -> None:
    """Guard every write."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.config["MAX_FORM_PARTS"] = 300
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    proxies = app.extensions["fairslice"].settings.proxies
    if proxies:  # believed only as far as the operator says that there are proxies
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign] # as Werkzeug says it is to be put in
    csrf.init_app(app)
    app.url_map.converters["int"] = RowNumber
    app.before_request(make_room)
    app.before_request(clean)
    app.before_request(guard)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})  # in the place of flask-wtf's own


def make_room() -> None:
    """Let a door that takes photos read a larger body than everybody else, and keep what a provider sent whole."""
    door = DOORS.get(request.endpoint or "")
    if door is not None and door.most:
        request.max_content_length = door.most
    if request.path.startswith("/pay/"):
        request.get_data()  # signed as it came, so it is kept before a form is read out of it


class RowNumber(IntegerConverter):
    """A row's number in an address: what no database can hold is not here."""

    def __init__(self, url_map: Map, *args: Any, **more: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**63 - 1, **more})


def clean() -> None:
    """Refuse a NUL character in what came: PostgreSQL cannot store it, nobody types it: `Invalid`, `Missing`."""
    if "\x00" in request.path:
        raise Missing()
    looks = request.environ.get("QUERY_STRING", "") + request.environ.get("HTTP_COOKIE", "")
    came = []
    if "%00" in looks or "\\0" in looks or "\x00" in looks:  # only so can one be written there
        came = [*request.args.values(), *request.cookies.values()]
    if request.method not in SAFE_METHODS:
        came += [*request.form.keys(), *request.form.values(), request.headers.get("Idempotency-Key", "")]
    if any("\x00" in text for text in came):
        raise Invalid(N_("This has a character in it that cannot be written. Please type it again."))


def guard() -> None:
    """Refuse a write from another origin or without its token; raises `ForeignOrigin` or CSRFError."""
    if request.method in SAFE_METHODS or request.path.startswith(MACHINE_PATHS):
        return
    if not from_here():
        raise ForeignOrigin()
    known = _signed.get(session.get("csrf_token", ""))
    if known is None or not compare_digest(request.form.get("csrf_token", "").encode(), known.encode()):
        csrf.protect()  # another signature, a header, or none: it is looked at closely


def csrf_token() -> str:
    """Return the token of this browser's session, signed; each session's is signed once."""
    known: str | None = _cv_app.get().g.get(
        "csrf_token"
    )  # flask-wtf keeps it there for the rest of the request
    if known is None:
        known = _signed.get(session.get("csrf_token", ""))
        if known is None:
            known = generate_csrf()
            if len(_signed) >= MOST_SIGNED:
                _signed.clear()
            _signed[session["csrf_token"]] = known
        g.csrf_token = known
    return known


def from_here(*, required: bool = False) -> bool:
    """Whether the browser says that this request comes from our own pages.

    ``required`` (WebSocket upgrades) refuses a request that does not say so at all.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site not in ("", "same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return not required
    if origin == "null":  # a page that sends no referrer cannot name itself, but its browser may
        return not required and site == "same-origin"
    return urlsplit(origin).netloc in (request.host, urlsplit(house().settings.public_url).netloc)


def secure_cookies() -> bool:
    """Whether this browser reached us by https, straight or through the proxy of the public address."""
    public = urlsplit(house().settings.public_url)
    return request.is_secure or (public.scheme == "https" and request.host == public.netloc)
