"""After a write, whatever a request has seen is old: it looks again, at what it read before and within."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from shop.people.shops import only_shop
from shop.people.staff import Staff
from web.database import reader, writing
from web.house import this_shop


def chen() -> Staff:
    return reader().scalars(select(Staff).where(Staff.login == "chen")).one()


@pytest.mark.parametrize("when", ["before", "within"])
def test_what_was_seen_is_read_again_after_a_write(app_both: Flask, when: str) -> None:
    with app_both.app_context():
        seen = [(chen(), this_shop())] if when == "before" else []
        with writing() as tx:
            seen = seen or [(chen(), this_shop())]
            tx.scalars(select(Staff).where(Staff.login == "chen")).one().name = "Anna"
            shop = only_shop(tx)
            assert shop is not None and shop.phone != "021 555"
            shop.phone = "021 555"
        assert seen[0][0].name == "Anna" and chen().name == "Anna"
        assert this_shop().phone == "021 555"
