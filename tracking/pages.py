"""The pages of one order, for whoever holds its slip."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, current_app, g, make_response, render_template, request, url_for
from sqlalchemy import func, select

from shop.core.actors import Actor
from shop.core.errors import Missing, ShopError
from shop.core.events import Event
from shop.core.permissions import Permission
from shop.delivery.tables import Drop
from shop.documents.invoice import issued_for
from shop.menu.drawing import draw, draw_small
from shop.orders.finding import by_token, sheet
from shop.orders.pins import has_phone
from shop.orders.promise import first_opening
from shop.orders.tables import Fulfilment, Order
from shop.payments.balance import due_from
from shop.people.rights import may
from shop.printing.qr import qr_svg
from shop.printing.slip import slip_of
from shop.production.moves.tell_customer import OPEN as SAYS_SO
from shop.production.moves.tell_customer import told
from tracking import said
from tracking.following import Following, follow, is_short
from tracking.paying import ways
from web.access import Who, signed_in
from web.database import reader
from web.house import house, keys, menu_card, now, this_shop
from web.i18n import language
from web.live import Region, Rendered, region, serve_region
from web.pages import page


@dataclass(frozen=True)
class SlipHolder(Who):
    """Whoever shows the token of a slip. A wrong token, an old one and one that never was are all `Missing`."""

    def enter(self) -> Actor:
        """Find the order of the token in the address."""
        g.order = by_token(reader(), (request.view_args or {})["token"])
        return super().enter()


HOLDER = SlipHolder(public=True)


def gone(trouble: ShopError) -> Response:
    """Say that there is nothing here: the same bytes for every wrong address."""
    return page("tracking/gone.html", 404)


def order(token: str) -> Response:
    """The page itself."""
    made = region(_key(g.order), _render(g.order.id, token))
    return page(
        "tracking/order.html", token=token, made=made, number=g.order.number, way=way_for_staff(g.order)
    )


def order_region(token: str) -> Response:
    """The live part by itself, for phones without a socket; nothing new costs two small queries."""
    name, newest = (g.order.id, language()), _newest(g.order)
    tag = request.if_none_match
    if tag and _last_seen.get(name) in [(newest, known) for known in tag.as_set()]:
        return _answer(make_response("", 304), _last_seen[name][1])
    made = region(_key(g.order), _render(g.order.id, token))
    _remember(name, (newest, made.hash))
    if tag.contains(made.hash):
        return _answer(make_response("", 304), made.hash)
    return _answer(make_response(made.html), made.hash)


def order_live(ws: Any, token: str) -> None:
    """The same part over a socket. What happened is not told, only how it stands now."""
    held: Order = g.order
    serve_region(
        ws,
        key=_key(held),
        topics=(f"order:{held.id}",),
        render=_render(held.id, token),
        after=request.args.get("after", type=int),
        have=request.args.get("have", ""),
        describe=lambda line: None,
    )


def qr(token: str) -> Response:
    """The code of the slip, to show on the phone at the counter."""
    response = make_response(qr_svg(f"{house().settings.public_url}/t/{token}"))
    response.mimetype = "image/svg+xml"
    return response


def slip(token: str) -> Response:
    """The slip to print, for the team."""
    made = slip_of(reader(), keys(), menu_card(), g.order, at=now(), public_url=house().settings.public_url)
    return page("shared/slip.html", slip=made, labels="labels" in request.args, back=way_for_staff(g.order))


def way_for_staff(held: Order) -> str:
    """Return where a signed-in member of the team goes from here, "" for a customer."""
    person = signed_in()
    if person is None or "admin.order" not in current_app.view_functions:
        return ""
    return url_for("admin.order", order_id=held.id) if may(reader(), person, Permission.ORDER_SEE) else ""


def _key(held: Order) -> tuple[str, int, int, bool]:
    return ("track", held.id, held.token_version, is_short(held, now()))


def _render(order_id: int, token: str) -> Callable[[], Region]:
    def render() -> Region:
        held = reader().get(Order, order_id)
        if held is None:
            raise Missing()
        allergens = dict(menu_card().allergens)
        whole, drop = sheet(reader(), held), drop_of(held)
        seen = follow(
            whole,
            allergens,
            at=now(),
            has_phone=has_phone(reader(), held),
            drop=drop,
            online=bool(ways(held)),
            rest_from=due_from(this_shop(), held),
            invoiced=bool(issued_for(reader(), held)),
            had_from=partial(first_opening, this_shop()),
        )
        word = told(reader(), held.id) if held.state in SAYS_SO else None
        return Region(render_template("tracking/_track.html", **shown(seen, token), told=word))

    return render


def drop_of(held: Order) -> Drop | None:
    """Return the courier's side of a delivery."""
    if held.fulfilment != Fulfilment.DELIVERY:
        return None
    return reader().scalars(select(Drop).where(Drop.order_id == held.id)).first()


def shown(seen: Following, token: str) -> dict[str, Any]:
    """Return what the fragment needs."""
    return {
        "o": seen, "token": token, "headline": said.headline(seen), "sentence": said.sentence(seen),
        "window": said.window(seen),
        "starts": said.started_in(seen), "phone": this_shop().phone, "draw": draw, "draw_small": draw_small,
        "doing": said.DOING, "coming": said.COMING,
    }  # fmt: skip


# What a phone that asks again gets told without rendering: by order and language, the order's last event with
# the minute it was rendered in, and the hash of what it looked like.
_last_seen: dict[tuple[int, str], tuple[tuple[int, int], str]] = {}
_lock = threading.Lock()
MOST_SEEN = 5000


def _newest(held: Order) -> tuple[int, int]:
    last = reader().scalar(select(func.max(Event.id)).where(Event.order_id == held.id)) or 0
    return last, int(now().timestamp() // 60)


def _remember(name: tuple[int, str], what: tuple[tuple[int, int], str]) -> None:
    with _lock:
        _last_seen.pop(name, None)
        _last_seen[name] = what
        while len(_last_seen) > MOST_SEEN:
            del _last_seen[next(iter(_last_seen))]


def _answer(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


__all__ = ["HOLDER", "Rendered", "gone", "order", "order_live", "order_region", "qr", "slip"]
