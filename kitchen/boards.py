"""What the kitchen's screens show: the overview, a station's board, its list on paper."""

from dataclasses import replace
from typing import Any

from flask import Response, g, make_response, render_template, request
from flask_babel import gettext

from kitchen.down import MINUTES, downs_of, parts_of
from kitchen.rights import Rights, rights
from shop.core.errors import Missing
from shop.menu.card import MenuCard
from shop.production.board import Board, NoticeCard, board
from shop.production.causes import unseen_at
from shop.production.claimed import asks_at, taken_at
from shop.production.lately import done_lately
from shop.production.onshift import people_here
from web.database import reader
from web.front import swapping
from web.house import menu_card, now, this_shop
from web.i18n import words
from web.live import Region, Rendered, region
from web.pages import page

ROOM = 8
NOTICES = 4
ASKS = 2
ON_PAPER = 400


def overview() -> Response:
    """Show all stations at a glance, and the way to each board."""
    may = rights()
    shown = region(("kitchen", may), lambda: draw_overview())
    own = g.device.station if g.get("staff") is None else ""
    mine = may.advance and not may.names
    return page("kitchen/overview.html", region=shown, own=own, mine=mine, live="/kitchen/live",
                here="/kitchen/region")  # fmt: skip


def overview_region() -> Response:
    """Answer with the overview alone."""
    return fragment(region(("kitchen", rights()), lambda: draw_overview()))


def draw_overview() -> Region:
    """Render the overview."""
    boards = [look(slug) for slug in menu_card().stations_by_slug]
    total = sum(b.total + len(b.notices) for b in boards)
    unseen = unseen_at(reader(), this_shop())
    return Region(render_template("kitchen/_overview.html", boards=boards, total=total, unseen=unseen), total)


def station_board(station: str) -> Response:
    """Show a station's board."""
    may = rights()
    shown = region(("board", station, may), lambda: draw_board(station, may))
    return page("kitchen/board.html", region=shown, station=menu_card().stations_by_slug[station],
                live=f"/kitchen/{station}/live", here=f"/kitchen/{station}/region")  # fmt: skip


def station_more(station: str) -> Response:
    """Show what is not needed at every tap: other stations, sound, paper, language, what was finished lately."""
    may = rights()
    known_station(station)
    stations = menu_card().stations_by_slug
    here = stations[station]
    lately = done_lately(reader(), this_shop(), here.id, at=now(), most=5)
    whole = not swapping()
    people = people_here(reader(), this_shop(), menu_card(), here.id, at=now()) if whole and may.names else []
    template = "kitchen/more.html" if whole else "kitchen/_more.html"
    return page(template, station=here, stations=stations.values(), lately=lately, can=may, people=people,
                downs=downs_of(here.id), parts=parts_of(here.id), lengths=MINUTES)  # fmt: skip


def station_region(station: str) -> Response:
    """Answer with the board alone; unchanged is 304."""
    may = rights()
    return fragment(region(("board", station, may), lambda: draw_board(station, may)))


def draw_board(station: str, may: Rights) -> Region:
    """Render a station's board; notices take the place of cards."""
    b = look(station)
    notices = [(notice, differences(notice, menu_card())) for notice in b.notices[:NOTICES]]
    room = ROOM - len(notices)
    if len(b.cards) > room:
        cut = [card.due_at for card in b.cards[room:]]
        due = min([*cut, b.more_due] if b.more and b.more_due else cut)
        b = replace(b, cards=b.cards[:room], more=b.more + len(cut), more_due=due)
    startable = {c.number: c for c in b.cards if c.task_state == "ready_to_start"}
    total = b.total + len(b.notices)
    unseen = unseen_at(reader(), this_shop(), b.station.id)
    html = render_template(
        "kitchen/_board.html", unseen=unseen, b=b, notices=notices, can=may, startable=startable, total=total,
        downs=downs_of(b.station.id)[:2], taken=taken_at(reader(), this_shop(), b.station.id),
        asks=asks_at(reader(), this_shop(), station_id=b.station.id)[:ASKS],
    )  # fmt: skip
    return Region(html, total)


def look(station: str) -> Board:
    """Read a station's board."""
    return board(reader(), this_shop(), menu_card(), station, at=now(), room=ROOM)


def differences(notice: NoticeCard, card: MenuCard) -> list[tuple[str, str, str]]:
    """Return what a notice changes, in words: what, old, new."""
    labels = {"inscription": gettext("Writing"), "candles": gettext("Candles"), "options": gettext("Options")}
    lines = []
    for name, label in labels.items():
        if name in notice.was or name in notice.now:
            old, new = (say(name, side.get(name), card) for side in (notice.was, notice.now))
            lines.append((label, old, new))
    return lines


def say(name: str, value: Any, card: MenuCard) -> str:
    """Write one side of a change the way people say it."""
    if name == "options" and isinstance(value, dict):
        groups = {group.slug: group for dish in card.dishes.values() for group in dish.groups}
        choices = [(groups[g].choice(c) if g in groups else None, c) for g, c in value.items()]
        return " · ".join(words(choice.names) if choice else slug for choice, slug in choices)
    if name == "inscription":
        return f"“{value}”" if value else gettext("no writing")
    return str(value if value not in (None, "") else 0)


def station_list(station: str) -> Response:
    """Show all open work of a station as a list to print, for a long outage."""
    rights()
    b = board(reader(), this_shop(), menu_card(), station, at=now(), room=ON_PAPER)
    return page("kitchen/list.html", b=b)


def known_station(station: str) -> None:
    """Raise `Missing` for a station nobody knows."""
    if station not in menu_card().stations_by_slug:
        raise Missing(field="station")


def fragment(shown: Rendered, status: int = 200) -> Response:
    """Answer with a region; its hash is the ETag, so that an unchanged one costs nothing to send."""
    response = make_response(shown.html, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Seq"] = str(shown.seq)
    response.headers["X-Now"] = now().isoformat()
    response.set_etag(shown.hash)
    if status == 200 and request.method == "GET":
        response.make_conditional(request)
    return response
