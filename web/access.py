"""Doors: every address of every room, who may use it, and how a write behaves when it comes twice.

A room lists its doors in ``routes.py``. A door has no default permission; public is written out.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any, cast

from flask import Blueprint, Flask, Response, g, make_response, redirect, request
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shop.core import idempotency
from shop.core.actors import CUSTOMER, Actor, ActorKind
from shop.core.errors import Conflict, Denied, KeyMissing, Missing
from shop.core.keys import digest
from shop.core.permissions import Permission
from shop.people.devices import DeviceKind
from shop.people.rights import may
from shop.people.staff import Device, Staff
from web.channel import key_shown
from web.database import reader, writing
from web.front import swapping
from web.house import house, keys, now, this_shop

Made = dict[str, Any]


class SignInNeeded(Denied):
    """Nobody is signed in here; the answer leads to the sign-in page."""

    status = 401
    kind = "sign_in"


class PairingNeeded(Denied):
    """This screen is not paired with the shop; the answer leads to the pairing page.

    ``refused``: somebody whose role may not pass is signed in here, so pairing the screen is no way out.
    """

    status = 401
    kind = "pairing"

    def __init__(self, device: DeviceKind, refused: Staff | None = None) -> None:
        self.device, self.refused = device, refused
        super().__init__()


class Once(StrEnum):
    """How a write behaves when it comes twice."""

    KEY = "key"  # a uuid made with the form; the same key does the thing once
    NATURAL = "natural"  # doing it twice is the same as doing it once (sign in, sign out, choose a language)


@dataclass(frozen=True)
class Who:
    """Who may pass a door: ``public``, a ``device`` kind, or staff with a ``permission`` or ``another`` (any of these).

    A ``channel`` door is for programs that show a channel's key, and for nobody else.
    """

    public: bool = False
    channel: bool = False
    device: DeviceKind | None = None
    permission: Permission | None = None
    another: Permission | None = None
    staff: bool = False

    def enter(self) -> Actor:
        """Return who stands at the door; raises `SignInNeeded`, `PairingNeeded`, `KeyNeeded` or `Denied`."""
        if self.channel:
            return Actor(ActorKind.CHANNEL, key_shown().id)
        person = signed_in() if (self.staff or self.permission) else None
        rights = [right for right in (self.permission, self.another) if right is not None]
        if person is not None and (not rights or any(may(reader(), person, right) for right in rights)):
            g.staff = person
            return Actor.staff(person.id)
        if self.device is not None:
            device = paired_device(self.device)
            if device is not None:
                g.device = device
                return Actor.device(device.id)
        if self.public:
            return CUSTOMER
        if self.device is not None:
            raise PairingNeeded(self.device, refused=person)
        raise Denied() if person is not None else SignInNeeded()


ANYONE = Who(public=True)
SIGNED_IN = Who(staff=True)
CHANNEL = Who(channel=True)
KIOSK = Who(device=DeviceKind.KIOSK)


def staff(permission: Permission, another: Permission | None = None) -> Who:
    """A signed-in person whose role has this permission, or ``another``."""
    return Who(permission=permission, another=another, staff=True)


def display(permission: Permission) -> Who:
    """A paired kitchen display, or a signed-in person whose role has this permission."""
    return Who(device=DeviceKind.KITCHEN, permission=permission, staff=True)


@dataclass(frozen=True)
class Door:
    """``GET``: ``view(**args)`` answers. A write: ``view(tx, **args)`` does it and returns what it made
    (JSON values); ``show(made, **args)`` renders that, also when the same key comes again.
    Without ``show`` the answer goes to ``made["go"]``. ``before(**args)`` does what is slow and changes
    nothing, ahead of the transaction; what it returns waits in ``g.before``. ``form(**args)`` renders the page
    where the form of a write stands: refused, it comes back filled as it was sent (`web.refill`). ``most`` are the
    bytes that its body may have where that is more than everywhere else. ``guard(door, args)`` looks inside the
    transaction whether the write may still be done, and raises where it may not (`web.stood`)."""

    method: str
    path: str
    view: Callable[..., Any]
    who: Who
    once: Once | None = None
    show: Callable[..., Any] | None = None
    name: str = ""
    before: Callable[..., Any] | None = None
    form: Callable[..., Any] | None = None
    most: int = 0
    guard: Callable[["Door", dict[str, Any]], None] | None = None

    def __post_init__(self) -> None:
        if self.method != "GET" and self.once is None:
            raise ValueError(f"{self.method} {self.path} must say what happens when it comes twice")


@dataclass(frozen=True)
class Room:
    """A room for one kind of person: its name, where it stands, and its doors."""

    name: str
    prefix: str
    doors: Sequence[Door]
    setup: Callable[[Blueprint], None] | None = field(default=None)

    def open(self, app: Flask) -> None:
        """Hang the doors."""
        blueprint = Blueprint(self.name, self.name, url_prefix=self.prefix or None)
        for door in self.doors:
            name = door.name or door.view.__name__
            endpoint = f"{self.name}.{name}"
            DOORS[endpoint] = door
            blueprint.add_url_rule(door.path, name, _hang(door, endpoint), methods=[door.method])
        if self.setup:
            self.setup(blueprint)
        app.register_blueprint(blueprint)


DOORS: dict[str, Door] = {}


def _hang(door: Door, endpoint: str) -> Callable[..., Response]:
    def handle(**args: Any) -> Response:
        g.door = door
        g.actor = door.who.enter()
        if door.method == "GET":
            return make_response(door.view(**args))
        return _write(door, endpoint, args)

    handle.__name__ = endpoint.replace(".", "_")
    handle.__doc__ = door.view.__doc__
    return handle


def _write(door: Door, endpoint: str, args: dict[str, Any]) -> Response:
    if door.before is not None:
        g.before = door.before(**args)
    if door.once is Once.NATURAL:
        with writing() as tx:
            made = door.view(tx, **args)
        return _show(door, made, args)
    key = request.headers.get("Idempotency-Key") or request.form.get("key", "")
    if not 8 <= len(key) <= 80:
        raise KeyMissing(field="key")
    actor: Actor = g.actor
    scope = f"{endpoint}:{actor.kind}:{actor.id}:{','.join(str(v) for v in args.values())}"
    made, replayed = _do_once(door, scope, key, _fingerprint(), args)
    response = _show(door, made, args)
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _do_once(door: Door, scope: str, key: str, fingerprint: str, args: dict[str, Any]) -> tuple[Made, bool]:
    scope = hashlib.sha256(scope.encode()).hexdigest()[:40]
    for attempt in range(4):
        try:
            with writing() as tx:
                _queue(tx, scope, key)
                made = idempotency.seen(tx, scope, key, fingerprint)
                if made is not None:
                    return made, True
                if door.guard is not None:
                    _queue(tx, "guard", request.path)
                    door.guard(door, args)
                made = cast(Made, door.view(tx, **args))
                idempotency.remember(tx, scope, key, fingerprint, made, now())
                return made, False
        except (IntegrityError, OperationalError) as clash:
            if attempt == 3 or not _worth_another_try(clash):
                raise
            time.sleep(0.02 * (attempt + 1))
    raise Conflict()


def _queue(tx: Session, scope: str, key: str) -> None:
    """Let requests with the same key come one by one. SQLite has one writer anyhow."""
    if tx.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{scope}:{key}".encode()).digest()[:8], "big", signed=True)
        tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _worth_another_try(clash: IntegrityError | OperationalError) -> bool:
    """Whether two writers met: the same row, a deadlock (40P01), or a lock not granted in time (55P03)."""
    if isinstance(clash, IntegrityError):
        return True
    return getattr(clash.orig, "sqlstate", "") in ("40P01", "55P03", "40001")


def _fingerprint() -> str:
    """Return what tells two bodies apart, files by their content; keyed, because a body may hold a password."""
    if request.mimetype == "application/json":
        body = request.get_data()
    else:
        fields = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "key")]
        fields += [(name, _digest_of(sent.stream)) for name, sent in request.files.items(multi=True)]
        body = repr(sorted(fields)).encode()
    return hmac.new(keys().secret, b"body:" + body, hashlib.sha256).hexdigest()


def _digest_of(stream: IO[bytes]) -> str:
    """Return a file's SHA-256, and leave it read as far as it was: a view may not have read it yet."""
    place, _ = stream.tell(), stream.seek(0)
    found = hashlib.sha256(stream.read()).hexdigest()
    stream.seek(place)
    return found


