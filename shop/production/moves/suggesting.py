"""Which moves to suggest for an alarm: each is lived through with the same seed as the day without it."""

from collections.abc import Mapping
from dataclasses import replace
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
"""Points of the chance that a move must win at least."""
FELT, SOON = 90, 60
"""Minutes after a cake's time (or the next hour) in which its moves are felt by others."""
MOST_CAKES = 30
EMPTY = Floor([], [])

Chances = dict[int, float]
Suggestion = dict[str, Any]


def suggest(
    session: Session, shop: Shop, scene: Scene | None, about: About, *, at: datetime,
    moves: Mapping[str, Move] = MOVES,
) -> list[Suggestion]:  # fmt: skip
    """Return one to three moves, the best first: each with its chance before and after in percent.

    ``id`` names a suggestion; a move that makes others later than it saves is not suggested.
    """
    scene = _near(scene, about) if scene else Scene(int(at.timestamp()) // 60, EMPTY, [], {}, {}, None)
    seen = seen_in(scene, runs=RUNS)
    view = View(session, shop, scene, seen, about, at)
    before = _chances(seen)
    found: list[tuple[float, int, Suggestion]] = []
    for place, (key, move) in enumerate(moves.items()):
        best: tuple[float, int, Suggestion] | None = None
        for option in move.options(view):
            rated = _rate(view, option, before)
            if rated is None:
                continue
            gain, was, will = rated
            one = (-gain, place, _suggestion(key, option, was, will))
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


def _rate(view: View, option: Option, before: Chances) -> tuple[float, int, int] | None:
    """Return (what is won over all cakes, the chance before, the chance after), None where it is not worth it."""
    focus = _focus(view, before)
    if option.scene is None:
        chance = _percent(focus, before)
        return (0.0, chance, chance) if option.always else None
    will = _chances(seen_in(option.scene, runs=RUNS))
    was = _chances(seen_in(option.otherwise, runs=RUNS)) if option.otherwise else before
    gain = sum(was.values()) - sum(will.values())
    chance, then = _percent(focus, was), _percent(focus, will)
    if chance - then < GAIN or gain * 100 < GAIN:
        return None
    return gain, chance, then


def _focus(view: View, chances: Chances) -> list[int]:
    if view.about.cake_id in chances:
        return [view.about.cake_id]
    return list(chances)


def _percent(focus: list[int], chances: Chances) -> int:
    return round(100 * max((chances.get(key, 0.0) for key in focus), default=0.0))


def _chances(seen: dict[int, Seen]) -> Chances:
    return {key: each.chance for key, each in seen.items()}


def _suggestion(key: str, option: Option, before: int, after: int) -> Suggestion:
    digest = blake2b(f"{key} {sorted(option.args.items())}".encode(), digest_size=6).hexdigest()
    return {"id": digest, "key": key, "args": dict(option.args), "facts": dict(option.facts), "before": before,
            "after": after}  # fmt: skip
