"""Every screen of the shop, at its real size: looked at by the tests, and photographed for docs/screens.

``python -m tests.browser.screens docs/screens`` makes the pictures anew.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from shop.core.clock import Clock
from tests import cast
from tests.browser.facts import facts_of
from tests.browser.staging import stage_money
from tests.browser.steps import (
    courier_at_door,
    kiosk_delivery,
    kiosk_delivery_time,
    kiosk_pay,
    kiosk_read_back,
    kiosk_review,
    kiosk_scan,
    kiosk_time,
    kiosk_wait,
    kiosk_with_words,
)
from tests.chromium import CHROMIUM, FLAGS
from tests.conftest import build_empty
from tests.gateway import keys_once, running
from tests.live_server import ShopServer
from web.database import writing
from web.furnish import furnish_demo

QUARTER_PAST_TWO = datetime(2026, 11, 21, 6, 16, tzinfo=UTC)
"""14:16 in Shanghai on a Saturday: the demo's busiest hour."""

KIOSK, KIOSK_WIDE = (1080, 1920), (1280, 800)
WALL, TABLET = (1920, 1080), (1280, 800)
PHONE, DESK = (360, 800), (1440, 900)


@dataclass(frozen=True)
class Screen:
    """``path`` is filled from `Facts`; ``steps`` are taken on the page before it is looked at."""

    name: str
    door: str
    path: str
    sizes: tuple[tuple[int, int], ...]
    login: str = ""
    steps: Callable[[Page], None] | None = None


