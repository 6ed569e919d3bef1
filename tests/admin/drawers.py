"""What the tests of tills share: who stands there, what is counted, and what should lie in the drawer."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.payments.till_tables import Till, TillLine
from shop.people.shops import only_shop
from tests.admin.office import english
from tests.shop.payments.counting import pieces_of
from web.database import reading, writing

SignIn = Callable[..., FlaskClient]


def real_shop(app: Flask) -> None:
    """Make it a shop like any other: in the demo a till opens by itself."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        shop.is_demo = False


def people(app: Flask, sign_in: SignIn) -> tuple[FlaskClient, FlaskClient]:
    """Sign in Mei the clerk and Xu the manager."""
    return english(sign_in(app.test_client(), "mei")), english(sign_in(app.test_client(), "xu"))


def pieces(amount: int) -> dict[str, str]:
    """Return the fields of a count of this amount."""
    return {f"piece__{worth}": str(number) for worth, number in pieces_of(amount).items()}


def expected(app: Flask, till_id: int = 1) -> int:
    """Return what should be in a till's drawer; no page says it."""
    with app.app_context(), reading() as session:
        shift = session.get_one(Till, till_id).shift_id
        lines = session.scalars(select(TillLine).where(TillLine.shift_id == shift, TillLine.cash))
        return sum(line.amount for line in lines)
