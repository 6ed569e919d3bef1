"""How often somebody may knock: limits by kind of request and address, kept in this process's memory.

They stand in front of the shop's own rules (`shop.people.signing_in` counts failed tries by account). Looking
costs nothing here: only writes and guessable addresses are counted (flask-limiter's own check of each request
takes a millisecond, also where no limit applies).
"""

from flask import Flask, Response, current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from shop.core.errors import TooMany

SIGN_IN, WRONG_CODES, PLACING, WRITES = map(parse, ("40/minute", "30/minute", "90/minute", "900/minute"))
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SLIP_PATHS = ("/t/", "/c/")
PLACING_DOORS = frozenset({"kiosk.place", "admin.place_order"})


class Limits:
    """The counts of one process; with several workers each counts for itself."""

    def __init__(self) -> None:
        self.window = MovingWindowRateLimiter(MemoryStorage())

    def before(self) -> None:
        """Count a write, and look whether somebody has guessed too often; raises `TooMany`."""
        if request.method not in SAFE_METHODS:
            self.hit(WRITES, "writes")
            if request.endpoint == "doorway.sign_in":
                self.hit(SIGN_IN, "sign-in")
            elif request.endpoint in PLACING_DOORS:
                self.hit(PLACING, "placing")
        if (guessable() or key_tried()) and not self.window.test(WRONG_CODES, "wrong-codes", address()):
            raise TooMany()

    def after(self, response: Response) -> Response:
        """Count a wrong code."""
        wrong = response.status_code in (403, 404, 422) and guessable()
        if wrong or (response.status_code == 401 and key_tried()):
            self.window.hit(WRONG_CODES, "wrong-codes", address())
        return response

    def hit(self, often: RateLimitItem, what: str) -> None:
        """Count one knock; raises `TooMany` above the limit."""
        if not self.window.hit(often, what, address()):
            raise TooMany()


def install(app: Flask) -> None:
    """Put the limits in front of every door; none where the settings switch them off."""
    if app.extensions["fairslice"].settings.rate_limits:
        limits = app.extensions["limits"] = Limits()
        app.before_request(limits.before)
        app.after_request(limits.after)


def count_key(key_id: int, per_minute: int) -> None:
    """Count a request of a channel's key; raises `TooMany` above what it may ask in a minute."""
    limits: Limits | None = current_app.extensions.get("limits")
    if limits and not limits.window.hit(RateLimitItemPerMinute(per_minute), "channel-key", str(key_id)):
        raise TooMany()


def count_guess(*, right: bool, of: str = "coupon") -> None:
    """Count a typed code that is none (``of`` names its field); `TooMany`, also for a right one, after too many."""
    limits: Limits | None = current_app.extensions.get("limits")
    if limits is None:
        return
    if not limits.window.test(WRONG_CODES, f"guesses:{of}", address()):
        raise TooMany(field=of)
    if not right:
        limits.window.hit(WRONG_CODES, f"guesses:{of}", address())


def address() -> str:
    """Return where the request comes from; behind a trusted proxy, what that proxy says."""
    return request.remote_addr or "unknown"


def guessable() -> bool:
    """Whether the request shows a code that somebody could be guessing: of a slip, a cake, or a pairing."""
    return request.path.startswith(SLIP_PATHS) or request.endpoint == "doorway.pairing_done"


def key_tried() -> bool:
    """Whether the request shows a channel's key, right or guessed."""
    return request.path.startswith("/api/") and "Authorization" in request.headers
