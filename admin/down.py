"""What the back office shows of the kitchen's day: what is out of order, who is here, who went home."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shop.core.types import Words
from shop.menu.editing import sheets
from shop.people.staff import Staff
from shop.production import leaving
from shop.production.outages import history, touched, unit_words, units_down
from web.database import reader
from web.house import now, this_shop

AHEAD = timedelta(days=30)
MINUTES = (30, 60, 120, 240)


def outages_shown() -> dict[str, Any]:
    """What the kitchen's page shows of it."""
    session, shop, at = reader(), this_shop(), now()
    downs = units_down(session, shop, at, at + AHEAD)
    stations = [row for row in sheets.stations(session, shop) if row.active]
    parts: list[tuple[str, Words]] = [
        (f"{row.id}.{unit}", unit_words(row, unit)) for row in stations for unit in range(max(1, row.units))
    ]
    people = {row.id: row.name for row in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    return {
        "downs": [(down, touched(session, shop, down)) for down in downs],
        "parts": parts, "lengths": MINUTES, "past": history(session, shop, at=at), "people": people,
    }  # fmt: skip


def here_shown() -> dict[str, Any]:
    """Who is on shift now, and who was sent home so lately that it can be taken back."""
    session, shop, at = reader(), this_shop(), now()
    return {
        "here": leaving.at_work(session, shop, at=at),
        "gone": {key: line.at for key, line in leaving.went_home(session, shop, at=at).items()},
    }
