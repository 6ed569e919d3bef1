"""The sockets of the kitchen's screens."""

from typing import Any

from flask import Blueprint, request

from kitchen.boards import draw_board, draw_overview, known_station
from kitchen.rights import rights
from shop.core.errors import Denied
from shop.core.permissions import Permission
from web.access import display
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
    may = rights()

    def check() -> None:
        if rights() != may:
            raise Denied()

    serve_region(ws, key=("board", station, may), topics=TOPICS, render=lambda: draw_board(station, may),
                 after=request.args.get("after", type=int), have=request.args.get("have", ""), check=check,
                 describe=tell)  # fmt: skip


def overview_live(ws: Any) -> None:
    """Keep the overview live."""
    may = rights()
    serve_region(ws, key=("kitchen", may), topics=TOPICS, render=draw_overview, describe=quietly,
                 after=request.args.get("after", type=int), have=request.args.get("have", ""))  # fmt: skip


def tell(line: Line) -> dict[str, Any]:
    """Tell a board what happened, with the sound that goes with it."""
    told: dict[str, Any] = {"seq": line.seq, "kind": line.kind}
    if line.data.get("sound"):
        told["sound"] = line.data["sound"]
    return told


def quietly(line: Line) -> dict[str, Any]:
    """Tell the overview what happened; it makes no sound."""
    return {"seq": line.seq, "kind": line.kind}
