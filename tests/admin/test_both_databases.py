"""The office's whole morning on SQLite and on PostgreSQL: desk, money, menu, two people cancelling."""

from flask import Flask
from sqlalchemy import select

from shop.menu.tables import Product
from tests.admin.office import made, order, post, started
from tests.admin.test_desk import place
from tests.admin.test_menu import PRODUCT
from web.database import reading


def test_a_morning_in_the_office(app_both: Flask, sign_in) -> None:
    app = app_both
    clerk, manager = sign_in(app.test_client(), "mei"), sign_in(app.test_client(), "xu")
    _, answer = place(clerk)
    placed = int(answer.location.rsplit("/", 1)[1])
    assert post(clerk, f"/admin/orders/{placed}/payment", method="cash", tendered="300").status_code == 303
    assert order(app, placed).state == "confirmed"
    assert post(clerk, f"/admin/orders/{placed}/rush", urgent="1", reason="r").status_code == 303
    with app.app_context(), reading() as session:
        row = session.scalars(select(Product).where(Product.slug == "strawberry-cream")).one()
        cake, route = row.id, row.route_id
    assert post(manager, f"/admin/menu/{cake}", **PRODUCT, route=route).status_code == 303
    assert post(manager, f"/admin/menu/{cake}/switch", on="0", inch="6").status_code == 303
    other = made(app, name="王小明", phone="13812345678")
    started(app, other.order_id)
    form = {"reason": "r", "login": "he", "password": "tangjian"}
    assert post(manager, f"/admin/orders/{other.order_id}/cancellation/two", **form).status_code == 303
    assert order(app, other.order_id).state == "cancelled"
    for path in (
        "/admin/",
        "/admin/orders?text=5678",
        f"/admin/orders/{other.order_id}",
        "/admin/diary",
        "/admin/desk",
    ):
        assert manager.get(path).status_code == 200, path
