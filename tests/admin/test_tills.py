"""Tills in the back office: opened by a person, counted without knowing, checked by another, and the day closed."""

from __future__ import annotations

import re
from contextvars import Context

import pytest
from flask import Flask
from sqlalchemy import select

from shop.orders.tables import Order
from shop.payments.counter import take
from shop.payments.till_tables import TillLine
from shop.people.shops import only_shop
from shop.upkeep.invariants import breaches
from tests import cast
from tests.admin.drawers import expected, people, pieces, real_shop
from tests.admin.office import english, made, order, post
from tests.shop.payments import billing
from tests.shop.payments.conftest import Counter, shop_counter
from web.database import reading, writing
from web.house import now

__all__ = ["shop_counter"]

FRESH = re.compile(r'name="(csrf_token|key)" value="[^"]*"|data-hash="[^"]*"')
"""What a page makes anew each time: any digits may stand in it."""


def test_a_clerks_day_from_float_to_report(app_both: Flask, sign_in) -> None:
    app = app_both
    mei, xu = people(app, sign_in)
    placed = made(app, paid=False)
    real_shop(app)
    assert post(xu, "/admin/tills", name="Counter").status_code == 303
    page = mei.get("/admin/tills").text
    assert "Till Counter" in page and "not open" in page
    assert post(mei, "/admin/tills/1/opening", float="500").status_code == 303
    assert "You take money here." in mei.get("/admin/tills").text
    paid = post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    assert paid.status_code == 303 and order(app, placed.order_id).state == "confirmed"
    spent = post(mei, "/admin/tills/1/cash", kind="spent", amount="12.50", reason="milk")
    assert spent.status_code == 303
    lines = mei.get("/admin/tills/1").text
    assert "“milk”" in lines and "Paid for something" in lines
    should = expected(app)
    answer = post(mei, "/admin/tills/1/count", **pieces(should - 20_00))
    assert answer.status_code == 303
    report = mei.get(answer.location).text
    assert "¥20 short" in report and "Why is so much over or short?" in report
    assert post(mei, "/admin/tills/shifts/1/check").status_code == 403
    assert post(xu, "/admin/tills/shifts/1/check").status_code == 409, "nobody has said why yet"
    assert post(mei, "/admin/tills/shifts/1/reason", reason="change given twice").status_code == 303
    assert "I have looked at it" in xu.get("/admin/tills/shifts/1").text
    assert post(xu, "/admin/tills/shifts/1/check").status_code == 303
    assert post(mei, "/admin/days/2026-11-21", terminal="").status_code == 403
    assert "Close the day" in xu.get("/admin/days/2026-11-21").text
    assert post(xu, "/admin/days/2026-11-21", terminal="").status_code == 303
    closed = xu.get("/admin/days/2026-11-21").text
    code = re.search(r'<b class="code">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>', closed)
    assert code and "¥20 short" in closed and "1–4" in closed
    assert code[1] in xu.get("/admin/days/2026-11-21/paper").text
    assert post(xu, "/admin/days/2026-11-21", terminal="").status_code == 409
    with app.app_context(), reading() as session:
        assert breaches(session) == []


def test_who_may_count_sees_the_lines_of_an_open_till_without_their_amounts(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    zheng = english(sign_in(app.test_client(), "zheng"))
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="437")
    placed = made(app, paid=False)
    post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    for client in (mei, xu):
        for path in ("/admin/tills/1", "/admin/tills/1/part"):
            page = client.get(path).text
            assert "Opened with a float" in page and order(app, placed.order_id).number in page
            assert "¥437" not in page and "¥268<" not in page and "shown when the count is in" in page
    seen = zheng.get("/admin/tills/1").text
    assert "¥437" in seen and "¥268" in seen, "an auditor counts no till"
    assert "¥268<" not in mei.get("/admin/money").text and "¥268" in xu.get("/admin/money").text
    assert "¥268" in mei.get(f"/admin/orders/{placed.order_id}").text, "what one customer paid is no secret"
    report = mei.get(post(mei, "/admin/tills/1/count", **pieces(705_00)).location).text
    assert "¥437" in report and "¥268" in report


def test_an_order_of_another_day_says_its_day(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="100")
    post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    number = order(app, placed.order_id).number
    assert f">{number}</a>" in mei.get("/admin/tills/1").text
    cast.clock_of(app).pass_by(days=1)
    sign_in(mei, "mei")
    assert re.search(rf">{number} · [^<]*21[^<]*</a>", mei.get("/admin/tills/1").text)


