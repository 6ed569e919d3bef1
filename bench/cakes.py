"""A day of cakes of which it is known that all can be on time: it was planned in some order first, then promised so."""

from random import Random

from shop.planning.kitchen import Floor, Job, Step
from shop.planning.kitchen.desk import Desk
from shop.planning.reservations.floor import Hand, StationPlan

OVEN, BENCH, TABLE, PACKING = 1, 2, 3, 4
BAKING = {0.8: 25, 1.0: 30, 1.3: 30, 1.6: 40}
"""Minutes in the oven by size."""


def kitchen(people: int = 12) -> Floor:
    """Two ovens of six trays, a bench, a table that belongs to nuts for the last 100 minutes, and two shifts."""
    day = [(0, 900)]
    stations = [
        StationPlan(OVEN, 2, 6, day),
        StationPlan(BENCH, 1, 4, day),
        StationPlan(TABLE, 1, 5, day, {"nuts": [(800, 900)]}),
        StationPlan(PACKING, 1, 3, day),
    ]
    skills = [{"build", "pack"}, {"decorate", "pack"}, {"build", "decorate", "pack"}]
    hands = []
    for i in range(people):
        begins = 0 if i < people // 2 + 1 else 240
        shift = [(begins, begins + 300), (begins + 330, begins + 660)]
        hands.append(Hand(i, frozenset(skills[i % 3]), shift))
    return Floor(stations, hands)


def cake(number: int, chance: Random) -> Job:
    """Any cake: bake, cool or set, build, decorate, pack; built and decorated within four hours."""
    size = chance.choice((0.8, 1.0, 1.0, 1.3, 1.6))
    gate = "nuts" if chance.random() < 0.1 else ""
    steps = (
        Step("bake", OVEN, BAKING[size], 2 if size == 1.6 else 1, chance.choice((160, 175, 190))),
        Step("cool", None, chance.choice((40, 40, 90))),
        Step("build", BENCH, round(10 * size), skill="build", keeps=240),
        Step("decorate", TABLE, round(14 * size), skill="decorate", keeps=240, gate=gate),
        Step("pack", PACKING, 4, skill="pack", keeps=240),
    )
    return Job(number, number, 10**6, 0, steps, weight=chance.choice((1, 1, 1, 3)))


def day(cakes: int, seed: int, people: int = 12, slack: int = 30) -> tuple[Floor, list[Job]]:
    """Make a day: put cakes in by chance until there are enough, and promise each soon after it came out."""
    chance, floor = Random(seed), kitchen(people)
    offered = [cake(number, chance) for number in range(cakes + 60)]
    desk, taken = Desk(floor, offered), []
    for job in offered:
        if len(taken) < cakes and desk.insert(job):
            taken.append(job)
    for job in taken:
        job.due = desk.laid[job.id][-1].end + chance.randint(0, slack)
    return floor, taken
