"""Moves: what can be done about an alarm. A new one is one file with a `Move`, and its line here."""

from collections.abc import Mapping

from shop.production.moves import (
    add_person,
    let_wait,
    other_oven,
    reassign,
    start_now,
    swap,
    tell_customer,
)
from shop.production.moves.contract import Move

MOVES: Mapping[str, Move] = {
    each.MOVE.key: each.MOVE
    for each in (start_now, reassign, swap, let_wait, other_oven, add_person, tell_customer)
}
