"""The screens of the shop, and how to stand in front of each: cookies, sign-in, an order's slip."""

from collections.abc import Iterator
from contextlib import closing

from bench.customers import Browser, hidden
from bench.servers import Server, open_file


def browsers(shop: Server) -> tuple[Browser, Browser, Browser, Browser]:
    """A kiosk, a display, a manager's browser, and a phone without anything."""
    kiosk, display, manager, phone = (Browser(shop.port) for _ in range(4))
    kiosk.ask("GET", "/kiosk/")
    display.ask("GET", "/kitchen/")
    form = hidden(manager.ask("GET", "/sign-in"))
    manager.ask("POST", "/sign-in", {**form, "login": "xu", "password": "tangjian"})
    return kiosk, display, manager, phone


def slip(shop: Server) -> str:
    """The address of an open order's tracking page."""
    with closing(open_file(shop.data)) as db:
        order, version = db.execute(
            "SELECT id, token_version FROM orders WHERE state = 'in_production' ORDER BY id LIMIT 1"
        ).fetchone()
    from shop.core.keys import load_keys

    keys = load_keys(shop.data / "secret.key", shop.data / "personal.key")
    return f"/t/{keys.token('order', order, version)}"


def an_order(shop: Server) -> int:
    """An order to look at in admin."""
    with closing(open_file(shop.data)) as db:
        return int(db.execute("SELECT id FROM orders WHERE state = 'in_production' LIMIT 1").fetchone()[0])


def all_screens(shop: Server) -> Iterator[tuple[str, Browser, str]]:
    """Name, browser and address of every screen that is measured."""
    kiosk, display, manager, phone = browsers(shop)
    yield "kiosk_attract", kiosk, "/kiosk/"
    yield "kiosk_menu", kiosk, "/kiosk/menu"
    yield "kiosk_cake", kiosk, "/kiosk/cake/strawberry-cream"
    for station in ("oven", "bench", "decorating", "packing"):
        yield f"kitchen_{station}", display, f"/kitchen/{station}"
    yield "kitchen_overview", display, "/kitchen/"
    yield "tracking", phone, slip(shop)
    yield "admin_today", manager, "/admin/"
    yield "admin_orders", manager, "/admin/orders"
    yield "admin_order", manager, f"/admin/orders/{an_order(shop)}"
    yield "admin_desk", manager, "/admin/desk"
    yield "admin_menu", manager, "/admin/menu"
