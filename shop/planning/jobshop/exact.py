"""The same question to CP-SAT: it proves how good a plan is, and now and then finds a better one.

``ortools`` is imported inside the functions, so that only a process that solves pays for it in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shop.planning.jobshop import Floor, Plan
from shop.planning.jobshop.counting import least_after, least_before

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Stop = Callable[[], None]


@dataclass
class Model:
    """The instance in CP-SAT's words."""

    floor: Floor
    program: cp_model.CpModel
    makespan: cp_model.IntVar
    starts: list[cp_model.IntVar] = field(default_factory=list)
    chosen: list[dict[int, cp_model.IntVar]] = field(default_factory=list)

    def hint(self, plan: Plan) -> None:
        """Tell it a plan to begin with."""
        starts = self.floor.starts(plan)
        machine_of = {number: machine for machine, queue in enumerate(plan.queues) for number in queue}
        for number, start in enumerate(starts):
            self.program.add_hint(self.starts[number], start)
            for machine, literal in self.chosen[number].items():
                self.program.add_hint(literal, machine_of[number] == machine)
        self.program.add_hint(self.makespan, plan.makespan)

    def read(self, value: Callable[[cp_model.IntVar], int]) -> Plan:
        """Read the machine orders out of a solution."""
        queues: list[list[tuple[int, int, int]]] = [[] for _ in range(self.floor.instance.machines)]
        for number, start in enumerate(self.starts):
            choices = self.floor.minutes[number]
            machine = next((m for m, literal in self.chosen[number].items() if value(literal)), None)
            machine = next(iter(choices)) if machine is None else machine
            begins = value(start)
            queues[machine].append((begins, begins + choices[machine], number))
        plan = Plan([[number for *_, number in sorted(queue)] for queue in queues], 0)
        starts = self.floor.starts(plan)
        plan.makespan = max(
            starts[number] + self.floor.minutes[number][machine]
            for machine, queue in enumerate(plan.queues)
            for number in queue
        )
        return plan


def model(floor: Floor, low: int, high: int) -> Model:
    """Write the instance down: one interval for each choice, no machine does two things at once."""
    from ortools.sat.python import cp_model

    program = cp_model.CpModel()
    made = Model(floor, program, program.new_int_var(low, high, "makespan"))
    on: list[list[cp_model.IntervalVar]] = [[] for _ in range(floor.instance.machines)]
    load: list[list[tuple[cp_model.IntVar | None, int]]] = [[] for _ in on]
    heads, tails = least_before(floor), least_after(floor)
    ends: list[cp_model.IntVar] = []
    for number in range(floor.size):
        shortest = min(floor.minutes[number].values())
        start = program.new_int_var(heads[number], high - tails[number] - shortest, f"start{number}")
        end = program.new_int_var(heads[number] + shortest, high - tails[number], f"end{number}")
        literals: dict[int, cp_model.IntVar] = {}
        for machine, minutes in floor.choices[number]:
            if len(floor.choices[number]) == 1:
                on[machine].append(program.new_interval_var(start, minutes, end, ""))
                load[machine].append((None, minutes))
                continue
            literals[machine] = literal = program.new_bool_var(f"{number}on{machine}")
            on[machine].append(program.new_optional_interval_var(start, minutes, end, literal, ""))
            load[machine].append((literal, minutes))
        if literals:
            program.add_exactly_one(literals.values())
        if floor.before[number] != floor.size:
            program.add(start >= ends[floor.before[number]])
        if floor.after[number] == floor.size:
            program.add(made.makespan >= end)
        ends.append(end)
        made.starts.append(start)
        made.chosen.append(literals)
    for intervals, work in zip(on, load, strict=True):
        program.add_no_overlap(intervals)
        # said twice, because the second way its linear relaxation understands: the work of a machine takes its time
        program.add(sum(minutes if one is None else minutes * one for one, minutes in work) <= made.makespan)
    program.minimize(made.makespan)
    return made


def solve(
    floor: Floor, plan: Plan, low: int, seconds: float, workers: int,
    found: Callable[[Plan], None], bounded: Callable[[int], None], begun: Callable[[Stop], None],
) -> tuple[Plan, int]:  # fmt: skip
    """Work on the whole instance with a plan as hint; returns the better plan and the bound.

    ``found`` and ``bounded`` hear of each step forward; ``begun`` is given what stops it before its time.
    """
    from ortools.sat.python import cp_model

    if seconds <= 0 or plan.makespan <= low:
        return plan, low
    made = model(floor, low, plan.makespan)
    made.hint(plan)
    best = plan

    class Watch(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            nonlocal best
            plan = made.read(self.value)
            if plan.makespan < best.makespan:
                best = plan
                found(plan)

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.best_bound_callback = lambda bound: bounded(round(bound))
    begun(solver.stop_search)
    status = solver.solve(made.program, Watch())
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        best = min(best, made.read(solver.value), key=lambda each: each.makespan)
    if status == cp_model.INFEASIBLE:
        return best, best.makespan
    return best, max(low, round(solver.best_objective_bound) if status != cp_model.MODEL_INVALID else low)
