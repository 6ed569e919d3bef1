"""Incidents: written down with the work they belong to, fairly; refused where they make no sense; closed once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.errors import Conflict, Denied, Invalid, Missing, ShopError
from shop.menu.stages import STAGE_WORDS
from shop.orders.tables import Order
from shop.production import incidents, work
from shop.production.tables import Incident, Remake
from tests import cast
from tests.admin.office import english, events, made, post
from tests.counter import clock, shop_and_card, task
from web.database import reading, writing
from web.house import now


def baked(app: Flask, minutes: int = 50) -> int:
    """An order whose cake Li has baked in so many minutes; 30 were planned."""
    order_id = made(app).order_id
    for do in (work.start, work.finish):
        with app.app_context(), writing() as tx:
            bake = task(tx, order_id, "bake")
            do(tx, shop_and_card(tx)[0], bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        clock(app).pass_by(minutes=minutes if do is work.start else 0)
    return order_id


def report(
    app: Flask, order_id: int, kind: str, login: str = "xu", *, blame: str = "bake", **more: Any
) -> int:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        more.setdefault("task_id", task(tx, order_id, blame).id if blame else None)
        by = cast.by(tx, login)
        return incidents.report(tx, shop, card, order_id, kind, by=by, at=now(), **more).id


def test_a_delay_belongs_to_the_work_that_took_longer(app_both: Flask) -> None:
    order_id = baked(app_both)
    with app_both.app_context(), reading() as session:
        first = incidents.work_of(session, session.get_one(Order, order_id), at=now())[0]
        assert (first.stage, first.name, first.over) == ("bake", "李 Li", 20)
    report(app_both, order_id, "delay", note="the oven was cold")
    with app_both.app_context(), reading() as session:
        row = session.scalars(select(Incident)).one()
        assert (row.stage, row.over, row.person) == ("bake", 20, cast.person(session, "li").id)
    line = events(app_both, "incident_reported")[0]
    assert (line.order_id, line.data["what"], line.data["over"], line.data["stage"]) == (
        order_id,
        "delay",
        20,
        "bake",
    )


def test_what_is_nobodys_fault_stays_nobodys(app: Flask) -> None:
    order_id = baked(app)
    report(app, order_id, "swap", blame="", note="with A-002")
    with app.app_context(), reading() as session:
        assert session.scalars(select(Incident)).one().task_id is None


def test_a_remake_begins_again_at_the_stage_where_it_went_wrong(app: Flask) -> None:
    order_id = baked(app)
    report(app, order_id, "remake", reason="burnt")
    with app.app_context(), reading() as session:
        again = session.scalars(select(Remake)).one()
        assert (again.reason, again.fault_kind) == ("burnt", "bake")
        assert task(session, order_id, "bake").remake == 1


@pytest.mark.parametrize(
    ("kind", "more", "trouble", "field"),
    [
        ("fire", {}, Invalid, "kind"), ("delay", {"task_id": 99_999}, Invalid, "task"),
        ("delay", {"note": "x" * 301}, Invalid, "note"), ("swap", {}, Invalid, "note"),
        ("refund", {}, Invalid, "amount"), ("refund", {"amount": 10**9}, Invalid, "amount"),
        ("remake", {"task_id": None}, Invalid, "task"), ("remake", {"reason": ""}, Invalid, "reason"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(
    app: Flask, kind: str, more: dict[str, Any], trouble: type[ShopError], field: str
) -> None:
    order_id = baked(app)
    with pytest.raises(trouble) as refused:
        report(app, order_id, kind, **more)
    assert refused.value.field == field
    assert events(app, "incident_reported") == []


def test_a_clerk_asks_for_a_refund_but_makes_nothing_again(app: Flask) -> None:
    order_id = baked(app)
    with pytest.raises(Denied):
        report(app, order_id, "remake", "mei", reason="burnt")
    report(app, order_id, "refund", "mei", amount=5000)
    with app.app_context(), reading() as session:
        assert session.scalars(select(Incident)).one().amount == 5000


def test_what_was_never_made_cannot_have_gone_wrong(app: Flask) -> None:
    order_id = made(app, paid=False).order_id
    with pytest.raises(Conflict):
        report(app, order_id, "delay", blame="")
    with pytest.raises(Missing):
        report(app, 999, "delay", blame="")


def test_it_is_closed_once_with_its_outcome(app_both: Flask) -> None:
    key = report(app_both, baked(app_both), "delay")

    def close(outcome: str, incident: int = key) -> None:
        with app_both.app_context(), writing() as tx:
            incidents.close(tx, shop_and_card(tx)[0], incident, outcome, by=cast.by(tx, "mei"), at=now())

    with pytest.raises(Invalid):
        close("whatever")
    with pytest.raises(Missing):
        close("settled", 999)
    close("settled")
    with pytest.raises(Conflict):
        close("no_fault")
    assert [line.data["outcome"] for line in events(app_both, "incident_closed")] == ["settled"]


def test_the_panel_the_timeline_and_the_list_say_it_fairly(app: Flask, client: FlaskClient) -> None:
    order_id = baked(app)
    xu = cast.sign_in(english(client), "xu")
    fair = f"{STAGE_WORDS['bake']['en']}, task of 李 Li, 09:30–10:20: took 20 min longer than planned"
    assert fair in xu.get(f"/admin/orders/{order_id}").get_data(as_text=True)
    with app.app_context(), reading() as session:
        bake = task(session, order_id, "bake").id
    form = {"kind": "delay", "task": str(bake), "note": "cold oven"}
    assert post(xu, f"/admin/orders/{order_id}/incidents", **form).status_code == 303
    page = xu.get(f"/admin/orders/{order_id}").get_data(as_text=True)
    assert f"Delay · {fair}" in page
    page = xu.get("/admin/incidents").get_data(as_text=True)
    assert fair in page and "cold oven" in page and "How did it end?" in page
    assert post(xu, "/admin/incidents/1", outcome="settled").status_code == 303
    page = xu.get("/admin/incidents").get_data(as_text=True)
    assert "Settled with the customer" in page and "How did it end?" not in page
    again = post(xu, f"/admin/orders/{order_id}/incidents", **form | {"kind": ""})
    assert again.status_code == 422 and "say what happened" in again.get_data(as_text=True)
