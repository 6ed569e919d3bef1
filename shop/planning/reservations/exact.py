"""The soonest end of new cakes by CP-SAT, in a corner of the book: who makes room, when, where, and by whose hands.

``ortools`` is imported inside the functions, so that only the child that solves pays for it in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from shop.planning.reservations.corner import Chain, Corner, Piece, read
from shop.planning.reservations.floor import Laid

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SECONDS = 8.0
"""So long the solver may think about one question: most take it less than one, and a customer takes more."""
NEAR, AT_FIRST = 10, 0.4
"""Mostly the soonest end there could be can be had, or nearly: so many minutes behind it the solver looks at first, in
this share of its time. There the new cakes have hardly a choice of minutes, and much less is left to search."""
FEWER = 0.25
"""The share of the time in which it looks for fewer moves then."""
Places = dict[int, list[Laid]]
Chosen = tuple[Any, list[tuple[int, Any]], list[tuple[int, Any]]]
"""When a piece starts, and by each hand and in each unit whether it is done there (True: there is only one)."""


def sooner(corner: Corner, seconds: float = SECONDS) -> Places | None:
    """Return where the pieces of all chains stand, so that the new cakes are done as soon as can be found; None if
    that is not sooner than what is known."""
    near, left = _only_until(corner, corner.low + NEAR), seconds
    if near.high < corner.high:
        found = _Model(near).solve(seconds * AT_FIRST)
        if found is not None:
            return found
        left -= seconds * AT_FIRST
    return _Model(corner).solve(left)


def _only_until(corner: Corner, high: int) -> Corner:
    chains = [
        chain._replace(limit=min(high, chain.limit)) if chain.due is None else chain
        for chain in corner.chains
    ]
    return corner._replace(high=min(high, corner.high), chains=chains)


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Think over the ``corner`` of a question that came as JSON, for so many ``seconds``."""
    found = sooner(read(question["corner"]), question["seconds"])
    if found is None:
        return {"places": None}
    rows = [[id_, [[at.start, at.end, at.unit, at.hand] for at in laid]] for id_, laid in found.items()]
    return {"places": rows}


def understood(words: Mapping[str, Any]) -> Places | None:
    """Read an answer."""
    rows = words["places"]
    return None if rows is None else {int(id_): [Laid(*at) for at in laid] for id_, laid in rows}


class Inside(NamedTuple):
    """A piece with its start, before which minute it cannot begin, and by which it is over at the latest."""

    piece: Piece
    start: Any
    soonest: int
    over: int