K, W, A = (KIOSK, KIOSK_WIDE), (WALL, TABLET), (PHONE, DESK)
SCREENS = (
    Screen("signpost", "doorway.signpost", "/", A),
    Screen("sign-in", "doorway.sign_in_page", "/sign-in", A),
    Screen("pairing", "doorway.pairing", "/pair", (PHONE, TABLET)),
    Screen("kiosk-attract", "kiosk.attract", "/kiosk/", K),
    Screen("kiosk-menu", "kiosk.menu", "/kiosk/menu", K),
    Screen("kiosk-customise", "kiosk.customise", "/kiosk/cake/strawberry-cream", K),
    Screen("kiosk-words", "kiosk.words", "/kiosk/menu", K, steps=kiosk_with_words),
    Screen("kiosk-read-back", "kiosk.read_back", "/kiosk/menu", K, steps=kiosk_read_back),
    Screen("kiosk-time", "kiosk.time", "/kiosk/menu", K, steps=kiosk_time),
    Screen("kiosk-delivery", "kiosk.delivery", "/kiosk/menu", K, steps=kiosk_delivery),
    Screen("kiosk-delivery-time", "kiosk.time", "/kiosk/menu", K, steps=kiosk_delivery_time),
    Screen("admin-delivery-areas", "admin.delivery_areas", "/admin/delivery-areas", A, login="chen"),
    Screen("kiosk-review", "kiosk.review", "/kiosk/menu", K, steps=kiosk_review),
    Screen("kiosk-pay", "kiosk.pay", "/kiosk/menu", K, steps=kiosk_pay),
    Screen("kiosk-wait", "kiosk.wait", "/kiosk/menu", K, steps=kiosk_wait),
    Screen("kiosk-scan", "kiosk.wait", "/kiosk/menu", K, steps=kiosk_scan),
    Screen("kiosk-resume", "kiosk.resume", "/kiosk/resume", K),
    Screen("kitchen", "kitchen.overview", "/kitchen/", W),
    Screen("kitchen-oven", "kitchen.station_board", "/kitchen/oven", W),
    Screen("kitchen-bench", "kitchen.station_board", "/kitchen/bench", W),
    Screen("kitchen-decorating", "kitchen.station_board", "/kitchen/decorating", W),
    Screen("kitchen-packing", "kitchen.station_board", "/kitchen/packing", W),
    Screen("kitchen-more", "kitchen.station_more", "/kitchen/packing/more", (TABLET,)),
    Screen("kitchen-cake", "kitchen.cake", "/kitchen/cake/{made}", (PHONE,), "li"),
    Screen("kitchen-mine", "kitchen.my_tasks", "/kitchen/mine", (PHONE,), "li"),
    Screen("kitchen-list", "kitchen.station_list", "/kitchen/oven/list", (DESK,)),
    Screen("kitchen-card", "kitchen.card_more", "/kitchen/{station}/card/{cake}", (PHONE, TABLET)),
    Screen("kitchen-label", "kitchen.label", "/kitchen/{station}/label/{cake}", (DESK,)),
    Screen("kitchen-remake", "kitchen.remake_form", "/kitchen/{station}/remake/{cake}", (TABLET,)),
    Screen("tracking-pay", "tracking.paying", "/t/{placed}/pay", (PHONE,)),
    Screen("tracking-in-production", "tracking.order", "/t/{in_production}", (PHONE,)),
    Screen("tracking-delivery", "tracking.order", "/t/{brought}", (PHONE,)),
    Screen("admin-order-delivery", "admin.order", "/admin/orders/{brought_id}", A, "mei"),
    Screen("tracking-ready", "tracking.order", "/t/{ready}", (PHONE,)),
    Screen("tracking-confirmed", "tracking.order", "/t/{confirmed}", (PHONE,)),
    Screen("tracking-unpaid", "tracking.order", "/t/{placed}", (PHONE,)),
    Screen("tracking-cancel", "tracking.cancelling", "/t/{confirmed}/cancel", (PHONE,)),
    Screen("tracking-cake", "tracking.cake", "/c/{code}", (PHONE,)),
    Screen("tracking-receipt", "tracking.receipt_asking", "/t/{confirmed}/receipt", (PHONE,)),
    Screen("tracking-invoice", "tracking.invoice_asking", "/t/{confirmed}/invoice", (PHONE,)),
    Screen("slip", "tracking.slip", "/t/{confirmed}/slip", (PHONE,), "mei"),
    Screen("courier-drops", "courier.home", "/courier/", (PHONE,), "gao"),
    Screen("courier-drop", "courier.drop", "/courier/drop/{drop}", (PHONE,), "gao"),
    Screen("courier-at-the-door", "courier.drop", "/courier/drop/{drop}", (PHONE,), "gao", courier_at_door),
    Screen("courier-day", "courier.day", "/courier/day", (PHONE,), "gao"),
    Screen("admin-alarms", "admin.alarms", "/admin/alarms", A, "xu"),
    Screen("admin-urgent", "admin.urgent", "/admin/orders/{order}/rush", A, "xu"),
    Screen("admin-plan", "admin.plan", "/admin/plan", A, "xu"),
    Screen("admin-money", "admin.money", "/admin/money", A, "xu"),
    Screen("admin-reconciliation", "admin.bills_page", "/admin/reconciliation", A, "xu"),
    Screen("admin-bill", "admin.bill", "/admin/reconciliation/{bill}", A, "xu"),
    Screen("admin-discount", "admin.discount", "/admin/discounts/{discount}", A, "xu"),
    Screen("admin-coupons", "admin.coupons", "/admin/coupons", A, "xu"),
    Screen("admin-coupon", "admin.coupon", "/admin/coupons/{coupon}", A, "xu"),
    Screen("admin-refund", "admin.refund", "/admin/refunds/{refund}", A, "xu"),
    Screen("admin-mismatch", "admin.mismatch", "/admin/payments/{strange_payment}/mismatch", A, "xu"),
    Screen("admin-dispute", "admin.dispute", "/admin/disputes/{dispute}", A, "chen"),
    Screen("admin-dispute-new", "admin.new_dispute", "/admin/payments/{disputed_payment}/dispute", A, "xu"),
    Screen("admin-claims", "admin.claims", "/admin/claims", A, "xu"),
    Screen("admin-claims-task", "admin.task_of", "/admin/claims/tasks/{task}", A, "xu"),
    Screen("admin-incidents", "admin.incidents", "/admin/incidents", A, "xu"),
    Screen("admin-dispatch", "admin.dispatch", "/admin/dispatch", A, "xu"),
    Screen("admin-dispatch-drop", "admin.dispatch_drop", "/admin/dispatch/{open_drop}", A, "xu"),
    Screen("admin-today", "admin.dashboard", "/admin/", A, "xu"),
    Screen("admin-orders", "admin.orders", "/admin/orders", A, "xu"),
    Screen("admin-order", "admin.order", "/admin/orders/{order}", A, "xu"),
    Screen("admin-order-slip", "admin.slip", "/admin/orders/{order}/slip", (DESK,), "mei"),
    Screen("admin-order-receipt", "admin.receipt", "/admin/orders/{order}/receipt", A, "mei"),
    Screen("admin-order-invoice", "admin.invoices", "/admin/orders/{paid_order}/invoice", A, "mei"),
    Screen("admin-invoice", "admin.document", "/admin/documents/{invoice}", A, "mei"),
    Screen("admin-invoices", "admin.invoices", "/admin/orders/{invoiced}/invoice", A, "mei"),
    Screen("admin-journal", "admin.journal", "/admin/invoices", A, "mei"),
    Screen("admin-order-paid", "admin.paid", "/admin/orders/{paid_order}/paid/{payment}", A, "mei"),
    Screen("admin-desk", "admin.desk", "/admin/desk", A, "mei"),
    Screen("admin-till", "admin.till", "/admin/till", A, "mei"),
    Screen("admin-till-order", "admin.till_order", "/admin/till/{unpaid}", A, "mei"),
    Screen("admin-code-payment", "admin.code_payment", "/admin/orders/{coded}", A, "mei"),
    Screen("admin-tills", "admin.tills", "/admin/tills", A, "xu"),
    Screen("admin-drawer", "admin.drawer", "/admin/tills/1", A, "mei"),
    Screen("admin-count", "admin.count_form", "/admin/tills/1/count", A, "mei"),
    Screen("admin-till-shift", "admin.till_shift", "/admin/tills/shifts/1", A, "xu"),
    Screen("admin-days", "admin.days", "/admin/days", A, "xu"),
    Screen("admin-day", "admin.business_day", "/admin/days/2026-11-20", A, "xu"),
    Screen("admin-day-open", "admin.business_day", "/admin/days/2026-11-21", A, "xu"),
    Screen("admin-day-paper", "admin.day_paper", "/admin/days/2026-11-20/paper", (DESK,), "xu"),
    Screen("admin-menu", "admin.menu", "/admin/menu", A, "xu"),
    Screen("admin-menu-product", "admin.product", "/admin/menu/{product}", A, "xu"),
    Screen("admin-menu-choices", "admin.options", "/admin/menu/choices", A, "xu"),
    Screen("admin-menu-group", "admin.group", "/admin/menu/choices/1", A, "xu"),
    Screen("admin-menu-ways", "admin.ways", "/admin/menu/ways", A, "xu"),
    Screen("admin-menu-way", "admin.way", "/admin/menu/ways/1", A, "xu"),
    Screen("admin-kitchen", "admin.kitchen", "/admin/kitchen", A, "xu"),
    Screen("admin-shifts", "admin.shifts", "/admin/shifts", A, "xu"),
    Screen("admin-people", "admin.people", "/admin/people/", A, "chen"),
    Screen("admin-person", "admin.member", "/admin/people/{person}", A, "chen"),
    Screen("admin-new-person", "admin.new_person", "/admin/people/new", A, "chen"),
    Screen("admin-me", "admin.myself", "/admin/me", A, "chen"),
    Screen("admin-roles", "admin.roles", "/admin/roles/", A, "chen"),
    Screen("admin-devices", "admin.devices", "/admin/devices/", A, "chen"),
    Screen("admin-diary", "admin.diary", "/admin/diary", A, "zheng"),
    Screen("admin-shop", "admin.settings", "/admin/shop", A, "xu"),
)


