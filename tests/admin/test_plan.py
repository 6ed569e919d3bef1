"""The plan page: bars with words for whoever does not see them, lists, load, what changed, what to make."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import update

from admin.plan import engine_said, gap_words
from shop.core.types import to_minute
from shop.planning.kitchen.talk import improve
from shop.production.plan.applying import apply, last_run
from shop.production.plan.chart import chart
from shop.production.plan.making import making
from shop.production.plan.named import named
from shop.production.plan.picture import take
from shop.production.plan.rushing import Slip, WhatIf
from shop.production.plan.tables import PlanRun
from shop.production.tables import Task
from tests import cast, counter
from tests.admin.office import english, made
from tests.counter import clock, shop_and_card, task
from web.database import reading, writing
from web.house import now


def plan_it(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(update(Task).values(planned_for=None))
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        picture = take(tx, shop, at=now())
        apply(
            tx, shop, picture, improve(picture.floor, picture.jobs, 0.0), at=now(), reason="order_confirmed"
        )


def test_an_empty_day_says_so(app: Flask, client: FlaskClient) -> None:
    page = cast.sign_in(english(client), "xu").get("/admin/plan?day=2026-11-23").get_data(as_text=True)
    assert "Nothing is planned for Mon 23 Nov." in page and "Nothing is ordered for this day yet." in page
    assert '<svg class="g-chart"' not in page
    assert client.get("/admin/plan?day=never&hours=x").status_code == 200


def test_the_chart_says_everything_in_words_too(app: Flask, client: FlaskClient) -> None:
    number = made(app, until="bake").number
    plan_it(app)
    clock(app).pass_by(minutes=20)
    page = cast.sign_in(english(client), "xu").get("/admin/plan").get_data(as_text=True)
    bars = re.findall(r'<a class="g-bar is-(\w+)" href="/admin/orders/\d+">\s*<title>([^<]+)', page)
    kinds = {label.split(" · ")[1]: (state, label) for state, label in bars}
    assert kinds["Baking"][0] == "done" and number in kinds["Baking"][1]
    assert kinds["Decorating"][0] == "notyet" and "planned" in kinds["Decorating"][1]
    assert re.search(r"(Li|Zhang|Zhao|Sun)", kinds["Decorating"][1]), "and who does it"
    assert 'class="g-now"' in page and page.count('class="g-chart"') == 2
    assert "style=" not in page and "No cake is planned to be late." in page
    assert "What changed" in page and "Order confirmed" in page
    clerk = cast.sign_in(english(app.test_client()), "mei").get("/admin/plan/part")
    assert clerk.status_code == 200 and clerk.headers["ETag"]


def test_the_page_says_how_good_the_plan_is_and_who_found_it(app: Flask) -> None:
    run = PlanRun(late_after=12, bound=5, runs_after=2, least_runs=2, engine="solver")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert gap_words(run) == (
            "12 minutes late in all: 5 of them cannot be helped, 7 perhaps can. 2 oven runs, as few as there can be."
        )
        assert engine_said(run).startswith("Found by the solver")
        run.bound = 12
        assert "no plan could do better" in gap_words(run)
        run.engine = ""
        assert engine_said(run) == "", "of older runs nobody knows it"
    placed = made(app)
    plan_it(app)
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        last = last_run(session, shop)
        assert last is not None and last.engine == "mended" and last.cakes == 1, placed.number


def test_several_cakes_of_one_order_are_told_apart(app: Flask, client: FlaskClient) -> None:
    placed = made(app, quantity=2)
    plan_it(app)
    page = cast.sign_in(english(client), "xu").get("/admin/plan?hours=0").get_data(as_text=True)
    number = placed.number
    for nth in (1, 2):
        assert f"{number} {nth}/2 Strawberry cream 8″" in page, "in the chart"
        assert re.search(rf"{number}</b></a> {nth}/2 Strawberry cream 8 inch", page), "and in what changed"
    with app.app_context(), reading() as session:
        first = counter.tasks(session, placed.order_id)[0].cake_id
        cakes = named(session, [first])
    noon = cast.SATURDAY
    slip = Slip(
        placed.order_id,
        number,
        noon,
        noon,
        noon + timedelta(minutes=9),
        [(first, noon, noon + timedelta(minutes=9))],
    )
    unseen: Any = None  # the picture: these lines do not look at it
    found = WhatIf(noon, noon, [slip], unseen, {})
    with app.test_request_context(headers={"Accept-Language": "en"}):
        shown = render_template("admin/_slips.html", found=found, cakes=cakes)
    assert re.search(r"<small>Strawberry cream 8 inch <span class=\"num\">1/2: <del>", shown)


def test_only_today_has_a_now_and_later_days_are_not_thought_over(app: Flask, client: FlaskClient) -> None:
    made(app)
    plan_it(app)
    xu = cast.sign_in(english(client), "xu")
    today = xu.get("/admin/plan").get_data(as_text=True)
    assert "Around now" in today and "What changed at" in today
    later = xu.get("/admin/plan?day=2026-11-24").get_data(as_text=True)
    assert "Around now" not in later and "What changed at" not in later
    assert "What begins later stays as it was promised." in later


def test_whoever_sees_no_orders_sees_bars_without_ways_to_them(app: Flask) -> None:
    made(app)
    li = cast.sign_in(english(app.test_client()), "li").get("/admin/plan")
    page = li.get_data(as_text=True)
    assert li.status_code == 200 and "/admin/orders/" not in page
    assert '<g class="g-bar is-notyet" tabindex="0" role="img"' in page


def test_states_follow_the_promise_and_the_clock(app: Flask) -> None:
    placed = made(app)

    def states() -> dict[str, str]:
        with app.app_context(), reading() as session:
            shop, _ = shop_and_card(session)
            shown = chart(session, shop, shop.business_date(now()), at=now())
            return {bar.kind: bar.state for lane in shown.stations for row in lane.rows for bar in row}

    assert set(states().values()) == {"notyet"}
    with app.app_context(), reading() as session:
        bake = task(session, placed.order_id, "bake")
        start, due = bake.planned_start, bake.due_at
    clock(app).at = start + timedelta(minutes=3)
    assert states()["bake"] == "risk" and states()["box"] == "notyet", "it should have begun"
    with app.app_context(), writing() as tx:
        tx.execute(
            update(Task)
            .where(Task.kind == "box")
            .values(planned_start=due, planned_end=due + timedelta(minutes=5))
        )
    assert states()["box"] == "late"


def test_an_oven_run_is_one_bar_and_the_fullest_hour_is_named(app: Flask) -> None:
    orders = [made(app).order_id for _ in range(2)]
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        start = shop.moment(shop.business_date(now()), "12:00")
        for order_id in orders:
            bake, decorate = task(tx, order_id, "bake"), task(tx, order_id, "decorate")
            bake.celsius, bake.unit, bake.planned_start = 170, 0, start
            bake.planned_end = start + timedelta(minutes=bake.minutes)
            decorate.planned_for, decorate.minutes = cast.person(tx, "li").id, 55
            decorate.planned_start = start + timedelta(hours=2)
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        shown = chart(session, shop, shop.business_date(now()), at=now())
        oven = [bar for lane in shown.stations for row in lane.rows for bar in row if bar.kind == "bake"]
        assert [len(bar.cakes) for bar in oven] == [2] and oven[0].heat == 170
        li = next(lane for lane in shown.people if lane.id == cast.person(session, "li").id)
        assert li.load[to_minute(start) + 120] == 183 and len(li.rows) == 2
        assert shown.tightest()[0] == (li, 183, to_minute(start) + 120)
        assert len(li.rows) == 2
        later = shown.within(to_minute(start) + 120, to_minute(start) + 180)
        assert {bar.kind for lane in later.people for row in lane.rows for bar in row} == {"decorate"}
        assert replace(shown, now=to_minute(start) + 180).tightest() == [], "what is over is not tight"
        sheet = making(session, shop, shop.business_date(now()))
        assert [(w.product, w.inch, w.cakes, w.to_make) for w in sheet.cakes] == [
            ("strawberry-cream", 8, 2, 2)
        ]
        assert [(h.celsius, h.bases, h.runs) for h in sheet.heats] == [(170, 2, 1)]


def test_what_stands_ready_is_not_made_again(app: Flask) -> None:
    """Stock will answer this; here a shelf with one cake and one base."""
    for _ in range(3):
        made(app)
    made(app, until="box")

    class Shelf:
        def cakes(self, day: object) -> dict[tuple[str, int], int]:
            return {("strawberry-cream", 8): 1}

        def bases(self, day: object) -> dict[tuple[int, int], int]:
            return {(8, celsius): 1}

    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        celsius = task(session, 1, "bake").celsius
        sheet = making(session, shop, shop.business_date(now()), ready=Shelf())
        (row,) = sheet.table()
        assert (row.cakes, row.by_inch[8].done, row.to_make) == (4, 1, 2)
        assert sum(heat.bases for heat in sheet.heats) == 2
        assert counter.task(session, 1, "bake").state != "void"
