"""A plan at once: whenever a machine can begin, a rule says whose turn it is. Then the same with a little chance."""

from collections.abc import Callable, Iterator
from random import Random

from shop.planning.jobshop import Floor, Plan

Rule = Callable[[Floor, list[int], int, int, int], float]
"""Of (floor, work left behind each operation, operation, start, end): the smallest goes first."""

RULES: dict[str, Rule] = {
    "most work left": lambda floor, left, number, start, end: -left[number],
    "shortest first": lambda floor, left, number, start, end: end - start,
    "earliest start": lambda floor, left, number, start, end: start - left[number] / 1e6,
    "earliest end": lambda floor, left, number, start, end: end - left[number] / 1e6,
    "least choice": lambda floor, left, number, start, end: len(floor.choices[number]) - left[number] / 1e6,
    "work left for its minutes": lambda floor, left, number, start, end: (end - start) / (left[number] + 1),
}


def work_left(floor: Floor) -> list[int]:
    """Return for each operation the least work from it to the end of its job."""
    left = [0] * (floor.size + 1)
    for number in reversed(range(floor.size)):
        left[number] = left[floor.after[number]] + min(floor.minutes[number].values())
    return left


def dispatch(floor: Floor, rule: Rule, chance: Random | None = None, noise: float = 0.0) -> Plan:
    """Make one plan by a rule; ``noise`` lets chance tilt each choice of machine and of turn by up to that share."""
    left = work_left(floor)
    free = [0] * floor.instance.machines
    queues: list[list[int]] = [[] for _ in free]
    tilt = [1 + noise * chance.random() if chance else 1.0 for _ in range(floor.size)]
    # For each job that still has something to do: (end, start, machine, operation) at the machine that ends first.
    waiting: dict[int, tuple[int, int, int, int]] = {}

    def look(number: int, ready: int) -> tuple[int, int, int, int]:
        offers = (
            (max(ready, free[machine]) + minutes, max(ready, free[machine]), machine, number)
            for machine, minutes in floor.choices[number]
        )
        if chance and noise:
            return min(offers, key=lambda offer: offer[0] + (offer[0] - offer[1]) * noise * chance.random())
        return min(offers)

    ready_at = [0] * len(floor.instance.jobs)
    number = 0
    for job, operations in enumerate(floor.instance.jobs):
        if operations:
            waiting[job] = look(number, 0)
        number += len(operations)
    while waiting:
        first_end, _, machine, _ = min(waiting.values())
        turn = [job for job, offer in waiting.items() if offer[2] == machine and offer[1] < first_end]
        turn = turn or [job for job, offer in waiting.items() if offer[2] == machine]
        # the turn is decided among all who could begin there before the first of them would have ended
        job = min(turn, key=lambda j: _rank(floor, rule, left, waiting[j], tilt))
        end, _, _, number = waiting.pop(job)
        queues[machine].append(number)
        free[machine] = ready_at[job] = end
        following = floor.after[number]
        if following != floor.size:
            waiting[job] = look(following, end)
        for other, offer in list(waiting.items()):
            if offer[2] == machine and other != job:  # everybody else's offer still stands
                waiting[other] = look(offer[3], ready_at[other])
    return Plan(queues, max(free))


def _rank(
    floor: Floor, rule: Rule, left: list[int], offer: tuple[int, int, int, int], tilt: list[float]
) -> float:
    end, start, _, number = offer
    value = rule(floor, left, number, start, end)
    return value * tilt[number] if value >= 0 else value / tilt[number]


def best_of_rules(floor: Floor) -> Plan:
    """Return the best plan of all rules, without any chance."""
    return min((dispatch(floor, rule) for rule in RULES.values()), key=lambda plan: plan.makespan)


def randomised(floor: Floor, chance: Random) -> Iterator[Plan]:
    """Go on for ever with plans in which chance has its say."""
    rules = list(RULES.values())
    while True:
        yield dispatch(floor, chance.choice(rules), chance, chance.choice((0.1, 0.3, 0.8)))
