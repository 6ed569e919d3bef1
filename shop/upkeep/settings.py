"""The shop's own settings: names, hours, telephone, targets; currency and zone until the first order."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.types import LOCALES
from shop.menu.editing.pen import Changes, clean_number, clean_words
from shop.orders.floorplan import shelves_of
from shop.orders.tables import Order
from shop.people.shops import Shop

CURRENCIES = ("CNY", "TWD", "HKD", "USD", "EUR", "GBP")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z|24:00\Z")


def is_settled(session: Session, shop: Shop) -> bool:
    """Whether orders exist: their money and days are written in this currency and zone for ever."""
    return session.scalar(select(Order.id).where(Order.shop_id == shop.id).limit(1)) is not None


def change_shop(
    tx: Session,
    shop: Shop,
    *,
    names: Mapping[str, str],
    address: Mapping[str, str],
    phone: str,
    opens: str,
    closes: str,
    kitchen_opens: str,
    language: str,
    targets: Mapping[str, int],
    currency: str = "",
    timezone: str = "",
    shelves: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Change the settings; ``targets`` are minutes by name, ``shelves`` how many finished cakes the fridges hold
    (0: nobody counts). Raises `Invalid` naming the field."""
    row = tx.get(Shop, shop.id, with_for_update=True)
    assert row is not None
    changes = Changes()
    changes.put(row, "names", clean_words(names, field="names"))
    changes.put(row, "address", clean_words(address, field="address", longest=120, needed=False))
    if phone and not re.fullmatch(r"[+0-9 ()-]{3,40}", phone):
        raise Invalid(N_("Please write the telephone number in digits."), field="phone")
    changes.put(row, "phone", phone)
    for field, value in (("opens", opens), ("closes", closes), ("kitchen_opens", kitchen_opens)):
        if not _CLOCK.match(value):
            raise Invalid(N_("Please write a time such as 08:00."), field=field)
        changes.put(row, field, value)
    if opens >= closes:
        raise Invalid(N_("The end must come after the start."), field="closes")
    if kitchen_opens > opens:
        raise Invalid(N_("The kitchen must not open after the shop."), field="kitchen_opens")
    if language not in LOCALES:
        raise Invalid(N_("Please choose one of the three languages."), field="language")
    changes.put(row, "language", language)
    minutes = {name: clean_number(value, 1, 1440, field=f"target_{name}") for name, value in targets.items()}
    changes.put(row, "settings", {**row.settings, "response_minutes": minutes}, "targets")
    if shelves is not None and clean_number(shelves, 0, 9999, field="shelves") != shelves_of(row):
        changes.lines.append({"field": "shelves", "was": shelves_of(row), "now": shelves})
        row.settings = {**row.settings, "shelves": shelves}
    _money_and_zone(tx, row, changes, currency, timezone)
    if changes.lines:
        topics = ("menu", "kitchen", "orders")
        record(tx, shop.id, "shop_changed", by=by, at=at, topics=topics, changes=changes.lines)


def _money_and_zone(tx: Session, row: Shop, changes: Changes, currency: str, timezone: str) -> None:
    for field, value, known in (
        ("currency", currency, CURRENCIES), ("timezone", timezone, available_timezones()),
    ):  # fmt: skip
        if not value or value == getattr(row, field):
            continue
        if is_settled(tx, row):
            raise Conflict(N_("Orders exist already: currency and time zone stay as they are."), field=field)
        if value not in known:
            raise Invalid(N_("Please choose one from the list."), field=field)
        changes.put(row, field, value)
