"""Coupons: codes that take something off, counted where they are used up: inside the transaction that places an order.

A use is a discount of an order. Nothing is counted twice and nothing is given back by hand: an order that is
cancelled or runs out is no use any more.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor
from shop.core.belonging import found_in
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.keys import Keys, new_code
from shop.menu.card import MenuCard
from shop.menu.editing.pen import Changes, clean_number, clean_words
from shop.orders.cart import Cart, PricedCart
from shop.orders.tables import Order, OrderState
from shop.payments.discount_tables import Coupon, Discount, DiscountState
from shop.payments.off import Piece
from shop.people.names import phone_e164
from shop.people.shops import Shop
from shop.people.staff import Person

OVER = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
"""Orders that give a use back."""
LENGTH = 8
"""Characters of a code that is made: 40 bits, far more than anybody tries at 30 a minute."""
SHORTEST, LONGEST = 4, 20
MOST_USES = 1_000_000


@dataclass(frozen=True)
class Used:
    """How often a coupon has been used, and what it has given, minor units."""

    times: int = 0
    given: int = 0


def key_of(typed: str) -> str:
    """Return a code as it is compared: what is easily confused is the same, as in every code of the shop."""
    plain = re.sub(r"[\s\-_]", "", typed).upper()
    return plain.translate(str.maketrans("OIL", "011"))


def find(session: Session, shop: Shop, typed: str, *, locked: bool = False) -> Coupon | None:
    """Return the coupon of a code, None for none; ``locked`` holds it to the end of the transaction."""
    query = select(Coupon).where(Coupon.shop_id == shop.id, Coupon.key == key_of(typed))
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).first()


def hold(tx: Session, order_id: int) -> None:
    """Hold the coupon of an order to the end of the transaction: what its budget has left is given once."""
    mine = select(Discount.coupon_id).where(Discount.order_id == order_id, Discount.coupon_id.is_not(None))
    tx.execute(select(Coupon.id).where(Coupon.id.in_(mine)).order_by(Coupon.id).with_for_update())


_USES = (
    select(func.count(Discount.id), func.coalesce(func.sum(Discount.amount), 0))
    .join(Order, Order.id == Discount.order_id)
    .where(Discount.state == DiscountState.GIVEN, Order.state.not_in(OVER))
)


def used(session: Session, coupon: Coupon, phone_index: str = "") -> Used:
    """Return how often it has been used, in all or with one phone number (its blind index)."""
    query = _USES.where(Discount.coupon_id == coupon.id)
    if phone_index:
        query = query.join(Person, Person.id == Order.person_id).where(Person.phone_index == phone_index)
    times, given = session.execute(query).one()
    return Used(int(times), int(given))


def all_used(session: Session, shop: Shop) -> dict[int, Used]:
    """Return the same of every coupon of the shop, by its id."""
    query = _USES.add_columns(Discount.coupon_id).where(Discount.shop_id == shop.id)
    rows = session.execute(query.group_by(Discount.coupon_id))
    return {coupon: Used(int(times), int(given)) for times, given, coupon in rows if coupon is not None}


def _refused(sentence: str, **params: str | date) -> Invalid:
    return Invalid(sentence, field="coupon", **params)


def worth(
    session: Session, shop: Shop, coupon: Coupon | None, pieces: Iterable[Piece], *, phone_index: str = "", at: datetime
) -> int:  # fmt: skip
    """Return what a coupon takes off these cakes now, minor units; raises `Invalid` (field ``coupon``), saying why."""
    if coupon is None:
        raise _refused(N_("We do not know this coupon. Please check the code."))
    today, cakes = shop.business_date(at), list(pieces)
    if not coupon.active:
        raise _refused(N_("This coupon is no longer valid."))
    if coupon.begins and today < coupon.begins:
        raise _refused(N_("This coupon is valid from %(day)s on."), day=coupon.begins)
    if coupon.ends and today > coupon.ends:
        raise _refused(N_("This coupon was valid until %(day)s."), day=coupon.ends)
    if sum(piece.total for piece in cakes) < coupon.least:
        raise _refused(N_("This coupon is for cakes from %(amount)s on."), amount=money.written(coupon.least))
    amount = coupon.off.of(cakes)
    if not amount:
        raise _refused(N_("This coupon is for other cakes or sizes."))
    so_far = used(session, coupon)
    spent = coupon.budget and so_far.given + amount > coupon.budget
    if spent or (coupon.uses and so_far.times >= coupon.uses):
        raise _refused(N_("This coupon has been used up."))
    if coupon.uses_each and phone_index and used(session, coupon, phone_index).times >= coupon.uses_each:
        raise _refused(N_("This coupon has been used with this phone number already."))
    return amount


def reduced(
    session: Session, keys: Keys, shop: Shop, cart: Cart, priced: PricedCart, *, at: datetime, locked: bool = False
) -> PricedCart:  # fmt: skip
    """Return what the cart costs with its coupon, if it has one; raises `Invalid` (field ``coupon``)."""
    if not cart.coupon:
        return priced
    coupon = find(session, shop, cart.coupon, locked=locked)
    pieces = [Piece(line.line.product, line.size.inch, line.total) for line in priced.lines]
    amount = worth(session, shop, coupon, pieces, phone_index=_index(keys, shop, cart.phone), at=at)
    assert coupon is not None  # `worth` has refused it
    return replace(priced, discount=amount, total=priced.total - amount, coupon=coupon.names)


def _index(keys: Keys, shop: Shop, phone: str) -> str:
    try:
        return keys.index("phone", phone_e164(shop, phone)) if phone.strip() else ""
    except Invalid:  # said beside its own field
        return ""


def trouble(
    session: Session, keys: Keys, shop: Shop, cart: Cart, priced: PricedCart, *, at: datetime
) -> Invalid | None:
    """Return why the cart's coupon takes nothing off, None where it does or there is none."""
    try:
        reduced(session, keys, shop, cart, priced, at=at)
    except Invalid as why:
        return why
    return None


