"""The papers of a month: in the order of their numbers, credit notes taken off, by the shop's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask

from shop.documents.journal import before, following, journal_of
from tests.admin.office import english
from tests.cast import clock_of
from tests.shop.documents.test_invoice import credited, goodwill, issued, sells_with_tax
from tests.slips import the_shop
from tests.tracking.states import order_in
from web.database import reading


def test_a_month_adds_up_and_ends_at_the_shops_midnight(app: Flask) -> None:
    sells_with_tax(app)
    one, other = order_in(app, "handed_over"), order_in(app, "confirmed")
    made = issued(app, one.order_id)
    goodwill(app, one.order_id, 9999)
    credited(app, made.id, whole=False)
    clock_of(app).at = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # the first of December in Shanghai
    issued(app, other.order_id)
    with app.app_context(), reading() as session:
        november = journal_of(session, the_shop(session), date(2026, 11, 30))
        december = journal_of(session, the_shop(session), date(2026, 12, 1))
        rows = [(document.number, total) for document, _, total in november.rows]
        assert rows == [("INV-2026-000001", 49600), ("CN-2026-000001", -9999)]
        assert (november.total, november.tax) == (39601, 5706 - 1150)
        assert [document.number for document, _, _ in december.rows] == ["INV-2026-000002"]


def test_months_follow_each_other_over_the_year() -> None:
    for first, then in ((date(2026, 12, 1), date(2027, 1, 1)), (date(2026, 1, 1), date(2026, 2, 1))):
        assert following(first) == then and before(then) == first


def test_who_may_reads_it_and_nonsense_is_this_month(app: Flask, sign_in) -> None:
    issued(app, order_in(app, "confirmed").order_id)
    zheng = english(sign_in(app.test_client(), "zheng"))
    for address in ("/admin/invoices", "/admin/invoices?month=2026-11", "/admin/invoices?month=99999-1"):
        page = zheng.get(address).text
        assert "INV-2026-000001" in page and "¥496" in page and "2026-10" in page and "2026-12" not in page
    assert "Nothing was issued" in zheng.get("/admin/invoices?month=2026-10").text
    assert "less credit notes" in zheng.get("/admin/invoices").text
    mei = english(sign_in(app.test_client(), "mei"))
    assert "less credit notes" not in mei.get("/admin/invoices").text, "sums are for who may see revenue"
    assert sign_in(app.test_client(), "lin").get("/admin/invoices").status_code == 403
