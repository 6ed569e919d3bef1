"""Orders: the list with its search and filters, and the sheet of one order."""

from datetime import date
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import select

from admin import money_words
from admin.around import allowed, fragment, team_names
from admin.comments import beside, my_colleagues, said_on
from admin.contact import contact_of
from admin.discounting import discounts_shown, may_discount
from admin.disputes import disputes_of, may_dispute
from admin.documents import papers_of
from admin.hiding import hidden_now
from admin.incidents import panel, told_words
from admin.living import part, watch
from admin.saying import match_words
from admin.till import notes_for, sums_of
from admin.unfetched import unfetched_now
from shop.core.types import Words
from shop.orders.areas import areas
from shop.orders.changing import writing_is_open
from shop.orders.finding import OrderSheet, by_id, sheet, token_of
from shop.orders.partner import WORDS, partners
from shop.orders.progress import NOT_STARTED, can_cancel, needs_second
from shop.orders.searching import EVERYTHING, PERSONAL, Field, Found, products_named, search
from shop.orders.tables import Fulfilment, Line, Order, OrderState
from shop.orders.timeline import runs, timeline
from shop.payments import METHODS
from shop.payments.machine import WAITING
from shop.payments.rules import back_for, refund_limit
from shop.printing.queue import jobs_of
from web.database import reader
from web.house import keys, menu_card, now, this_shop
from web.i18n import day, words
from web.live import Region, region
from web.pages import page

PAGE = 40
FILTERS = {
    "open": (OrderState.PLACED, OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY),
    "making": (OrderState.CONFIRMED, OrderState.IN_PRODUCTION),
    "ready": (OrderState.READY,),
    "done": (OrderState.HANDED_OVER, OrderState.CLOSED),
    "dead": (
        OrderState.CANCELLED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.NO_SHOW,
        OrderState.DISPOSED,
        OrderState.RESOLD,
    ),
}


def orders() -> Response:
    """The list; what it asks for stands in its address, so that it can be kept and shared."""
    return page("admin/orders.html", **listed())


def orders_part() -> Response:
    """The list alone: while typing, and when something changed."""
    return page("admin/_orders.html", **listed())


def listed() -> dict[str, Any]:
    """Return one page of what is asked for, with why each order was found."""
    asked = asked_for()
    found = find(asked)
    cakes = cakes_of([hit.order for hit in found])
    why = {hit.order.id: reasons(hit, cakes.get(hit.order.id, []), asked["text"]) for hit in found}
    return {
        "found": [hit.order for hit in found[:PAGE]], "asked": asked, "older": older(asked, found),
        "cakes": cakes, "why": why, "areas": area_names(), "partners": partners(reader(), this_shop()),
    }  # fmt: skip


def asked_for() -> dict[str, Any]:
    """Return what the address asks for. Nonsense is left out, and ``wrong`` says which field it stood in."""
    args = request.args
    due, state = args.get("due", "").strip(), args.get("state", "")
    try:
        due_on = (
            this_shop().business_date(now()) if due == "today" else date.fromisoformat(due) if due else None
        )
    except ValueError:
        due_on = None
    before = args.get("before", "")
    return {
        "text": args.get("text", "").strip().lstrip("/／、").strip()[:60],
        "state": state if state in FILTERS else "",
        "due": due if due_on else "",
        "due_on": due_on,
        "channel": args.get("channel", "")[:20],
        "going": args.get("going", "")[:20],
        "partner": args.get("partner", "")[:20],
        "late": args.get("late") == "1",
        "unpaid": args.get("unpaid") == "1",
        "wrong": {"due": due[:40]}
        if due and not due_on
        else {"state": state[:40]}
        if state and state not in FILTERS
        else {},
        "before": int(before) if before.isdecimal() and len(before) < 18 else None,
    }


def find(asked: dict[str, Any]) -> list[Found]:
    """Return the page of orders asked for, and one more where there are older ones."""
    going, partner = asked["going"], asked["partner"]
    area = int(going) if going.isdecimal() and len(going) < 18 else None
    return search(
        reader(), keys(), this_shop(), at=now(), text=asked["text"],
        fields=EVERYTHING if allowed("person:see") else EVERYTHING - PERSONAL, states=FILTERS.get(asked["state"], ()),
        due_on=asked["due_on"], channel=asked["channel"], unpaid=asked["unpaid"],
        late_at=now() if asked["late"] else None, limit=PAGE + 1, before_id=asked["before"],
        fulfilment=going if going in tuple(Fulfilment) else "", area_id=area,
        partner_id=int(partner) if partner.isdecimal() and len(partner) < 18 else None,
    )  # fmt: skip


def area_names() -> dict[int, Words]:
    """Return the areas by id, also those that are switched off."""
    return {area.id: area.names for area in areas(reader(), this_shop())}


