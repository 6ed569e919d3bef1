"""Which moves to suggest for an alarm: each is lived through with the same seed as the day without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session

from shop.people.shops import Shop
from shop.planning.reservations.floor import Floor
from shop.production.foresight import Scene, Seen, seen_in
from shop.production.moves import MOVES
from shop.production.moves.contract import About, Move, Option, View

RUNS = 40
MOST = 3
GAIN = 5
"""Points of the chance that a move must win at least, for its own cake and over all."""
SOONER = 10
"""Or minutes by which its own cake is less late: where a day is so far behind that the chance stays what it is."""
HOUR = 60
"""An hour too late weighs as much as being late at all."""
LATEST = 24 * 60
FELT, SOON = 90, 60
"""Minutes after a cake's time (or the next hour) in which its moves are felt by others."""
MOST_CAKES = 30
EMPTY = Floor([], [])


@dataclass(frozen=True)
class Outlook:
    """What is seen of one cake: its ``chance`` (0 to 1) of being late, and by how many ``minutes`` on average."""

    chance: float
    minutes: float

    @property
    def loss(self) -> float:
        return self.chance + self.minutes / HOUR


Outlooks = dict[int, Outlook]
Suggestion = dict[str, Any]


def suggest(
    session: Session, shop: Shop, scene: Scene | None, about: About, *, at: datetime,
    moves: Mapping[str, Move] = MOVES,
) -> list[Suggestion]:  # fmt: skip
    """Return one to three moves, the best first: each with its chance before and after in percent.

    ``sooner`` is by how many minutes its cake is less late on average; ``id`` names a suggestion. A move that
    makes others later than it saves is not suggested.
    """
    scene = _near(scene, about) if scene else Scene(int(at.timestamp()) // 60, EMPTY, [], {}, {}, None)
    seen = seen_in(scene, runs=RUNS)
    view = View(session, shop, scene, seen, about, at)
    before = _outlooks(view, seen)
    found: list[tuple[float, int, Suggestion]] = []
    for place, (key, move) in enumerate(moves.items()):
        best: tuple[float, int, Suggestion] | None = None
        for option in move.options(view):
            rated = None if option.reserve and best else _rate(view, option, before)
            if rated is None:
                continue
            gain, was, will = rated
            sooner = round(was.minutes - will.minutes)
            one = (-gain, place, _suggestion(key, option, _percent(was), _percent(will), sooner))
            best = min(best, one, key=lambda each: each[0]) if best else one
        if best:
            found.append(best)
    found.sort(key=lambda each: each[:2])
    always = [each for each in found if each[2]["key"] == "tell_customer"]
    others = [each for each in found if each[2]["key"] != "tell_customer"]
    return [each[2] for each in (others[: MOST - len(always)] + always)]


def _near(scene: Scene, about: About) -> Scene:
    """Return the scene without the cakes due so much later that no move of this one is felt there."""
    due = next((job.due for job in scene.jobs if job.id == about.cake_id), scene.now)
    until = max(due, scene.now + SOON) + FELT
    kept = [job for job in scene.jobs if job.locked or job.due <= until]
    first = sorted(kept, key=lambda job: (job.id != about.cake_id, not job.locked, job.due))[:MOST_CAKES]
    there = {job.id for job in first}
    return replace(scene, jobs=[job for job in kept if job.id in there])


def _rate(view: View, option: Option, before: Outlooks) -> tuple[float, Outlook, Outlook] | None:
    """Return (what is won over all cakes, its own before, and after), None where it is not worth it."""
    if option.scene is None:
        now = _own(view, before)
        return (0.0, now, now) if option.always else None
    will = _outlooks(view, seen_in(option.scene, runs=RUNS))
    was = _outlooks(view, seen_in(option.otherwise, runs=RUNS)) if option.otherwise else before
    gain = sum(each.loss for each in was.values()) - sum(each.loss for each in will.values())
    now, then = _own(view, was), _own(view, will)
    helps = _percent(now) - _percent(then) >= GAIN or now.minutes - then.minutes >= SOONER
    return (gain, now, then) if helps and gain * 100 >= GAIN else None


def _own(view: View, outlooks: Outlooks) -> Outlook:
    """Return how it looks for the cake in trouble; of all cakes the worst where it is about none."""
    nothing = Outlook(0.0, 0.0)
    if view.about.cake_id in outlooks:
        return outlooks[view.about.cake_id]
    return max(outlooks.values(), key=lambda each: (each.chance, each.minutes), default=nothing)


def _percent(outlook: Outlook) -> int:
    return round(100 * outlook.chance)


def _outlooks(view: View, seen: Mapping[int, Seen]) -> Outlooks:
    due = {job.id: job.due for job in view.scene.jobs}
    return {key: Outlook(each.chance, _late(each.ends, due[key])) for key, each in seen.items()}


def _late(ends: Sequence[float], due: int) -> float:
    """Return by how many minutes it is late on average; what is not done at all is a day late."""
    return sum(min(LATEST, max(0.0, end - due)) for end in ends) / len(ends) if ends else 0.0


def _suggestion(key: str, option: Option, before: int, after: int, sooner: int = 0) -> Suggestion:
    digest = blake2b(f"{key} {sorted(option.args.items())}".encode(), digest_size=6).hexdigest()
    return {"id": digest, "key": key, "args": dict(option.args), "facts": dict(option.facts), "before": before,
            "after": after, "sooner": sooner}  # fmt: skip
