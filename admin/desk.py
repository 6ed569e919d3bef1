"""The order desk: one screen for a whole order, saved while it is typed, read back before it is placed."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import carts, entries
from admin.around import allowed, me
from admin.rushing import cakes_of, if_promised
from shop.core.errors import N_, Conflict, Invalid, ShopError, SlotTaken
from shop.orders import drafts, promise
from shop.orders.areas import PICKUP, districts, handling_of
from shop.orders.cart import Cart, PricedCart, PricedLine, price_cart, price_line
from shop.orders.destination import check_destination, way_of
from shop.orders.finding import by_external_id, by_id
from shop.orders.placing import place
from shop.orders.searching import PERSONAL, search
from shop.orders.tables import ARRIVAL, Line, Order
from shop.orders.wording import check_words
from shop.payments import coupons
from shop.payments.rules import deposit_for
from shop.people.names import phone_e164
from shop.people.persons import note_revealed, reveal
from shop.people.staff import Person
from shop.production.plan.rushing import make_room
from web.access import Made, Session, actor, go, same
from web.database import reader
from web.errors import said
from web.house import keys, menu_card, now, this_shop
from web.limits import count_guess
from web.pages import page

CHANNELS = ("counter", "phone")


def desk() -> Response:
    """The empty form, an unfinished order taken up again, or what was sent and refused."""
    code = request.values.get("draft", "").strip().upper()
    try:
        cart = begun(code) if request.method == "GET" else carts.sent_cakes()
    except drafts.DraftGone:
        done = placed_from(reader(), code)
        there = url_for("admin.read_back", code=code) if done else url_for("admin.desk")
        return go(there)
    cart.lines = cart.lines or [carts.blank_line()]
    open_drafts = [d for d in drafts_here() if d[0] != code]
    return page(
        "admin/desk.html", code=code, open_drafts=open_drafts, channel=channel(), **desk_values(cart, code)
    )


def begun(code: str) -> Cart:
    """Return the cart of a draft, an empty one without a code; raises `DraftGone`."""
    return (
        drafts.find_draft(reader(), keys(), this_shop(), code, at=now(), staff_id=me().id) if code else Cart()
    )


def placed_from(session: Session, code: str) -> Order | None:
    """Return the order that this draft has become."""
    return by_external_id(session, this_shop(), f"desk-{code.upper()}", CHANNELS)


def drafts_here() -> list[tuple[str, Cart, Any]]:
    """Return this person's unfinished orders."""
    return drafts.drafts_of(reader(), keys(), this_shop(), staff_id=me().id, at=now())


def channel() -> str:
    """Return where this order comes from: the counter, unless the phone was chosen."""
    return "phone" if request.values.get("channel") == "phone" else "counter"


def desk_values(cart: Cart, code: str) -> dict[str, Any]:
    """Return what the parts of the desk show: prices, times, and what is wrong, line by line."""
    card, shop, session = menu_card(), this_shop(), reader()
    today = shop.business_date(now())
    priced: list[PricedLine | None] = []
    troubles: list[tuple[str, str]] = []
    for n, line in enumerate(cart.lines):
        try:
            check_words(line.inscription if line.product else "")
            priced.append(price_line(card, line, today) if line.product else None)
        except ShopError as trouble:
            priced.append(None)
            troubles.append((f"line.{n}.{trouble.field or 'product'}", said(trouble)))
    lines = [p for p in priced if p is not None]
    wanted = carts.day_of(cart)
    way = PICKUP
    try:
        way = way_of(session, shop, cart)
    except Invalid as trouble:
        if cart.area or trouble.field != "area":  # one that is still to be chosen is no mistake
            troubles.append((trouble.field or "area", said(trouble)))
    ask: dict[str, Any] = {"at": now(), "draft_code": code, "way": way.minutes}
    offer = promise.quote(session, shop, card, lines, **ask) if lines else None
    if offer and offer.earliest and not request.values.get("day") and not cart.due_at:
        wanted = shop.business_date(offer.earliest)
    times = promise.times_on(session, shop, card, lines, wanted, **ask) if lines else []
    plain = PricedCart(tuple(lines), sum(p.total for p in lines) + (way.fee if lines else 0), (), way)
    whole = plain if (why := why_no_coupon(cart, plain)) else with_coupon(cart, plain)
    if why and lines:
        troubles.append(("coupon", said(why)))
    return {
        "cart": cart, "card": card, "priced": priced, "troubles": troubles, "offer": offer, "times": times,
        "wanted": wanted,
        "earliest": offer.earliest if offer and wanted == today_of(offer) else None,
        "total": whole.total, "discount": whole.discount, "coupon": whole.coupon, "today": today,
        "way": way, "areas": districts(session, shop), "handling": handling_of(shop), "arrival": ARRIVAL,
        "saved_at": now(), "allergens_in": {a for p in lines for a in p.allergens},
    }  # fmt: skip