def cakes_of(found: list[Order]) -> dict[int, list[Line]]:
    """Return the lines of these orders by order, in one query."""
    query = select(Line).where(Line.order_id.in_([o.id for o in found])).order_by(Line.order_id, Line.sort)
    lines: dict[int, list[Line]] = {}
    for line in reader().scalars(query):
        lines.setdefault(line.order_id, []).append(line)
    return lines


def reasons(hit: Found, lines: list[Line], text: str) -> list[tuple[str, str]]:
    """Return what the text met in this order, as (field, what stands there); a customer's data is not said."""
    named = set(products_named(reader(), this_shop(), text)) if Field.CAKE in hit.by else set()
    met = {
        Field.NUMBER: lambda: day(hit.order.business_date),
        Field.CAKE_CODE: lambda: "",
        Field.CAKE: lambda: "、".join(words(line.names) for line in lines if line.product in named),
        Field.WRITING: lambda: " ".join(
            f"“{line.inscription}”" for line in lines if text.casefold() in line.inscription.casefold()
        ),
    }
    return [(match_words(field), met[field]() if field in met else "") for field in hit.by]


def older(asked: dict[str, Any], found: list[Found]) -> str:
    """Return the address of the next page, "" where this is the last."""
    if len(found) <= PAGE:
        return ""
    kept = {k: asked[k] for k in ("text", "state", "due", "channel", "going", "partner") if asked[k]}
    kept |= {k: "1" for k in ("late", "unpaid") if asked[k]}
    return url_for("admin.orders", **kept, before=found[PAGE - 1].order.id)


def orders_live(ws: Any) -> None:
    """Tells the list that orders have changed; the list then asks for itself, with its own filters."""
    watch(ws, key=("admin-orders",), topics=("orders",), render=lambda: Region(""))


def order(order_id: int) -> Response:
    """The sheet of one order."""
    row = by_id(reader(), this_shop(), order_id)
    return page("admin/order.html", order=row, region=region(_key(order_id), _render(order_id)),
                contact=contact_of(row), said=said_on(row), colleagues=my_colleagues(), others=beside(row),
                **panel(row), **may_do(row))  # fmt: skip


def order_part(order_id: int) -> Response:
    """The live part of the sheet alone."""
    by_id(reader(), this_shop(), order_id)
    return part(region(_key(order_id), _render(order_id)))


def order_actions(order_id: int) -> Response:
    """What can be done now; asked for anew when something happened to the order."""
    row = by_id(reader(), this_shop(), order_id)
    return page("admin/_actions.html", order=row, **may_do(row))


def order_live(ws: Any, order_id: int) -> None:
    """The socket of the sheet."""
    by_id(reader(), this_shop(), order_id)
    watch(ws, key=_key(order_id), topics=(f"order:{order_id}",), render=_render(order_id))


def _key(order_id: int) -> tuple[str, ...]:
    return ("admin-order", str(order_id))


def _render(order_id: int) -> Any:
    def render() -> Region:
        session, shop = reader(), this_shop()
        row = by_id(session, shop, order_id)
        return Region(
            fragment(
                "admin/_order.html",
                order=row,
                area=area_names().get(row.area_id or 0),
                sheet=sheet(session, row),
                runs=runs(timeline(session, row)),
                methods=METHODS,
                **money_words.words(),
                card=menu_card(),
                jobs=jobs_of(session, order_id),
                told_incident=told_words,
                people=team_names(),
                **discounts_shown(row),
                **disputes_of(row),
                rule_words=WORDS,
            )
        )

    return render


def may_do(row: Order) -> dict[str, Any]:
    """Return which actions stand open for this order and this person; the verbs check again."""
    whole: OrderSheet = sheet(reader(), row)
    started = needs_second(row)
    open_state = row.state in (*NOT_STARTED, OrderState.IN_PRODUCTION)
    changeable = open_state and allowed("order:change")
    return {
        "notes_for": notes_for, **sums_of(row), **papers_of(row),
        "sheet": whole, "card": menu_card(), "methods": METHODS,
        "can_pay": bool(row.balance) and allowed("payment:take") and row.state in WAITING,
        "can_change": [s.line.id for s in whole.lines if changeable and writing_is_open(reader(), s.line.id)],
        "can_options": row.state in NOT_STARTED,
        "back_now": back_for(row, at=now()),
        "refund_limit": refund_limit(this_shop()),
        **unfetched_now(row),
        **hidden_now(row),
        "can_cancel": can_cancel(row) and allowed("order:cancel"),
        "needs_second": started and allowed("order:cancel_started"),
        "can_rush": open_state and allowed("order:change"),
        "can_hand_over": row.state in (OrderState.READY, OrderState.NO_SHOW) and allowed("order:hand_over"),
        "without_pin": allowed("order:overbook"),
        "token": token_of(keys(), row),
        **may_discount(row),
        **may_dispute(whole.payments),
        "names": team_names(),
        "partners": partners(reader(), this_shop()) if allowed("order:partner") else {},
    }  # fmt: skip