def redeem(
    tx: Session, shop: Shop, order_id: int, code: str, amount: int, *, by: Actor, at: datetime
) -> None:
    """Write down that an order has used a coupon, which is held since its price was made."""
    coupon = find(tx, shop, code)
    assert coupon is not None
    tx.add(
        Discount(
            shop_id=shop.id, order_id=order_id, coupon_id=coupon.id, amount=amount, state=DiscountState.GIVEN,
            made_at=at, decided_at=at,
        )
    )  # fmt: skip
    tx.flush()
    record(tx, shop.id, "coupon_redeemed", by=by, at=at, topics=("orders", "money", f"order:{order_id}"),
           order_id=order_id, coupon=coupon.code, amount=amount)  # fmt: skip


def by_id(session: Session, shop: Shop, coupon_id: int) -> Coupon:
    """Return a coupon of this shop; raises `Missing`."""
    return found_in(session, shop.id, Coupon, coupon_id)


def coupons_of(session: Session, shop: Shop) -> list[Coupon]:
    """Return the shop's coupons, those in use first, then the newest."""
    query = select(Coupon).where(Coupon.shop_id == shop.id)
    return list(session.scalars(query.order_by(Coupon.active.desc(), Coupon.id.desc())))


def orders_with(session: Session, coupon: Coupon, *, most: int = 50) -> list[tuple[Order, Discount]]:
    """Return the orders that used a coupon, the newest first, also those that gave their use back."""
    query = select(Order, Discount).join(Discount, Discount.order_id == Order.id)
    query = query.where(Discount.coupon_id == coupon.id).order_by(Discount.id.desc()).limit(most)
    return [(row[0], row[1]) for row in session.execute(query)]


@dataclass(frozen=True)
class Limits:
    """What may be changed of a coupon later; numbers 0 and days None are without limit, ``budget`` minor units."""

    begins: date | None = None
    ends: date | None = None
    uses: int = 0
    uses_each: int = 0
    budget: int = 0
    active: bool = True


def make(
    tx: Session, shop: Shop, card: MenuCard, *, code: str, names: Mapping[str, str], percent: int = 0, fixed: int = 0,
    most: int = 0, least: int = 0, products: Iterable[str] = (), inches: Iterable[int] = (), limits: Limits,
    by: Actor, at: datetime,
) -> Coupon:  # fmt: skip
    """Make a coupon; an empty ``code`` is made too. Raises `Invalid` naming what is wrong."""
    shown = re.sub(r"\s", "", code).upper() or new_code(LENGTH)
    if not re.fullmatch(r"[A-Z0-9\-]+", shown) or not SHORTEST <= len(key_of(shown)) <= LONGEST:
        raise Invalid(N_("Please use 4 to 20 letters and digits, or leave it empty."), field="code")
    if find(tx, shop, shown) is not None:
        raise Invalid(N_("There is a coupon that reads the same. Please choose another code."), field="code")
    if not 0 <= percent <= 100:
        raise Invalid(N_("Please write a percentage from 1 to 100."), field="percent")
    if bool(percent) == (fixed > 0):
        raise Invalid(N_("Please write an amount or a percentage."), field="fixed")
    if set(products) - set(card.dishes) or set(inches) - set(card.sizes):
        raise Invalid(N_("This cake is not on the menu. Please reload the page."), field="products")
    row = Coupon(
        shop_id=shop.id, code=shown, key=key_of(shown), names=clean_words(names, field="names"), percent=percent,
        fixed=fixed, most=clean_number(most, 0, money.MOST, field="most"),
        least=clean_number(least, 0, money.MOST, field="least"), products=sorted(products), inches=sorted(inches),
        made_at=at, made_by=by.id,
    )  # fmt: skip
    _limit(row, limits, Changes(), shop.business_date(at))
    tx.add(row)
    tx.flush()
    record(tx, shop.id, "coupon_made", by=by, at=at, topics=("money",), coupon=row.code)
    return row


def change(
    tx: Session,
    shop: Shop,
    coupon_id: int,
    *,
    names: Mapping[str, str],
    limits: Limits,
    by: Actor,
    at: datetime,
) -> None:
    """Change words and limits of a coupon, or switch it off; what it takes off stays, for orders stand on it."""
    by_id(tx, shop, coupon_id)
    row = tx.get_one(Coupon, coupon_id, with_for_update=True, populate_existing=True)
    changes = Changes()
    changes.put(row, "names", clean_words(names, field="names"))
    _limit(row, limits, changes, shop.business_date(at))
    if changes.lines:
        record(tx, shop.id, "coupon_changed", by=by, at=at, topics=("money",), of="coupon", coupon=row.code,
               changes=changes.lines)  # fmt: skip


def _limit(row: Coupon, limits: Limits, changes: Changes, today: date) -> None:
    if limits.begins and limits.ends and limits.ends < limits.begins:
        raise Invalid(N_("It must not end before it begins."), field="ends")
    if (
        limits.ends and limits.ends < today and limits.ends != row.ends
    ):  # whoever wants it over switches it off
        raise Invalid(N_("This day is over: nobody could use the coupon."), field="ends")
    changes.put(row, "begins", limits.begins)
    changes.put(row, "ends", limits.ends)
    changes.put(row, "uses", clean_number(limits.uses, 0, MOST_USES, field="uses"))
    changes.put(row, "uses_each", clean_number(limits.uses_each, 0, MOST_USES, field="uses_each"))
    changes.put(row, "budget", clean_number(limits.budget, 0, money.MOST, field="budget"))
    changes.put(row, "active", limits.active)