class _Model:
    def __init__(self, corner: Corner) -> None:
        from ortools.sat.python import cp_model

        self.lib, self.cp, self.corner = cp_model, cp_model.CpModel(), corner
        self.laid: dict[int, list[Chosen]] = defaultdict(list)
        self.busy: dict[int, list[Any]] = defaultdict(list)
        self.skilled: dict[str, list[Any]] = defaultdict(list)
        self.inside: dict[tuple[int, int], list[tuple[Inside, Any]]] = defaultdict(list)
        self.goal = self.cp.new_int_var(corner.low, corner.high, "")
        self.gates: dict[tuple[int | None, str], Sequence[tuple[int, int]]] = {
            (s, g): h for s, g, h in corner.gates
        }
        self.spans = {id_: spans for id_, _, spans in corner.hands}
        self.able: dict[str, list[int]] = defaultdict(list)
        for id_, skills, _ in corner.hands:
            for skill in skills:
                self.able[skill].append(id_)
        self.rooms = {(station, unit): (places, free) for station, unit, places, free in corner.rooms}
        self.until = max(chain.limit for chain in corner.chains) + 1
        self.since = min(chain.since for chain in corner.chains)
        for chain in corner.chains:
            self._chain(chain)
        self._people()
        for key, pieces in self.inside.items():
            self._room(key, pieces)
        self.cp.minimize(self.goal)

    # -- cakes

    def _chain(self, chain: Chain) -> None:
        end: Any = chain.since
        head, tail = chain.since, sum(piece.minutes for piece in chain.pieces)
        for piece in chain.pieces:
            start = self.cp.new_int_var(head, chain.limit - tail, "")
            self.cp.add(start >= end)
            if piece.keeps is not None:
                self.cp.add(start <= end + piece.keeps)
            tail -= piece.minutes
            inside = Inside(piece, start, head, chain.limit - tail)
            self.laid[chain.job].append((start, self._at_hand(inside), self._in_a_room(inside)))
            head, end = head + piece.minutes, start + piece.minutes
        self._hint(chain, [Laid(piece.start, 0, piece.unit, piece.hand) for piece in chain.pieces])
        if chain.due is None:
            self.cp.add(self.goal >= end)
        elif chain.due < self.corner.high and chain.stands < chain.limit:
            after = self.cp.new_bool_var("")
            self.cp.add(self.goal <= chain.due).only_enforce_if(after)
            self.cp.add(end <= chain.stands).only_enforce_if(after.negated())

    def _at_hand(self, inside: Inside) -> list[tuple[int, Any]]:
        skill = inside.piece.skill
        if not skill:
            return []
        chosen = [(hand, self.cp.new_bool_var("")) for hand in self.able[skill]]
        for hand, here in chosen:
            self.busy[hand].append(self._interval(inside, here))
        self.cp.add_exactly_one(here for _, here in chosen)
        self.skilled[skill].append(self._interval(inside, True))
        return chosen

    def _in_a_room(self, inside: Inside) -> list[tuple[int, Any]]:
        piece = inside.piece
        keys = [key for key in self.rooms if key[0] == piece.station]
        chosen = [(key[1], self.cp.new_bool_var("") if len(keys) > 1 else True) for key in keys]
        for key, (_, here) in zip(keys, chosen, strict=True):
            self.inside[key].append((inside, here))
        if len(chosen) > 1:
            self.cp.add_exactly_one(here for _, here in chosen)
        allowed = self.gates.get((piece.station, piece.gate))
        if allowed is not None:
            spans = [[a, b - piece.minutes] for a, b in allowed if b - a >= piece.minutes]
            self.cp.add_linear_expression_in_domain(inside.start, self.lib.Domain.from_intervals(spans))
        return chosen

    def _interval(self, inside: Inside, here: Any) -> Any:
        if here is True:
            return self.cp.new_fixed_size_interval_var(inside.start, inside.piece.minutes, "")
        return self.cp.new_optional_fixed_size_interval_var(inside.start, inside.piece.minutes, here, "")

    # -- people and rooms

    def _shut(self, hands: Sequence[int]) -> list[Any]:
        """Return as intervals when each of these people is not to be had."""
        found = []
        for hand in hands:
            at = self.since
            for a, b in [*self.spans[hand], (self.until, self.until)]:
                if a > at:
                    found.append(self.cp.new_fixed_size_interval_var(at, a - at, ""))
                at = max(at, b)
        return found

    def _people(self) -> None:
        for hand, intervals in self.busy.items():
            self.cp.add_no_overlap([*intervals, *self._shut([hand])])
        # What follows from that is sooner seen by the solver if it is said: of so many people, so many are busy.
        every = [interval for intervals in self.skilled.values() for interval in intervals]
        self._crew(every, sorted({hand for skill in self.skilled for hand in self.able[skill]}))
        for skill, intervals in self.skilled.items():
            self._crew(intervals, self.able[skill])

    def _crew(self, intervals: Sequence[Any], hands: Sequence[int]) -> None:
        both = [*intervals, *self._shut(hands)]
        self.cp.add_cumulative(both, [1] * len(both), len(hands))

    def _room(self, key: tuple[int, int], pieces: Sequence[tuple[Inside, Any]]) -> None:
        places, free = self.rooms[key]
        blocks = [(a, b, places - left) for a, b, left, _ in free if left < places]
        taken = [self.cp.new_fixed_size_interval_var(a, b - a, "") for a, b, _ in blocks]
        amounts = [*(inside.piece.amount for inside, _ in pieces), *(amount for *_, amount in blocks)]
        self.cp.add_cumulative([*(self._interval(*each) for each in pieces), *taken], amounts, places)
        hot = [each for each in pieces if each[0].piece.heat]
        for inside, here in hot:
            for a, b, _, heat in free:
                if heat and heat != inside.piece.heat:
                    self._apart(inside, Inside(inside.piece._replace(minutes=b - a), a, a, b), [here])
        for (one, here), (other, there) in combinations(hot, 2):
            if one.piece.heat != other.piece.heat:
                self._apart(one, other, [here, there])

    def _apart(self, one: Inside, other: Inside, both: Sequence[Any]) -> None:
        """Let one thing be over before the other begins, or the other way round, if both are here."""
        if one.over <= other.soonest or other.over <= one.soonest:
            return  # they never meet
        here, first = [each for each in both if each is not True], self.cp.new_bool_var("")
        self.cp.add(one.start + one.piece.minutes <= other.start).only_enforce_if([first, *here])
        self.cp.add(other.start + other.piece.minutes <= one.start).only_enforce_if([first.negated(), *here])

    # -- the answer

    def solve(self, seconds: float) -> Places | None:
        """Look for the soonest end, then for a plan with that end in which fewer others move."""
        laid = self._solved(seconds)
        if laid is None:
            return None
        self.cp.add(
            self.goal <= max(laid[chain.job][-1].end for chain in self.corner.chains if chain.due is None)
        )
        self.cp.clear_hints()  # type: ignore[no-untyped-call]  # the one method that OR-Tools left without types
        for chain in self.corner.chains:
            self._hint(chain, laid[chain.job])
        self.cp.maximize(sum(self._stays(chain) for chain in self.corner.chains if chain.due is not None))
        return self._solved(seconds * FEWER) or laid

    def _solved(self, seconds: float) -> Places | None:
        """Look with one worker: the second processor belongs to whoever orders meanwhile."""
        solver = self.lib.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 0  # rooms and hands say little about each other in fractions
        solver.parameters.max_time_in_seconds = seconds
        if solver.solve(self.cp) not in (self.lib.OPTIMAL, self.lib.FEASIBLE):
            return None
        return {chain.job: self._read(chain, solver) for chain in self.corner.chains}

    def _read(self, chain: Chain, solver: cp_model.CpSolver) -> list[Laid]:
        found = []
        for piece, (start, hands, units) in zip(chain.pieces, self.laid[chain.job], strict=True):
            begins = solver.value(start)
            unit = next((unit for unit, here in units if here is True or solver.value(here)), 0)
            hand = next((hand for hand, here in hands if solver.value(here)), None)
            found.append(Laid(begins, begins + piece.minutes, unit, hand))
        return found

    def _hint(self, chain: Chain, laid: Sequence[Laid]) -> None:
        for where, (start, hands, units) in zip(laid, self.laid[chain.job], strict=True):
            self.cp.add_hint(start, where.start)
            for hand, here in hands:
                self.cp.add_hint(here, hand == where.hand)
            for unit, here in units:
                if here is not True:
                    self.cp.add_hint(here, unit == where.unit)

    def _stays(self, chain: Chain) -> Any:
        """Return whether a cake stays where it stood."""
        stays = self.cp.new_bool_var("")
        for piece, (start, hands, units) in zip(chain.pieces, self.laid[chain.job], strict=True):
            self.cp.add(start == piece.start).only_enforce_if(stays)
            for who, here in [*((hand == piece.hand, here) for hand, here in hands),
                              *((unit == piece.unit, here) for unit, here in units)]:  # fmt: skip
                if who and here is not True:
                    self.cp.add_implication(stays, here)
        return stays
