"""The whole way: money at the counter, and the slip comes out of the printer by itself, from the real server."""

from flask import Flask

from tests.live_server import ShopServer
from tests.shop.printing.fake import codes, fake_printer, paper
from tests.shop.printing.test_queue import point_at
from tests.tracking.states import order_in
from web.database import writing


def test_the_slip_comes_out_while_the_customer_stands_there(app: Flask) -> None:
    with fake_printer() as printer:
        with app.app_context(), writing() as tx:
            point_at(tx, printer.settings)
        data = app.extensions["fairslice"].settings.data
        with ShopServer(data, PUBLIC_URL="https://cake.example.com"):
            paid = order_in(app, "confirmed")
            (job,) = printer.printed(1)
        (piece,) = paper(job)
        assert codes(piece)[0] == f"https://cake.example.com/t/{paid.token}" and len(codes(piece)) == 3