def test_without_an_open_till_no_cash_is_taken(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei, xu = people(app, sign_in)
    real_shop(app)
    page = mei.get(f"/admin/till/{placed.order_id}").text
    assert "No till is open." in page and 'href="/admin/tills"' in page
    for form in ({"method": "cash", "tendered": "300"}, {"method": "card", "reference": "A-1234"}):
        refused = post(mei, f"/admin/orders/{placed.order_id}/payment", **form)
        assert refused.status_code == 409 and "No till is open" in refused.text
    assert order(app, placed.order_id).paid == 0
    for name in ("1", "2"):
        post(xu, "/admin/tills", name=name)
    for till in (1, 2):
        assert post(xu, f"/admin/tills/{till}/opening", float="0").status_code == 303
    refused = post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    assert refused.status_code == 409 and "choose yours" in refused.text
    assert "choose yours" in mei.get(f"/admin/till/{placed.order_id}").text
    assert post(mei, "/admin/tills/2/choice").status_code == 303
    assert "Till 2" in mei.get(f"/admin/till/{placed.order_id}").text
    assert (
        post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300").status_code
        == 303
    )
    with app.app_context(), reading() as session:
        assert session.scalars(select(TillLine.till_id).where(TillLine.kind == "cash_sale")).all() == [2]


def test_the_demo_opens_a_till_by_itself(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei, _ = people(app, sign_in)
    assert "No till is open." not in mei.get(f"/admin/till/{placed.order_id}").text
    assert (
        post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300").status_code
        == 303
    )


def test_before_the_count_is_in_no_page_says_what_should_be_there(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="437")
    for _ in range(2):
        placed = made(app, paid=False)
        post(mei, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    should = expected(app)
    assert should == 973_00
    secret = re.compile(r"973|97,?300")
    assert "Taken today" in xu.get("/admin/money").text, "a manager sees the day's revenue"
    assert "Taken today" not in mei.get("/admin/money").text, "a clerk would only have to add the float"
    for client in (mei, xu):
        pages = [
            "/admin/",
            "/admin/tills",
            "/admin/tills/1",
            "/admin/tills/1/part",
            "/admin/tills/1/count",
            "/admin/money",
        ]
        pages += ["/admin/days", "/admin/days/2026-11-21", "/admin/diary", "/admin/tills/shifts/1"]
        for path in pages:
            text = re.sub(r"<svg.*?</svg>|<head>.*?</head>", "", client.get(path).text, flags=re.S)
            text = FRESH.sub("", text)
            assert not secret.search(text), f"{path}: {secret.search(text)}"
    refused = post(mei, "/admin/tills/1/count", **{"piece__10000": "many"})
    assert refused.status_code == 422 and not re.search(r"¥973", refused.text)
    taken = post(mei, "/admin/tills/1/cash", kind="paid_out", amount="9999", reason="into the safe")
    assert taken.status_code == 303, "a refusal would tell how much there is"


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("/admin/tills", {"name": ""}, "name"),
        ("/admin/tills/2/opening", {"float": "1e3"}, "float"),
        ("/admin/tills/1/cash", {"kind": "spent", "amount": "", "reason": "milk"}, "amount"),
        ("/admin/tills/1/cash", {"kind": "spent", "amount": "5", "reason": ""}, "reason"),
        ("/admin/tills/1/cash", {"kind": "cash_sale", "amount": "5", "reason": "milk"}, "kind"),
        ("/admin/tills/1/count", {"piece__10000": "-1"}, "piece.10000"),
        ("/admin/tills/rules", {"over_short": "99999"}, "over_short"),
        ("/admin/tills/shifts/1/reason", {"reason": ""}, "reason"),
        ("/admin/tills/shifts/1/corrections", {"amount": "", "correction_reason": "found later"}, "amount"),
    ],
)
def test_what_is_refused_comes_back_with_its_words(
    app: Flask, sign_in, path: str, form: dict[str, str], field: str
) -> None:
    _, xu = people(app, sign_in)
    for name in ("1", "2"):
        post(xu, "/admin/tills", name=name)
    post(xu, "/admin/tills/1/opening", float="100")
    if "shifts" in path:
        post(xu, "/admin/tills/1/count", piece__10000="9")
    answer = post(xu, path, **form)
    assert answer.status_code == 422
    assert re.search(rf'name="{re.escape(field)}"[^>]*aria-invalid="true"', answer.text), answer.text[-2000:]


def test_a_couriers_cash_comes_into_the_clerks_till(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    with app.app_context(), writing() as tx:
        shop, row, gao = only_shop(tx), tx.get_one(Order, placed.order_id), cast.by(tx, "gao")
        assert shop is not None
        take(tx, shop, row, "cash", amount=row.total, tendered=row.total, account=f"courier-cash:{gao.id}", by=gao,
             at=now())  # fmt: skip
    mei, _ = people(app, sign_in)
    page = mei.get("/admin/tills").text
    assert "老高" in page and "¥268" in page
    path = f"/admin/tills/couriers/{gao.id}"
    assert post(mei, path, amount="300").status_code == 422
    assert post(mei, path, amount="268").status_code == 303
    assert "No courier carries cash" in mei.get("/admin/tills").text
    assert post(mei, path, amount="268").status_code == 409


def test_empty_pages_say_what_to_do(app: Flask, sign_in) -> None:
    _, xu = people(app, sign_in)
    assert "There is no till yet" in xu.get("/admin/tills").text
    assert "No day has been closed yet" in xu.get("/admin/days").text
    assert "No till was open on this day" in xu.get("/admin/days/2026-11-21").text
    for path in ("/admin/days/2026-11-30", "/admin/days/yesterday", "/admin/days/2026-11-21/paper", "/admin/tills/9",
                 "/admin/tills/9/count", "/admin/tills/shifts/9"):  # fmt: skip
        assert xu.get(path).status_code == 404, path


def test_a_day_that_was_left_open_is_on_todays_page_next_morning(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="100")
    assert "is not closed" not in xu.get("/admin/").text
    cast.clock_of(app).pass_by(days=1)
    sign_in(xu, "xu")
    page = english(xu).get("/admin/").text
    assert "is not closed" in page and 'href="/admin/days/2026-11-21"' in page
    sign_in(mei, "mei")
    said = english(mei).get("/admin/").text
    assert "is not closed" in said and "/admin/days/" not in said, "a clerk is told, but cannot go there"


def test_a_day_names_ways_of_paying_as_everybody_knows_them(shop_counter: Counter, app_both: Flask) -> None:
    billing.paid(shop_counter)
    day, nowhere = f"/admin/days/{billing.today()}", Context()  # as a request comes, in a context of its own
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))
    assert nowhere.run(lambda: post(xu, day, terminal="").status_code) == 303
    for page in (day, f"{day}/paper"):
        assert "Alipay × 1" in nowhere.run(xu.get, page).text
