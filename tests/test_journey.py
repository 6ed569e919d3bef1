"""The main job, end to end in a real browser: ordered at the kiosk, paid at the counter, made, followed, handed over.

In English and in Chinese, on SQLite with one process and on PostgreSQL with two workers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from shop.upkeep.invariants import breaches
from tests import cast
from tests.conftest import build, close
from tests.live_server import ShopServer
from tests.postgres import Postgres
from web.database import reading, writing
from web.upgrade import upgrade

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PageAt = Callable[..., Page]
HEADINGS = {
    "en-GB": ("Tap to order", "Decorating"),
    "zh-CN": ("点", "裱花"),
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopServer]:
    """The real server on a shop that was just founded, for both journeys; PostgreSQL with two workers."""
    url, workers, tmp_path = "", 1, tmp_path_factory.mktemp("journey")
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres_server")
        url, workers = postgres.create(), 2
    app = build(tmp_path, url)
    upgrade(app)
    with app.app_context(), writing() as tx:
        cast.found(tx)
    with ShopServer(tmp_path, url, workers) as server:
        yield server
    with app.app_context(), reading() as session:
        assert breaches(session) == []
    close(app)


def open_at(
    page_at: PageAt, server: ShopServer, path: str, size: tuple[int, int], locale: str, **more: object
) -> Page:
    page = page_at(*size, locale, base_url=server.base, **more)
    page.goto(f"{path}?lang={locale[:2]}")
    return page


def order_at_the_kiosk(kiosk: Page, words: str) -> str:
    """Order an 8-inch strawberry cake with words on it; returns the code for the counter."""
    kiosk.locator("main a.btn-primary").click()
    kiosk.locator('a[href^="/kiosk/cake/strawberry-cream"]').first.click()
    kiosk.locator('button[name=then][value="words"]').click()
    kiosk.locator("#text").fill(words)
    kiosk.locator("footer .btn-primary").click()
    kiosk.locator("input[name=due_at]").first.wait_for(state="attached")
    kiosk.locator("footer .btn-primary").click()
    expect(kiosk.locator("main")).to_contain_text(words)
    kiosk.locator("footer .btn-primary").click()
    kiosk.locator('footer button[name=do][value="pay"]').click()
    kiosk.locator('button[name=method][value="cash"]').click()
    code = kiosk.locator("h1.k-number")
    expect(code).to_have_text(re.compile(r"^[0-9A-Z]{5}$"))
    return code.inner_text()


def sign_in(page: Page, login: str) -> None:
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("tangjian")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile("/admin/"))


def take_cash(desk: Page, code: str) -> None:
    """Mei types the code, takes 300 yuan, and gives the change."""
    desk.goto("/admin/till")
    desk.locator("#code").fill(code.lower())
    desk.locator("#code").press("Enter")
    desk.locator("#tendered").fill("300")
    expect(desk.locator("[data-change-out]")).to_contain_text("32")
    desk.locator("#tendered").press("Enter")
    desk.wait_for_url(re.compile("/paid/"))
    expect(desk.locator("body")).to_contain_text("32")


def tap(board: Page, number: str, action: str) -> None:
    """Tap a button of a card, as the first person on the chips."""
    chip = board.locator("#people label").first
    if not board.locator("#people input").first.is_checked():
        chip.click()
    card = board.locator("article.w-card", has_text=number)
    card.locator(f'button[formaction$="/{action}"]').click()


def work(board: Page, number: str, *actions: str) -> None:
    """Do one card's taps one after the other; each must be answered before the next."""
    for action in actions:
        button = board.locator("article.w-card", has_text=number).locator(f'button[formaction$="/{action}"]')
        expect(button).to_be_visible()
        tap(board, number, action)


def cold_already(board: Page, number: str) -> None:
    """Say that a cake need not cool any longer: one tap asks, the second says yes."""
    board.locator("article.w-card", has_text=number).locator('a[href*="/card/"].btn:not(.btn-icon)').click()
    asks = board.get_by_role("dialog")
    if not asks.locator("[name=person]").first.is_checked():
        asks.locator("label:has([name=person])").first.click()
    asks.locator('button[formaction$="/finish"]').click()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_from_the_kiosk_to_the_customers_hands(serving: ShopServer, page_at: PageAt, locale: str) -> None:
    words = "Happy Birthday Emma" if locale == "en-GB" else "祝爸爸六十大寿"
    kiosk = open_at(page_at, serving, "/kiosk/", (1080, 1920), locale, has_touch=True)
    oven = open_at(page_at, serving, "/kitchen/oven", (1920, 1080), locale)
    expect(kiosk.locator("main")).to_contain_text(HEADINGS[locale][0])
    code = order_at_the_kiosk(kiosk, words)

    desk = open_at(page_at, serving, "/sign-in", (1440, 900), locale)
    sign_in(desk, "mei")
    take_cash(desk, code)

    slip = kiosk.locator("main")  # the kiosk's screen turns into the slip by itself
    kiosk.locator(".k-ticket .qr").wait_for()
    expect(slip).to_contain_text(re.compile(r"A-\d{3}"))
    number = re.search(r"A-\d{3}", slip.inner_text())
    assert number is not None
    called = number[0]

    card = oven.locator("article.w-card", has_text=called)
    expect(card).to_be_visible()  # it came over the socket
    expect(card).to_contain_text(words)

    desk.goto("/admin/orders")
    desk.locator("a", has_text=called).first.click()
    desk.wait_for_url(re.compile(r"/admin/orders/\d+"))
    order_page = desk.url
    address = re.search(r"/t/[\w-]{22}", kiosk.content())
    assert address is not None
    phone = open_at(page_at, serving, address[0], (360, 800), locale)
    expect(phone.locator("#track")).to_have_class(re.compile("is-confirmed"))

    work(oven, called, "start", "finish")
    expect(phone.locator("#track")).to_have_class(re.compile("is-in_production"))
    expect(card).to_have_count(0)

    bench = open_at(page_at, serving, "/kitchen/bench", (1280, 800), locale)
    cold_already(bench, called)
    work(bench, called, "start", "finish")

    decorating = open_at(page_at, serving, "/kitchen/decorating", (1920, 1080), locale)
    expect(decorating.locator("h1")).to_contain_text(HEADINGS[locale][1])
    work(decorating, called, "start")
    to_decorate = decorating.locator("article.w-card", has_text=called)
    expect(to_decorate.locator('button[formaction$="/written"]')).to_be_visible()
    expect(to_decorate.locator('button[formaction$="/finish"]')).to_have_count(0)
    work(decorating, called, "written", "finish")

    packing = open_at(page_at, serving, "/kitchen/packing", (1280, 800), locale)
    work(packing, called, "start", "finish", "start", "finish")
    expect(phone.locator("#track")).to_have_class(re.compile("is-ready"))
    expect(phone.locator("#track")).to_contain_text(called)

    pin = re.search(r"\b\d{4}\b", secret_of(desk, order_page))
    assert pin is not None
    desk.locator("#pin").fill(pin[0])
    desk.locator("#pin").press("Enter")
    expect(phone.locator("#track")).to_have_class(re.compile("is-handed_over"))
    expect(desk.locator("body")).to_contain_text(called)


def secret_of(desk: Page, order_page: str) -> str:
    """Return the PIN as the customer reads it from the slip that Mei prints for them."""
    desk.goto(order_page + "/slip")
    pin = desk.locator(".slip-due .slip-code").last.inner_text()
    desk.goto(order_page)
    return pin
