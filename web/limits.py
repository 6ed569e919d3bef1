"""How often somebody may knock: limits by kind of request and address, kept in this process's memory.

They stand in front of the shop's own rules (`shop.people.signing_in` counts failed tries by account).
"""

from collections.abc import Callable

from flask import Flask, Response, request
from flask_limiter import ApplicationLimit, Limiter

SIGN_IN, WRONG_CODES, PLACING, WRITES = "40/minute", "30/minute", "90/minute", "900/minute"
SLIP_PATHS = ("/t/", "/c/")
PLACING_DOORS = frozenset({"kiosk.place", "admin.place_order"})


def address() -> str:
    """Return where the request comes from; behind a trusted proxy, what that proxy says."""
    return request.remote_addr or "unknown"


def install(app: Flask) -> None:
    """Put the limits in front of every door; none where the settings switch them off."""
    limits = [
        limit(SIGN_IN, "sign-in", lambda: request.endpoint == "doorway.sign_in" and writes()),
        limit(PLACING, "placing", lambda: request.endpoint in PLACING_DOORS and writes()),
        limit(WRITES, "writes", writes),
        ApplicationLimit(
            WRONG_CODES,
            scope="wrong-codes",
            exempt_when=lambda: not guessable(),
            deduct_when=wrong,
        ),
    ]
    Limiter(
        address,
        app=app,
        application_limits=list(limits),
        storage_uri="memory://",
        strategy="moving-window",
        enabled=app.extensions["fairslice"].settings.rate_limits,
    )


def limit(often: str, scope: str, when: Callable[[], bool]) -> ApplicationLimit:
    """Return one limit that counts the requests for which ``when()`` is true."""
    return ApplicationLimit(often, scope=scope, exempt_when=lambda: not when())


def writes() -> bool:
    """Whether the request wants to change something."""
    return request.method not in ("GET", "HEAD", "OPTIONS")


def guessable() -> bool:
    """Whether the request shows a code that somebody could be guessing: of a slip, a cake, or a pairing."""
    return request.path.startswith(SLIP_PATHS) or request.endpoint == "doorway.pairing_done"


def wrong(response: Response) -> bool:
    """Whether the code was a wrong one; only those count."""
    return response.status_code in (404, 403, 422)
