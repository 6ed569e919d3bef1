"""The peer of the planner: CP-SAT alone, as its manual writes a flexible job shop, two workers and no hint."""

import json
import sys
from pathlib import Path

from shop.planning.jobshop import Instance
from shop.planning.jobshop.reader import read_file


def plain(instance: Instance, seconds: float) -> int | None:
    """Return the makespan found in so many seconds, or None."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    horizon = sum(max(operation.values()) for job in instance.jobs for operation in job)
    on: list[list[cp_model.IntervalVar]] = [[] for _ in range(instance.machines)]
    ends = []
    for job in instance.jobs:
        before = None
        for operation in job:
            start, end = model.new_int_var(0, horizon, ""), model.new_int_var(0, horizon, "")
            chosen = []
            for machine, minutes in operation.items():
                literal = model.new_bool_var("")
                on[machine].append(model.new_optional_interval_var(start, minutes, end, literal, ""))
                chosen.append(literal)
            model.add_exactly_one(chosen)
            if before is not None:
                model.add(start >= before)
            before = end
        ends.append(before)
    for intervals in on:
        model.add_no_overlap(intervals)
    makespan = model.new_int_var(0, horizon, "")
    model.add_max_equality(makespan, ends)
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 2
    status = solver.solve(model)
    return round(solver.objective_value) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


if __name__ == "__main__":
    print(json.dumps({"makespan": plain(read_file(Path(sys.argv[1])), float(sys.argv[2]))}))
