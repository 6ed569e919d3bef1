"""The slip of an order, as plain data: the print page and the till printer show the same one.

The QR code carries the token and nothing else; the PIN stands beyond the fold, so that a photograph
of the code neither collects nor cancels the cake.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import phonenumbers
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.core.reach import only_in_the_shop
from shop.core.types import say
from shop.ledger.checkpoints import taken_for
from shop.menu.card import MenuCard
from shop.menu.drawing import CakeLook, draw_mono
from shop.menu.drawing.lettering import clean
from shop.orders.finding import look_of, token_of
from shop.orders.tables import Area, Cake, Fulfilment, Line, Order, OrderState
from shop.people.shops import Shop
from shop.printing.qr import qr_svg
from shop.printing.tables import PrintJob
from shop.printing.words import day_words, paper

SYMBOLS = {"CNY": "￥", "TWD": "NT$", "HKD": "HK$", "USD": "$", "EUR": "EUR ", "GBP": "GBP "}
DEAD = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)


@dataclass(frozen=True)
class SlipCake:
    """One physical cake: its code, where the code leads, and which of how many it is.

    ``hidden`` is cash to be put in, minor units: for the label on the box, never for the customer's slip.
    """

    code: str
    url: str
    place: str
    hidden: int = 0

    @property
    def qr(self) -> str:
        """The code of this cake, as SVG."""
        return qr_svg(self.url)


@dataclass(frozen=True)
class SlipLine:
    """Some cakes of one kind. ``parts`` add up to the price of one; amounts in minor units."""

    name: str
    also: str
    size: str
    options: tuple[str, ...]
    inscription: str
    allergens: str
    quantity: int
    parts: tuple[tuple[str, int], ...]
    total: int
    cakes: tuple[SlipCake, ...]
    look: CakeLook

    @property
    def drawing(self) -> str:
        """The cake in black lines, as SVG."""
        return draw_mono(self.look)


@dataclass(frozen=True)
class Slip:
    """Everything on the paper. ``pin`` belongs beyond the fold; amounts in minor units of ``currency``.

    ``witnesses`` name the entries of the books that say what was paid: whoever keeps the paper can prove any
    later change.
    A delivery says its area and, on the label, when it must leave; its address is on no paper.
    """

    language: str
    shop_name: str
    phone: str
    address: str
    number: str
    url: str
    local: bool
    due_day: str
    due_clock: str
    pickup: bool
    urgent: bool
    dead: bool
    lines: tuple[SlipLine, ...]
    allergies: str
    total: int
    paid: int
    balance: int
    currency: str
    counter_code: str
    pay_until: str
    pin: str
    placed: str
    copy: int
    area: str = ""
    fee: int = 0
    discount: int = 0
    leave_by: str = ""
    witnesses: tuple[str, ...] = ()

    @property
    def qr(self) -> str:
        """The code that follows the order, as SVG."""
        return qr_svg(self.url)

    def of_cake(self, code: str) -> "Slip":
        """Return the slip with this one cake only."""
        mine = [replace(line, cakes=tuple(c for c in line.cakes if c.code == code)) for line in self.lines]
        return replace(self, lines=tuple(line for line in mine if line.cakes))

    @property
    def how(self) -> str:
        """Whether it is fetched or brought, and where to."""
        return self.say("pickup") if self.pickup else f"{self.say('delivery')} {self.area}".strip()

    @property
    def pin_why(self) -> str:
        """What the PIN is for."""
        return self.say("pin_why" if self.pickup else "pin_door")

    def say(self, key: str, **params: object) -> str:
        """Return a sentence of the slip in its language."""
        return paper(key, self.language, **params)

    def money(self, amount: int, symbol: bool = False) -> str:
        """Write minor units for a column of figures; the yen sign is the full-width one that printers know."""
        return (SYMBOLS.get(self.currency, self.currency + " ") if symbol else "") + f"{amount / 100:,.2f}"


def slip_of(
    session: Session,
    keys: Keys,
    card: MenuCard,
    order: Order,
    *,
    at: datetime,
    public_url: str,
    copy: int | None = None,
    language: str = "",
) -> Slip:
    """Return the slip of ``order``, in its own language unless another is asked for (labels are for the team).

    ``copy`` counts reprints: 0 is the original, None a page: a copy once paper has come out.
    """
    shop = session.get_one(Shop, order.shop_id)
    language = language or order.language
    due = shop.local(order.due_at)
    unpaid = order.state == OrderState.PLACED and order.balance > 0
    placed = shop.local(order.placed_at)
    area = session.get(Area, order.area_id) if order.area_id else None
    leave = shop.local(order.due_at - timedelta(minutes=order.travel_minutes))
    begins = f"{shop.local(order.arrives_from):%H:%M}–" if order.arrives_from else ""
    return Slip(
        language=language,
        shop_name=say(shop.names, language),
        phone=readable_phone(shop.phone),
        address=say(shop.address, language),
        number=order.number,
        url=f"{public_url}/t/{token_of(keys, order)}",
        local=only_in_the_shop(public_url),
        due_day=day_words(due, language),
        due_clock=f"{begins}{due:%H:%M}",
        pickup=order.fulfilment == Fulfilment.PICKUP,
        urgent=order.urgent,
        dead=order.state in DEAD,
        lines=_lines(session, card, order, shop, public_url, language),
        allergies=_allergens(card, order.allergies, language),
        total=order.total,
        paid=order.paid,
        balance=order.balance,
        currency=order.currency,
        counter_code=(order.counter_code or "") if unpaid else "",
        pay_until=shop.local(order.pay_until).strftime("%H:%M") if unpaid and order.pay_until else "",
        pin=order.pin,
        placed=f"{day_words(placed, language)} {placed:%H:%M}",
        copy=_copies(session, order) if copy is None else copy,
        area=say(area.names, language) if area else "",
        fee=order.fee,
        discount=order.discount,
        leave_by=f"{leave:%H:%M}" if area else "",
        witnesses=tuple(
            paper("witness", language, seq=seq, leaf=leaf) for seq, leaf in taken_for(session, order.ref)
        ),
    )


def _copies(session: Session, order: Order) -> int:
    printed = (PrintJob.order_id == order.id, PrintJob.kind == "slip", PrintJob.printed_at.is_not(None))
    last = session.scalar(select(func.max(PrintJob.copy)).where(*printed))
    return 0 if last is None else last + 1


def _lines(
    session: Session, card: MenuCard, order: Order, shop: Shop, public_url: str, language: str
) -> tuple[SlipLine, ...]:
    rows = list(session.scalars(select(Line).where(Line.order_id == order.id).order_by(Line.sort, Line.id)))
    cakes = list(session.scalars(select(Cake).where(Cake.order_id == order.id).order_by(Cake.sort, Cake.id)))
    place = {cake.id: paper("cake", language, n=i, of=len(cakes)) for i, cake in enumerate(cakes, 1)}
    return tuple(
        _line(card, line, tuple(
            SlipCake(cake.code, f"{public_url}/c/{cake.code}", place[cake.id], cake.hidden)
            for cake in cakes if cake.line_id == line.id
        ), language=language, private=order.private, here=say(line.names, shop.language))
        for line in rows
    )  # fmt: skip


def _line(
    card: MenuCard, line: Line, cakes: tuple[SlipCake, ...], *, language: str, private: bool, here: str
) -> SlipLine:
    name = say(line.names, language)
    words = [say(option, language) for option in line.option_words]
    if line.candles:
        words.append(paper("candle" if line.candles == 1 else "candles", language, n=line.candles))
    shown = "" if private else clean(line.inscription)
    inscription = paper("quoted", language, words=shown) if shown else ""
    if private and line.inscription:
        inscription = paper("private", language)
    allergens = _allergens(card, line.allergens, language)
    return SlipLine(
        name=name,
        also=here if here != name else "",
        size=paper("size", language, n=line.inch),
        options=tuple(word for word in words if word),
        inscription=inscription,
        allergens=paper("contains", language, list=allergens)
        if allergens
        else paper("contains_none", language),
        quantity=line.quantity,
        parts=tuple((say(part["words"], language), int(part["amount"])) for part in line.parts),
        total=line.total,
        cakes=cakes,
        look=replace(look_of(line), inscription=shown),
    )


def _allergens(card: MenuCard, slugs: list[str], language: str) -> str:
    return paper("separator", language).join(
        say(card.allergens.get(slug), language) or clean(slug) for slug in slugs
    )


def readable_phone(number: str) -> str:
    """Write the shop's number in groups, as people dial it: +86 21 5550 1234."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(number, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return number