@contextmanager
def busy_shop(data: Path, days: int = 90) -> Iterator[tuple[ShopServer, dict[str, str]]]:
    """Serve the demo shop on its Saturday afternoon, and the demo's gateway; yields it and what the paths need."""
    server = ShopServer(data)
    clock = Clock(data / "pace.json")
    clock.set(QUARTER_PAST_TWO, speed=0)  # nothing comes due, however long the looking takes
    app = build_empty(data)
    cast.clock_of(app).at = QUARTER_PAST_TWO
    with app.app_context():
        furnish_demo(days)
        with writing() as tx:
            stage_money(tx, QUARTER_PAST_TWO)
        facts = facts_of()
    with running(keys_once(data / "keys"), data, clock.now):
        server.start()
        try:
            yield server, {**facts, "base": server.base}
        finally:
            server.stop()


def visit(page: Page, screen: Screen, facts: dict[str, str]) -> None:
    """Open a screen and take its steps."""
    if screen.login:
        page.context.add_cookies([signed_in(page, screen.login, facts["base"])])
    if screen.steps:
        screen.steps(page)
    else:
        page.goto(screen.path.format(**facts))
    page.wait_for_load_state("load")


_sessions: dict[tuple[str, str], Any] = {}


def signed_in(page: Page, login: str, origin: str) -> Any:
    """Return the cookie of somebody's session; each signs in once at each server."""
    if (origin, login) not in _sessions:
        page.goto("/sign-in")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill("tangjian")
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        cookies = page.context.cookies()
        _sessions[origin, login] = next(each for each in cookies if each["name"] == "fs_session")
    return _sessions[origin, login]


def keep(picture: bytes, path: Path) -> None:
    """Keep a picture with 128 colours: a quarter of the bytes, and nobody sees it."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def photograph(folder: Path) -> None:
    """Make a picture of every screen in English and Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        busy_shop(Path(data)) as (server, facts),
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for screen in SCREENS:
            for width, height in screen.sizes:
                for locale in ("zh-CN", "en-GB"):
                    context = chromium.new_context(
                        viewport={"width": width, "height": height}, locale=locale, base_url=server.base,
                        timezone_id="Asia/Shanghai", reduced_motion="reduce",
                    )  # fmt: skip
                    language = "zh-Hans" if locale == "zh-CN" else "en"
                    context.add_cookies([{"name": "fs_language", "value": language, "url": server.base}])
                    page = context.new_page()
                    try:
                        visit(page, screen, facts)
                        page.wait_for_timeout(400)  # the live region arrives
                        keep(page.screenshot(), folder / f"{screen.name}-{width}x{height}-{language}.png")
                    except Exception as trouble:
                        print(f"{screen.name} {width}x{height} {language}: {trouble}", file=sys.stderr)
                    context.close()
        chromium.close()


if __name__ == "__main__":
    photograph(Path(sys.argv[1]))