def with_coupon(cart: Cart, plain: PricedCart) -> PricedCart:
    """Return what the cart costs with its coupon; raises `Invalid` (field ``coupon``)."""
    return coupons.reduced(reader(), keys(), this_shop(), cart, plain, at=now())


def why_no_coupon(cart: Cart, plain: PricedCart) -> Invalid | None:
    """Return why the coupon takes nothing off, None where it does or there is none."""
    return coupons.trouble(reader(), keys(), this_shop(), cart, plain, at=now())


def priced_whole(session: Session, cart: Cart) -> PricedCart:
    """Price a cart that is ready to be read back: cakes, way, coupon."""
    shop = this_shop()
    plain = price_cart(menu_card(), cart, shop.business_date(now()), way_of(session, shop, cart))
    return with_coupon(cart, plain)


def today_of(offer: promise.Offer) -> date | None:
    """Return the day of the earliest time."""
    return this_shop().business_date(offer.earliest) if offer.earliest else None


def save(tx: Session) -> Made:
    """Keep what stands in the form under its code; the answer shows prices and times, or reads back."""
    shop, at, code = this_shop(), now(), request.form.get("draft", "").strip().upper()
    cart = carts.typed_cart()
    try:
        drafts.save_draft(tx, keys(), shop, code, cart, at=at, minutes=drafts.DESK_MINUTES)
    except drafts.DraftGone:
        if (done := placed_from(tx, code)) is not None:  # a page from before it was placed
            if request.form.get("next") == "read-back":
                return {"go": url_for("admin.read_back", code=code), "code": code}
            raise Conflict(N_("Already placed as %(number)s."), number=done.number) from None
        code = drafts.new_draft(tx, keys(), shop, cart, at=at, staff_id=me().id, minutes=drafts.DESK_MINUTES)
    if request.form.get("next") == "read-back":
        tx.flush()
        hold(tx, cart, code)
        return {"go": url_for("admin.read_back", code=code, channel=channel()), "code": code}
    return {"go": url_for("admin.desk", draft=code, channel=channel()), "code": code}


def hold(tx: Session, cart: Cart, code: str) -> None:
    """Check the whole order and keep its time for ten minutes; those who may overbook decide later."""
    shop, card = this_shop(), menu_card()
    for n, line in enumerate(cart.lines):
        check_words(line.inscription, field=f"line.{n}.inscription")
    cart.lines = [line for line in cart.lines if line.product]
    way = check_destination(tx, shop, cart)
    if cart.coupon:
        count_guess(right=coupons.find(tx, shop, cart.coupon) is not None)
    priced = with_coupon(cart, price_cart(card, cart, shop.business_date(now()), way))
    if cart.phone:
        phone_e164(shop, cart.phone)
    ask: dict[str, Any] = {"at": now(), "way": way.minutes}
    if cart.due_at is None and request.form.get("clock") == carts.ASAP:
        cart.due_at = promise.quote(tx, shop, card, priced.lines, draft_code=code, **ask).earliest
    if cart.due_at is None:
        raise Invalid(N_("Please choose a time."), field="clock")
    drafts.save_draft(tx, keys(), shop, code, cart, at=now(), minutes=drafts.DESK_MINUTES)
    nested = tx.begin_nested()
    try:
        promise.hold(tx, shop, card, code, priced.lines, cart.due_at, by=actor(), **ask)
        nested.commit()
    except SlotTaken:
        nested.rollback()
        if not allowed("order:overbook"):
            raise


def saved(made: Made) -> Response:
    """Answer the autosave with the parts that changed, everybody else with the next page."""
    if request.headers.get("X-Autosave") and request.form.get("next") != "read-back":
        cart = drafts.find_draft(reader(), keys(), this_shop(), made["code"], at=now(), staff_id=me().id)
        whole = any(request.form.get(k) for k in ("add", "remove", "redraw"))
        return page(
            "admin/_desk_parts.html", code=made["code"], whole=whole, **desk_values(cart, made["code"])
        )
    return go(made["go"])


