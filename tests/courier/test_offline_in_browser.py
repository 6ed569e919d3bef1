"""A dead network in a real browser: taps wait on the phone, outlive a reload, and are done once each, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from shop.core.events import Event
from shop.delivery.claims import assign
from shop.delivery.drops import find
from shop.delivery.handing import fail
from shop.delivery.tables import Drop
from shop.orders.tables import Order
from tests import cast, counter
from tests.chromium import scrolls_sideways
from tests.conftest import served
from tests.courier.phone import a_drop, again, codes
from tests.live_server import ShopServer
from tests.patience import PATIENCE
from tests.shop.delivery import rounds
from web.database import reading, writing
from web.house import now

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "WebSocket", "ERR_FAILED")


@pytest.fixture
def shop(founded: Path, tmp_path: Path) -> Iterator[tuple[ShopServer, Flask]]:
    with served(founded, tmp_path / "shop") as both:
        yield both


def sign_in(page: Page, login: str = "gao") -> None:
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("tangjian")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/courier/")


def shell_is_kept(page: Page, it: Drop) -> None:
    """Open the drop until the worker stands between it and the network: the first visit brings the worker."""
    page.goto(f"/courier/drop/{it.id}")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until = time.monotonic() + PATIENCE
    while not page.evaluate("Boolean(navigator.serviceWorker.controller)"):
        assert time.monotonic() < until
        page.reload()  # a page that was opened while the worker began is not in its hands yet
    page.reload()  # this one is kept


def test_three_taps_without_a_network_are_done_once_each_in_order(
    shop: tuple[ShopServer, Flask], page_at: Callable[..., Page], axe: Callable[..., list[str]]
) -> None:
    server, app = shop
    it = a_drop(app, rounds.claimed)
    with app.app_context(), reading() as session:
        pin = session.get_one(Order, it.order_id).pin
    page = page_at(360, 740, base_url=server.base, ignore=(*NO_NETWORK, "status of 4"))
    sign_in(page)
    shell_is_kept(page, it)
    assert axe(page) == [] and not scrolls_sideways(page)

    page.context.set_offline(True)
    page.locator("#code-0").fill(codes(app, it)[0])
    page.get_by_role("button", name="Picked up").click()
    page.get_by_role("button", name="I am at the door").click()
    page.locator("#pin").fill(pin)
    page.get_by_role("button", name="Handed over").click()
    expect(page.locator("#queue li.is-waiting")).to_have_count(3)
    assert again(app, it).state == "claimed"

    page.reload()  # the worker opens the page that was shown last
    expect(page.locator("#queue li.is-waiting")).to_have_count(3)
    assert axe(page, within="#queue") == []

    page.context.set_offline(False)
    page.wait_for_url(f"**/courier/drop/{it.id}")
    expect(page.get_by_text("Delivered at")).to_be_visible()
    expect(page.locator("#queue li.is-waiting")).to_have_count(0)
    with app.app_context(), reading() as session:
        assert rounds.kinds(session, it.order_id)[-3:] == ["drop_collected", "drop_arrived", "drop_delivered"]
        assert len(rounds.kinds(session, it.order_id)) == 5
        taps = session.scalars(
            select(Event).where(Event.order_id == it.order_id, Event.kind.like("drop_%")).order_by(Event.seq)
        )
        assert all("tapped" in event.data for event in list(taps)[-3:])


def test_a_lost_answer_is_asked_for_again_and_done_once(
    shop: tuple[ShopServer, Flask], page_at: Callable[..., Page]
) -> None:
    """The request reaches the shop, its answer does not reach the phone."""
    server, app = shop
    it = a_drop(app, rounds.claimed)
    page = page_at(360, 740, base_url=server.base, ignore=NO_NETWORK, service_workers="block")
    sign_in(page)
    page.goto(f"/courier/drop/{it.id}")
    lost = []

    def swallow(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/pick-up", swallow)
    page.locator("#code-0").fill(codes(app, it)[0])
    page.get_by_role("button", name="Picked up").click()
    expect(page.get_by_text(rounds.ADDRESS)).to_be_visible()
    assert lost == [200]
    with app.app_context(), reading() as session:
        assert rounds.kinds(session, it.order_id).count("drop_collected") == 1


def test_labels_scanned_one_by_one_come_together(
    shop: tuple[ShopServer, Flask], page_at: Callable[..., Page]
) -> None:
    """Each scan by the phone's camera opens the label's address; with the last one the button is next."""
    server, app = shop
    it = a_drop(app, rounds.claimed, quantity=2)
    first, second = codes(app, it)
    page = page_at(360, 740, base_url=server.base)
    sign_in(page)
    page.goto(f"/c/{first}")
    expect(page.locator("#code-1")).to_be_focused()
    again_in = page_at(360, 740, base_url=server.base, context=page.context)  # another tab
    again_in.goto(f"/c/{second}")
    expect(again_in.get_by_role("button", name="Picked up")).to_be_focused()
    again_in.keyboard.press("Enter")
    expect(again_in.get_by_text(rounds.ADDRESS)).to_be_visible()
    assert again(app, it).state == "picked_up"


def test_what_is_refused_needs_the_courier_and_holds_up_nothing_else(
    shop: tuple[ShopServer, Flask], page_at: Callable[..., Page]
) -> None:
    server, app = shop
    it, other = a_drop(app, rounds.at_the_door), a_drop(app, rounds.at_the_door)
    page = page_at(360, 740, base_url=server.base, ignore=(*NO_NETWORK, "status of 4"))
    sign_in(page)
    shell_is_kept(page, it)
    page.goto(f"/courier/drop/{other.id}")
    page.context.set_offline(True)
    for drop in (it, other):
        page.goto(f"/courier/drop/{drop.id}")
        page.get_by_text("It does not work").click()
        page.get_by_text("Nobody opens", exact=True).click()
        page.get_by_text("Call the customer").click()
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator("#queue li.is-waiting")).to_have_count(1 if drop is it else 2)
    with app.app_context(), writing() as tx:  # meanwhile the dispatcher gives the first one to Wu
        here, _ = counter.shop_and_card(tx)
        version = find(tx, here, it.id).version
        assign(
            tx,
            here,
            it.id,
            cast.person(tx, "wu").id,
            version,
            by=cast.by(tx, "xu"),
            at=now(),
            reason="nearer",
        )
    page.context.set_offline(False)
    expect(page.locator("#queue li.is-refused")).to_have_count(1)
    expect(page.locator("#queue li.is-refused")).to_contain_text("not yours")
    expect(page.locator("#queue li.is-waiting")).to_have_count(0)
    assert (again(app, it).state, again(app, other).state) == ("arrived", "failed")
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator("#queue li.is-refused")).to_have_count(0)

    last = a_drop(
        app, rounds.at_the_door
    )  # a mistyped PIN, and the right one: nothing waits behind the first
    with app.app_context(), reading() as session:
        pin = session.get_one(Order, last.order_id).pin
    page.goto(f"/courier/drop/{last.id}")
    for typed in (f"{(int(pin) + 1) % 10_000:04d}", pin):
        page.fill("#pin", typed)
        page.get_by_role("button", name="Handed over").click()
        expect(page.locator("#queue li.is-refused")).to_have_count(1 if typed != pin else 0)
    page.get_by_role("link", name="Next delivery").wait_for()
    assert again(app, last).state == "delivered"


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_words_run_out_of_a_button_where_it_did_not_work(
    shop: tuple[ShopServer, Flask], page_at: Callable[..., Page], axe: Callable[..., list[str]], locale: str
) -> None:
    server, app = shop
    it = a_drop(app, rounds.at_the_door)
    with app.app_context(), writing() as tx:
        house_of, _ = counter.shop_and_card(tx)
        fail(tx, house_of, it.id, reason="damaged", next_step="back", by=cast.by(tx, "gao"), at=now())
    page = page_at(360, 740, locale, base_url=server.base)
    sign_in(page)
    page.goto(f"/courier/drop/{it.id}")
    cut = "all => all.filter(b => b.scrollWidth > b.clientWidth).map(b => b.innerText)"
    assert page.locator(".r-fail .btn").evaluate_all(cut) == []
    assert axe(page) == []
