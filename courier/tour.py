"""What a courier sees: my drops in riding order, what is open, one drop with its next action, my day."""

import json
from typing import Any

from flask import Response, g, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy import select

from courier.seen import note_seen
from shop.core.errors import N_, Denied, Missing
from shop.delivery import board
from shop.delivery.board import Stopover
from shop.delivery.drops import WAITING, D
from shop.delivery.tables import Drop
from shop.delivery.where import may_see_address, place_of
from shop.delivery.words import FAIL_REASONS, NEXT_STEPS
from shop.orders.finding import cake_by_code
from shop.orders.tables import Cake
from shop.people.persons import Contact
from shop.travel import Place
from web.database import reader
from web.house import now, this_shop
from web.live import Region, Rendered, region, serve_region
from web.pages import page

TOPICS = ("delivery", "staff")
STEPS = {
    D.CLAIMED: ("pick_up", "arrive", "hand_over"),
    D.PICKED_UP: ("arrive", "hand_over"),
    D.ARRIVED: ("hand_over",),
    D.FAILED: ("hand_over",),
}


def home() -> Response:
    """My drops in riding order, and what I may take."""
    note_seen()
    shown = _region()
    return page("courier/drops.html", region=shown)


def home_region() -> Response:
    """Answer with the live part alone."""
    note_seen()
    shown = _region()
    response = make_response(shown.html)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Seq"] = str(shown.seq)
    response.headers["X-Now"] = now().isoformat()
    response.set_etag(shown.hash)
    return response.make_conditional(request)


def home_live(ws: Any) -> None:
    """Keep the list live; the socket's heartbeat says that the phone is there."""
    me = g.staff.id
    serve_region(ws, key=("courier", me), topics=TOPICS, render=lambda: draw(me), check=note_seen,
                 after=request.args.get("after", type=int), have=request.args.get("have", "")[:64])  # fmt: skip


def _region() -> Rendered:
    me = g.staff.id
    return region(("courier", me), lambda: draw(me))


def draw(me: int) -> Region:
    """Render a courier's list: areas, times and distances, never an address."""
    shop, session, at = this_shop(), reader(), now()
    stops = board.mine(session, shop, me, at=at)
    offers = board.open_drops(session, shop, me, at=at)
    done = len(board.done_today(session, shop, me, at=at))
    return Region(render_template("courier/_drops.html", stops=stops, open=offers, done=done, at=at, me=me))


def drop(drop: int) -> Response:
    """One drop: where it stands, and the one thing to do next."""
    note_seen()
    return drop_page(drop)


def scanned(code: str) -> Response:
    """A cake's label was scanned with the phone's own camera: its delivery of mine, the code filled in."""
    note_seen()
    cake = cake_by_code(reader(), code)
    mine = select(Drop.id).where(Drop.order_id == cake.order_id, Drop.courier_id == g.staff.id)
    number = reader().scalar(mine)
    if number is None:
        raise Missing(N_("This cake belongs to none of your deliveries."))
    return drop_page(number, scanned=cake.code)


def drop_page(drop_id: int, status: int = 200, **more: Any) -> Response:
    """Render a drop of mine; ``contact`` is there only right after the door for it was opened."""
    stop = my_stop(drop_id)
    codes = [c.code for c in reader().query(Cake).filter_by(order_id=stop.order.id)]
    return page(
        "courier/drop.html", status, stop=stop, drop=stop.drop, order=stop.order,
        steps=STEPS.get(D(stop.drop.state), ()),
        cakes=len(codes), reasons=FAIL_REASONS, next_steps=NEXT_STEPS, at=now(),
        address_open=may_see_address(stop.drop, g.staff.id, at=now()), **more,
    )  # fmt: skip


def my_stop(drop_id: int) -> Stopover:
    """Return a drop that I have; raises `Missing`, and `Denied` for a colleague's."""
    stop = board.one(reader(), this_shop(), drop_id, at=now())
    if stop is None or stop.drop.state in WAITING:
        raise Missing()
    if stop.drop.courier_id != g.staff.id:
        raise Denied()
    return stop


def day() -> Response:
    """What I have brought today, with the cash I carry."""
    note_seen()
    shop, at = this_shop(), now()
    rows = board.done_today(reader(), shop, g.staff.id, at=at)
    cash = sum(drop.cash_taken for drop, _ in rows)
    on_time = sum(
        1 for drop, order in rows if drop.state == D.DELIVERED and (drop.ended_at or at) <= order.due_at
    )
    delivered = sum(1 for drop, _ in rows if drop.state == D.DELIVERED)
    return page("courier/day.html", rows=rows, cash=cash, on_time=on_time, delivered=delivered)


def ways(drop: Drop, contact: Contact) -> list[tuple[str, str]]:
    """Return links that open a map at the door, or in the middle of the area: the phone's own, and one on the web."""
    place = Place.read(contact.place) if contact.place else place_of(drop)
    if place is None:
        return []
    spot = f"{place.lat:.6f},{place.lng:.6f}"
    web = f"https://www.openstreetmap.org/?mlat={place.lat:.6f}&mlon={place.lng:.6f}#map=17/{place.lat:.5f}/{place.lng:.5f}"
    return [(f"geo:{spot}?q={spot}", gettext("Map on this phone")), (web, gettext("Map in the browser"))]


def phone_words() -> str:
    """Return what the page's scripts say, as JSON."""
    return json.dumps(
        {
            "waiting": gettext("waits for network"), "sending": gettext("is being sent"), "done": gettext("done"),
            "refused": gettext("needs you"), "open": gettext("Look"), "drop": gettext("Forget it"),
            "signIn": gettext("Please sign in again. Your taps are kept and go on then."),
            "offline": gettext("Not saved: this needs the network."), "kept": gettext("Kept. It goes on by itself."),
            "noShell": gettext("Without HTTPS this page cannot be opened again without a network. Keep it open."),
            "noCamera": gettext("Without HTTPS the camera may be off. Use the PIN, or choose a photo."),
            "noStore": gettext("This phone keeps nothing: stay online while you tap."),
        },
        ensure_ascii=False,
    )  # fmt: skip


def live_words() -> str:
    """Return what the sign of a live page says, as JSON for its script."""
    return json.dumps(
        {"live": gettext("Live"), "stale": gettext("Maybe not the newest"), "poll": gettext("Every 10 seconds"),
         "off": gettext("No network")}, ensure_ascii=False,
    )  # fmt: skip