def read_back(code: str) -> Response:
    """The whole order, large, to be read to the customer word by word; after placing, that it is placed."""
    shop, card = this_shop(), menu_card()
    try:
        cart = drafts.find_draft(reader(), keys(), shop, code, at=now(), staff_id=me().id)
    except drafts.DraftGone:
        if (done := placed_from(reader(), code)) is None:
            raise
        return page("admin/placed.html", order=done)
    try:
        priced = priced_whole(reader(), cart)
    except Invalid:  # the desk says which field, and keeps everything
        cart.due_at = None
    if cart.due_at is None:
        return go(url_for("admin.desk", draft=code, channel=channel()))
    kept = promise.held_by(reader(), shop, code, at=now())
    held = kept is not None and kept.due_at == cart.due_at
    found = None if held or not allowed("order:overbook") else if_promised(cart, priced)
    return page(
        "admin/read_back.html", cart=cart, priced=priced, code=code, card=card, channel=channel(),
        ahead=deposit_for(shop, priced.total),
        seal=carts.seal(cart, priced.total), held=held, found=found,
        cakes=cakes_of(found),
    )  # fmt: skip


def place_order(tx: Session, code: str) -> Made:
    """Place what was read back; the money is taken next. What is placed already is shown, never placed twice."""
    try:
        cart = drafts.find_draft(tx, keys(), this_shop(), code, at=now(), staff_id=me().id)
    except drafts.DraftGone:
        if placed_from(tx, code) is None:
            raise
        return {"go": url_for("admin.read_back", code=code)}
    total = priced_whole(tx, cart).total
    if not same(carts.seal(cart, total), request.form.get("seal", "")):
        raise Conflict(N_("The order was changed after it was read. Please read it to the customer again."))
    reason = entries.text("reason") if allowed("order:overbook") else ""
    placed = place(
        tx, keys(), this_shop(), menu_card(), cart, channel=channel(), by=actor(), at=now(), draft_code=code,
        overbook_reason=reason, external_id=f"desk-{code.upper()}",
    )  # fmt: skip
    if reason:
        make_room(tx, this_shop(), placed.order_id, shown=entries.text("shown", 20_000), by=actor(), at=now())
    sheet = "admin.till_order" if allowed("payment:take") else "admin.order"
    return entries.done(url_for(sheet, order_id=placed.order_id),
                        gettext("%(number)s is placed.", number=placed.number))  # fmt: skip


def discard(tx: Session, code: str) -> Made:
    """Throw an unfinished order away."""
    mine = [c for c, _, _ in drafts.drafts_of(tx, keys(), this_shop(), staff_id=me().id, at=now())]
    if code in mine:
        drafts.drop_draft(tx, this_shop(), code)
    return entries.done(url_for("admin.desk"), gettext("The draft is gone."))


def former() -> Response:
    """Former orders of a phone number or name, to order the same again."""
    text = request.args.get("phone", "").strip()
    enough = sum(c.isdecimal() for c in text) >= 4
    hits = (
        search(reader(), keys(), this_shop(), at=now(), text=text, fields=PERSONAL, limit=4) if enough else []
    )
    found = [hit.order for hit in hits]
    query = select(Line).where(Line.order_id.in_([o.id for o in found])).order_by(Line.sort)
    lines: dict[int, list[Line]] = {}
    for line in reader().scalars(query):
        lines.setdefault(line.order_id, []).append(line)
    return page("admin/_former.html", found=found, lines=lines)


def repeat(tx: Session, order_id: int) -> Made:
    """Put a former order's cakes into a new draft, with the customer's name and door where they may be seen."""
    shop = this_shop()
    row = by_id(tx, shop, order_id)
    lines = list(tx.scalars(select(Line).where(Line.order_id == row.id).order_by(Line.sort)))
    cart = carts.same_again(menu_card(), lines, row.allergies, row.private, row.language)
    area = next((d for d in districts(tx, shop).values() if d.id == row.area_id), None)
    if area is not None:
        cart = replace(cart, fulfilment=row.fulfilment, area=area.slug)
    person = tx.get(Person, row.person_id) if row.person_id and allowed("person:see") else None
    if person is not None:
        contact = reveal(keys(), person)
        cart = replace(cart, name=contact.name, phone=contact.phone)
        if area is not None:
            cart = replace(cart, address=contact.address, place=contact.place)
        note_revealed(tx, person, by=actor(), at=now(), order_id=row.id)
    code = drafts.new_draft(tx, keys(), shop, cart, at=now(), staff_id=me().id, minutes=drafts.DESK_MINUTES)
    return entries.done(url_for("admin.desk", draft=code), gettext("The same again. Please choose a time."))