def _show(door: Door, made: Made, args: dict[str, Any]) -> Response:
    if door.show is not None:
        return make_response(door.show(made, **args))
    return go(made["go"])


def go(address: str) -> Response:
    """Lead the browser to another page: a redirect for a plain form, HX-Location for htmx."""
    if swapping():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return cast(Response, redirect(address, 303))


def signed_in() -> Staff | None:
    """Return the person signed in with this browser, or None."""
    person = current_user._get_current_object() if current_user else None
    return person if isinstance(person, Staff) and person.active else None


def paired_device(kind: DeviceKind) -> Device | None:
    """Return the paired device of this kind whose cookie this browser holds, or None."""
    cookie = request.cookies.get(f"fs_{kind.value}", "")
    if not cookie:
        return None
    device = house().devices.find(reader(), secret=digest(cookie), shop=this_shop().id)
    return device if device is not None and device.kind == kind else None


def actor() -> Actor:
    """Return who passed the door of this request."""
    return cast(Actor, g.actor)


def same(a: str, b: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


__all__ = [
    "ANYONE", "CHANNEL", "DOORS", "KIOSK", "SIGNED_IN", "Door", "Made", "Missing", "Once", "PairingNeeded", "Room",
    "Session", "SignInNeeded", "Who", "actor", "display", "go", "keys", "paired_device", "same",
    "signed_in", "staff",
]  # fmt: skip
