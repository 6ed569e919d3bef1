"""What a first start does: the newest tables, the demo shop with its history; and what every start says."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from shop.channels.keys import demo_key, demo_secret
from shop.core.actors import SYSTEM
from shop.core.events import seal
from shop.people.shops import Shop, only_shop
from shop.upkeep.demo.cast import CAST, PASSWORD
from web.database import reading, writing
from web.house import house, now

SCREENS = (
    ("Signpost to all screens", "/"),
    ("Kiosk", "/kiosk/"),
    ("Kitchen, all stations", "/kitchen/"),
    ("Kitchen, one station", "/kitchen/decorating"),
    ("Admin and order desk", "/admin/"),
    ("Courier's phone", "/courier/"),
    ("API for programs", "/api/v1/openapi.json"),
)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what takes its time, and how long it took."""
    started = time.monotonic()
    print(f"{what} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(" failed", file=sys.stderr, flush=True)
        raise
    print(f" done in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


def the_shop() -> Shop | None:
    """Return the shop of this installation, None before one is founded."""
    with reading() as session:
        return only_shop(session)


def furnish_demo(days: int = 90) -> dict[str, Any]:
    """Make the demo shop in one transaction; returns what there is now."""
    from shop.upkeep.demo.claims import stage_claims
    from shop.upkeep.demo.history import make_history
    from shop.upkeep.demo.rides import stage_rides
    from shop.upkeep.demo.tills import stage_tills
    from shop.upkeep.demo.world import furnish

    started = time.monotonic()
    with writing() as tx:
        founded = now() - timedelta(days=days + 7)
        shop = furnish(tx, at=founded)
        demo_key(tx, house().keys, shop, by=SYSTEM, at=founded)
        seal(tx)  # the founding stands before everything else in the diary
        orders = make_history(tx, house().keys, shop, at=now(), days=days)
        stage_rides(tx, house().keys, shop, at=now())
        stage_claims(tx, shop, at=now())
        stage_tills(tx, shop, at=now())
    return {"shop": "糖间 Tangjian", "orders": orders, "seconds": round(time.monotonic() - started, 1)}


def welcome(address: str, shop: Shop | None, gateway: str = "") -> list[str]:
    """Return the lines of a start: each screen's address and, in a demo shop, who can sign in."""
    if shop is None:
        return [
            "No shop has been set up here yet. Open yours: bin/shop open --help (or the demo: bin/shop demo reset)"
        ]
    width = max(len(name) for name, _ in SCREENS)
    lines = ["", *(f"  {name:<{width}}  {address}{path}" for name, path in SCREENS)]
    if shop.is_demo:
        lines += [f"  {'Customers pay at':<{width}}  {gateway}/control"] if gateway else []
        roles: dict[str, list[str]] = {}
        for member in CAST:
            roles.setdefault(member.role.value, []).append(member.login)
        people = "; ".join(f"{role} {', '.join(logins)}" for role, logins in roles.items())
        lines += [f"  {'Demo sign-ins':<{width}}  {people}", f"  {'Password of all':<{width}}  {PASSWORD}"]
        lines.append(f"  {'Key for the API':<{width}}  {demo_secret(house().keys, shop)}")
        lines.append(f"  {'A busy Saturday':<{width}}  bin/shop demo play")
    return [*lines, ""]
