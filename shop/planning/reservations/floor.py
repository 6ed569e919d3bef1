"""What a kitchen has: rooms with places and hours, people with skills and hours; and what a cake asks of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one cake. ``station`` None takes no place (cooling); ``skill`` "" needs nobody.

    ``minutes`` of work, ``amount`` places (trays), ``heat`` degrees (0: no matter). ``keeps`` is how long the
    cake may wait between the stage before and this one (None: as long as it likes). ``gate`` names what only
    some hours of the station may touch (an allergen), or several of them joined by ``+``.
    """

    kind: str
    station: int | None
    minutes: int
    amount: int = 1
    heat: int = 0
    skill: str = ""
    keeps: int | None = None
    gate: str = ""


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A station: ``units`` rooms of ``places`` each (two ovens of six trays), open in ``hours`` (minutes).

    ``gates`` gives the hours kept for work with that gate, or with several (`with_common_hours`); all other hours are
    for work without one.
    """

    id: int
    units: int
    places: int
    hours: Sequence[Span]
    gates: Mapping[str, Sequence[Span]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who works: ``skills`` are kinds of stage, ``hours`` minutes from and to."""

    id: int
    skills: frozenset[str]
    hours: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Floor:
    """The kitchen before any work is in it. ``shelves`` is how many finished cakes can wait (0: no matter)."""

    stations: Sequence[StationPlan]
    hands: Sequence[Hand]
    shelves: int = 0

    def able(self) -> dict[str, list[int]]:
        """Return who has each skill, those who can do little first: the versatile are kept free."""
        found: dict[str, list[int]] = {}
        for hand in sorted(self.hands, key=lambda hand: (len(hand.skills), hand.id)):
            for skill in hand.skills:
                found.setdefault(skill, []).append(hand.id)
        return found


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a step stands: minutes, which room of the station (``unit``), and who does it (None: nobody is needed
    or, when it was overbooked, nobody is free)."""

    start: int
    end: int
    unit: int = 0
    hand: int | None = None


@dataclass(slots=True)
class Job:
    """One cake's open work. ``due`` is when it must be done, ``since`` when its first step may start.

    The first ``locked`` steps are at work and never move. ``laid`` is in the order of ``steps``.
    """

    id: int
    order: int
    due: int
    since: int
    steps: tuple[Step, ...]
    laid: list[Laid] = field(default_factory=list)
    locked: int = 0
    weight: int = 1


def minutes_of(steps: Iterable[Step]) -> int:
    """Return the minutes of all steps one after the other."""
    return sum(step.minutes for step in steps)


def with_common_hours(gates: Mapping[str, Sequence[Span]]) -> dict[str, Sequence[Span]]:
    """Return the gates, and for each set of them the hours they have in common: work with two allergens must stand
    in the hours of both. Without any common hour it can stand nowhere there."""
    found: dict[str, Sequence[Span]] = dict(gates)
    for many in range(2, len(gates) + 1):
        for names in combinations(sorted(gates), many):
            one, other = found["+".join(names[:-1])], gates[names[-1]]
            both = [(max(a, c), min(b, d)) for a, b in one for c, d in other if a < d and c < b]
            found["+".join(names)] = sorted(both)
    return found
