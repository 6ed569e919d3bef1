"""A cake that nobody fetches, in the back office: on Today, marked by a clerk, given up by a manager."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from tests import cast
from tests.admin.office import english, made, order, post


def test_today_lists_it_a_clerk_marks_it_and_a_manager_gives_it_up(app: Flask, sign_in) -> None:
    placed = made(app, until="box")
    sheet = f"/admin/orders/{placed.order_id}"
    cast.clock_of(app).at = order(app, placed.order_id).due_at + timedelta(hours=2)
    mei, xu = (english(sign_in(app.test_client(), who)) for who in ("mei", "xu"))
    assert "Nobody has fetched it" in mei.get("/admin/").text and placed.number in mei.get("/admin/").text
    assert "Mark as not picked up" in mei.get(sheet).text
    assert post(mei, f"{sheet}/no-show").status_code == 303
    assert order(app, placed.order_id).state == "no_show"
    page = mei.get(sheet).text
    assert "Take it back: it lies ready" in page and "Give the cake up" not in page and "Hand over" in page
    assert post(mei, f"{sheet}/given-up", how="resold", reason="x").status_code == 403
    assert post(xu, f"{sheet}/given-up", how="resold", reason="").status_code == 422
    assert "Give the cake up" in xu.get(sheet).text
    assert post(xu, f"{sheet}/given-up", how="resold", reason="Until closing").status_code == 303
    assert order(app, placed.order_id).state == "resold"
    assert "Not picked up, sold" in xu.get(sheet).text
    refund = xu.get(sheet).text.split('href="/admin/refunds/', 1)[1].split('"', 1)[0]
    assert post(mei, f"/admin/refunds/{refund}/payment").status_code == 303
    page = mei.get(f"/admin/refunds/{refund}").text
    assert "Paid back by" in page and "Decided by" not in page, "the terms decided, mei opened the drawer"


def test_a_mark_is_taken_back(app: Flask, sign_in) -> None:
    placed = made(app, until="box")
    sheet = f"/admin/orders/{placed.order_id}"
    mei = english(sign_in(app.test_client(), "mei"))
    assert post(mei, f"{sheet}/no-show").status_code == 409
    cast.clock_of(app).at = order(app, placed.order_id).due_at + timedelta(hours=2)
    post(mei, f"{sheet}/no-show")
    assert post(mei, f"{sheet}/no-show/end").status_code == 303
    assert order(app, placed.order_id).state == "ready"
