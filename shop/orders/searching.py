"""Searching orders by what a clerk types: number, code, cake, writing, customer; each find says what matched.

Customers are found by blind indexes only. Cakes and writing are looked for in the orders of the last three
months and those to come, so that a search costs the same in the shop's tenth year.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from unicodedata import normalize

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.menu.tables import Product
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.people.names import CJK, pinyin, plain
from shop.people.persons import find_persons
from shop.people.shops import Shop

S = OrderState
OPEN = (S.PLACED, S.CONFIRMED, S.IN_PRODUCTION, S.READY, S.OUT_FOR_DELIVERY)
NEVER_PAID = (S.CANCELLED, S.EXPIRED, S.REJECTED, S.DISPOSED, S.RESOLD)
LOOK_BACK = timedelta(days=92)
NUMBER = re.compile(r"([A-Z]{1,2})[-‐‑–—−]?(\d{1,8})")
"""A number as people type it: B-002, b002, B2, also in full width."""
CODE_STARTS = 5
"""A cake's code is known from so many characters on."""


class Field(StrEnum):
    """What a typed text is compared with."""

    NUMBER = "number"
    CAKE_CODE = "cake_code"
    COUNTER_CODE = "counter_code"
    PLATFORM = "platform"
    CAKE = "cake"
    WRITING = "writing"
    NAME = "name"
    PHONE = "phone"


EVERYTHING = frozenset(Field)
PERSONAL = frozenset({Field.NAME, Field.PHONE})


@dataclass(frozen=True)
class Found:
    """An order, and by which fields the text found it; none where there was no text."""

    order: Order
    by: Sequence[Field]


def search(
    session: Session, keys: Keys, shop: Shop, *, at: datetime, text: str = "",
    fields: frozenset[Field] = EVERYTHING, states: Sequence[str] = (), due_on: date | None = None,
    channel: str = "", unpaid: bool = False, late_at: datetime | None = None, limit: int = 50,
    before_id: int | None = None, fulfilment: str = "", area_id: int | None = None,
    partner_id: int | None = None,
) -> list[Found]:  # fmt: skip
    """Return orders, newest first; with a text those that are open or of today come before all others.

    ``fields`` limits what the text is compared with: who may not see customers must not find by them.
    """
    query = select(Order).where(Order.shop_id == shop.id)
    query = _filtered(query, states, due_on, channel, unpaid, late_at)
    if fulfilment:
        query = query.where(Order.fulfilment == fulfilment)
    if area_id is not None:
        query = query.where(Order.area_id == area_id)
    if partner_id is not None:
        query = query.where(Order.partner_id == partner_id)
    text, today = text.strip(), shop.business_date(at)
    before = session.get(Order, before_id) if before_id is not None else None
    if not text:
        if before_id is not None:
            query = query.where(Order.id < before_id)
        return [Found(o, ()) for o in session.scalars(query.order_by(Order.id.desc()).limit(limit))]
    hits = {f: c for f, c in _conditions(session, keys, shop, text, today, fields).items() if f in fields}
    old = case((or_(Order.state.in_(OPEN), Order.business_date == today), 0), else_=1)
    if before is not None:
        rank = 0 if before.state in OPEN or before.business_date == today else 1
        query = query.where(or_(old > rank, and_(old == rank, Order.id < before.id)))
    query = query.where(or_(false(), *hits.values())).order_by(old, Order.id.desc()).limit(limit)
    whole = query.add_columns(*[func.coalesce(hit, false()) for hit in hits.values()])
    return [
        Found(row[0], tuple(f for f, hit in zip(hits, row[1:], strict=True) if hit))
        for row in session.execute(whole)
    ]


def _filtered(
    query: Select[Order], states: Sequence[str], due_on: date | None, channel: str, unpaid: bool,
    late_at: datetime | None,
) -> Select[Order]:  # fmt: skip
    if states:
        query = query.where(Order.state.in_(states))
    if due_on is not None:
        query = query.where(Order.due_date == due_on)
    if channel:
        query = query.where(Order.channel == channel)
    if unpaid:
        query = query.where(Order.paid < Order.total, Order.state.not_in(NEVER_PAID))
    if late_at is not None:
        query = query.where(Order.state.in_((S.CONFIRMED, S.IN_PRODUCTION)), Order.due_at < late_at)
    return query


def _conditions(
    session: Session, keys: Keys, shop: Shop, text: str, today: date, fields: frozenset[Field]
) -> Mapping[Field, ColumnElement[bool]]:
    code = re.sub(r"[\s-]", "", text.rpartition("/")[2]).upper()  # a scanned code is a whole address
    hits: dict[Field, ColumnElement[bool]] = {
        Field.COUNTER_CODE: Order.counter_code == code,
        Field.PLATFORM: Order.external_id == text,
    }
    number = NUMBER.fullmatch(re.sub(r"\s", "", normalize("NFKC", text).upper()))
    if number:
        hits[Field.NUMBER] = (Order.letter == number[1]) & (Order.counter == int(number[2]))
    elif text.isdecimal() and len(text) <= 4:
        hits[Field.NUMBER] = Order.counter == int(text)
    if len(code) >= CODE_STARTS and code.isascii() and code.isalnum():
        hits[Field.CAKE_CODE] = Order.id.in_(
            select(Cake.order_id).where(Cake.code.startswith(code, autoescape=True))
        )
    if len(text) > 1 or CJK.search(text):
        lately = select(Line.order_id).join(Order, Order.id == Line.order_id)
        lately = lately.where(Order.shop_id == shop.id, Order.due_date >= today - LOOK_BACK)
        hits[Field.WRITING] = Order.id.in_(lately.where(Line.inscription.icontains(text, autoescape=True)))
        slugs = products_named(session, shop, text)
        if slugs:
            hits[Field.CAKE] = Order.id.in_(lately.where(Line.product.in_(slugs)))
    digits = len(re.sub(r"\D", "", plain(text)))
    a_number = Field.NUMBER in hits and not text.isdecimal()  # A-1042 is nobody's name and no end of a phone
    if fields & PERSONAL and not a_number and (digits == 0 or digits >= 4):
        people = [person.id for person in find_persons(session, keys, shop, text)]
        by_phone = digits >= 4
        if people:
            hits[Field.PHONE if by_phone else Field.NAME] = Order.person_id.in_(people)
    return hits


def products_named(session: Session, shop: Shop, text: str) -> list[str]:
    """Return the products with this text in their name in any language, or typed in pinyin (cmny)."""
    asked, found = plain(text), []
    for slug, names in session.execute(select(Product.slug, Product.names).where(Product.shop_id == shop.id)):
        read = pinyin(names.get("zh_Hans", ""))
        typed = ("".join(read), "".join(part[:1] for part in read))
        if any(asked in plain(name) for name in names.values()) or any(
            t.startswith(asked) for t in typed if t
        ):
            found.append(slug)
    return found


__all__ = ["EVERYTHING", "PERSONAL", "Field", "Found", "products_named", "search"]
