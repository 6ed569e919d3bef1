"""A cake's stages with their places in the kitchen: what the promise engine answers, and what becomes tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shop.menu.tables import StageKind
from shop.orders.cart import Work
from shop.planning.reservations.floor import Job, Laid, Step

SPARE_MINUTES = 10
"""Minutes between the planned end of the last stage and the promised time."""
FRESH_MINUTES = 24 * 60
"""A cake is not made longer than this before its time only because there is room then."""


@dataclass(frozen=True)
class Planned:
    """One stage laid into the kitchen: from ``start`` to ``end`` (minutes), ``amount`` places in room ``unit`` of
    the station, done by ``hand`` (a person's id, below 0 while the shop has entered no shifts; None: nobody is
    needed, or nobody is free)."""

    kind: StageKind
    station_id: int | None
    start: int
    end: int
    amount: int
    needs_person: bool
    unit: int = 0
    hand: int | None = None
    celsius: int = 0
    keeps: int | None = None
    gate: str = ""


@lru_cache(maxsize=8192)
def stage(
    kind: str, station: int | None, minutes: int, amount: int, celsius: int, person: bool, keeps: int | None, gate: str
) -> Step:  # fmt: skip
    """Return a stage as the engine asks for it: whoever does it needs its kind as a skill."""
    return Step(kind, station, minutes, amount, celsius, kind if person else "", keeps, gate)


@lru_cache(maxsize=8192)
def step_of(work: Work) -> Step:
    """Return a stage that is not a task yet."""
    return stage(
        work.kind.value, work.station_id, work.minutes, work.amount, work.celsius, work.needs_person, work.keeps,
        work.gate,
    )  # fmt: skip


def steps_of(tasks: Iterable[Any]) -> tuple[Step, ...]:
    """Return the stages of a cake's tasks, which may be rows of them."""
    return tuple(
        stage(t.kind, t.station_id, t.minutes, t.amount, t.celsius, t.needs_person, t.keeps, t.gate)
        for t in tasks
    )


def jobs_of(cakes: Iterable[Sequence[Work]], since: int, due: int = 0) -> list[Job]:
    """Return new cakes as jobs, with numbers that no cake of the shop has."""
    return [
        Job(-n, 0, due, since, tuple(step_of(work) for work in works)) for n, works in enumerate(cakes, 1)
    ]


def planned(works: Sequence[Work], laid: Sequence[Laid]) -> list[Planned]:
    """Return a cake's stages where they were laid."""
    return [_planned(work, at.start, at.unit, at.hand) for work, at in zip(works, laid, strict=True)]


def _planned(work: Work, start: int, unit: int = 0, hand: int | None = None) -> Planned:
    return Planned(
        work.kind, work.station_id, start, start + work.minutes, work.amount, work.needs_person, unit, hand,
        work.celsius, work.keeps, work.gate,
    )  # fmt: skip


def back_to_back(works: Sequence[Work], by: int) -> list[Planned]:
    """Lay one cake without regard to what is free, each stage just before the next, done ``by`` then."""
    plan, end = [], by
    for work in reversed(works):
        plan.append(_planned(work, end - work.minutes))
        end -= work.minutes
    plan.reverse()
    return plan


def one_after_another(works: Sequence[Work], start: int) -> list[Planned]:
    """Lay one cake without regard to what is free, from ``start`` on."""
    return back_to_back(works, start + sum(work.minutes for work in works))
