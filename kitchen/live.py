"""The sockets of the kitchen's screens."""

from typing import Any

from flask import Blueprint, request

from kitchen.boards import draw_board, draw_overview, known_station
from kitchen.rights import rights
from shop.core.errors import Denied
from shop.core.permissions import Permission
from web.access import display
from web.house import menu_card
from web.live import Line, hang, serve_region

WATCHER = display(Permission.KITCHEN_SEE)
TOPICS = ("kitchen", "menu", "staff")


def hang_sockets(blueprint: Blueprint) -> None:
    """Hang the sockets beside the doors."""
    hang(blueprint, "/live", overview_live, WATCHER, name="overview_live")
    hang(blueprint, "/<station>/live", board_live, WATCHER, name="board_live")


def board_live(ws: Any, station: str) -> None:
    """Keep a board live; a change of what may be done here ends the socket, and the page is loaded anew."""
    known_station(station)
    may, here = rights(), menu_card().stations_by_slug[station].id

    def check() -> None:
        if rights() != may:
            raise Denied()

    serve_region(ws, key=("board", station, may), topics=TOPICS, render=lambda: draw_board(station, may),
                 after=request.args.get("after", type=int), have=request.args.get("have", ""), check=check,
                 describe=lambda line: tell(line, here))  # fmt: skip


def overview_live(ws: Any) -> None:
    """Keep the overview live."""
    may = rights()
    serve_region(ws, key=("kitchen", may), topics=TOPICS, render=draw_overview, describe=tell,
                 after=request.args.get("after", type=int), have=request.args.get("have", ""))  # fmt: skip


def tell(line: Line, station_id: int | None = None) -> dict[str, Any]:
    """Tell a screen what happened, with its sound: at a station only what concerns it, at the overview all."""
    told: dict[str, Any] = {"seq": line.seq, "kind": line.kind}
    concerned = line.data.get("stations")
    if line.data.get("sound") and (station_id is None or concerned is None or station_id in concerned):
        told["sound"] = line.data["sound"]
    return told
