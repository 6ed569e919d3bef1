"""What every room's forms do in a browser: one submit at a time, a question first, toasts, and a lost network."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.chromium import PageAt
from tests.live_server import ShopServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopServer]:
    data = tmp_path_factory.mktemp("forms") / "shop"
    shutil.copytree(founded, data)
    with ShopServer(data) as server:
        yield server


class Posts:
    """Counts what a page sends, and answers "nothing to show" a moment later."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.bodies: list[str] = []
        page.route(pattern, self.take)

    def take(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.bodies.append(route.request.post_data or "")
        time.sleep(0.4)
        route.fulfill(status=204)


def sign_in_page(page_at: PageAt, server: ShopServer) -> tuple[Page, Posts]:
    page = page_at(390, 844)
    posts = Posts(page, "**/sign-in*")
    page.goto(f"{server.base}/sign-in?lang=en")
    page.evaluate(
        """() => { const form = document.querySelector('form[action="/sign-in"]'); form.noValidate = true;
        form.id = "probe"; form.elements.csrf_token.value = ""; }"""
    )
    return page, posts


def test_an_impatient_finger_submits_once(server: ShopServer, page_at: PageAt) -> None:
    page, posts = sign_in_page(page_at, server)
    button = page.locator("#probe button").last
    with page.expect_request("**/sign-in*"):
        button.click(click_count=2, no_wait_after=True)
    button.click(force=True, no_wait_after=True)
    page.wait_for_timeout(900)
    assert len(posts.bodies) == 1
    assert "csrf_token=&" not in posts.bodies[0] and "csrf_token=" in posts.bodies[0], (
        "filled from the page's token"
    )


def test_a_question_comes_first_and_no_means_no(server: ShopServer, page_at: PageAt) -> None:
    page, posts = sign_in_page(page_at, server)
    page.evaluate("document.getElementById('probe').dataset.confirm = 'Cancel this order?'")
    button = page.locator("#probe button").last
    button.click(no_wait_after=True)
    question = page.get_by_role("dialog", name="Cancel this order?")
    expect(question.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    button.click(no_wait_after=True)
    question.get_by_role("button", name="Go back").click()
    page.wait_for_timeout(200)
    assert posts.bodies == []
    button.click(no_wait_after=True)
    with page.expect_request("**/sign-in*"):
        question.get_by_role("button").last.click(no_wait_after=True)
    page.wait_for_timeout(700)
    assert len(posts.bodies) == 1


def test_a_toast_says_it_and_can_be_answered(server: ShopServer, page_at: PageAt) -> None:
    page, _ = sign_in_page(page_at, server)
    page.evaluate(
        "fairslice.toast('Saved', {seconds: 60, action: "
        "{label: 'Undo', run: () => { document.body.dataset.undone = 'yes'; }}})"
    )
    page.locator(".toast", has_text="Saved").get_by_role("button", name="Undo").click()
    assert page.evaluate("document.body.dataset.undone") == "yes"
    expect(page.locator(".toast")).to_have_count(0)
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {value: '<b>plain</b>'}}))")
    expect(page.locator(".toast")).to_have_text("<b>plain</b>")


def test_a_lost_network_is_noticed_and_its_return_too(server: ShopServer, page_at: PageAt) -> None:
    page = page_at(1280, 800, ignore=["ERR_", "Failed to load"])
    page.goto(f"{server.base}/kiosk/")
    state = page.locator("html")
    expect(state).to_have_attribute("data-network", "fine")
    page.context.set_offline(True)
    begun = time.monotonic()
    expect(state).to_have_attribute("data-network", "lost")
    noticed = time.monotonic() - begun
    page.context.set_offline(False)
    begun = time.monotonic()
    expect(state).to_have_attribute("data-network", "fine")
    print(f"lost network noticed after {noticed:.1f} s, its return after {time.monotonic() - begun:.1f} s")
