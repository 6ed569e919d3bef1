"""Small job shops for the tests: some with a makespan that is known, some by chance."""

from random import Random

from hypothesis import strategies as st

from shop.planning.jobshop import Instance

Choice = dict[int, int]


def packed(machines: int, length: int, pieces: int, seed: int) -> Instance:
    """A shop whose best makespan is ``length``: every machine is cut into pieces that leave no minute free.

    The pieces are strung to jobs in the order of time. Other machines can do them too, but never faster, so the
    work of all fills all machines up to ``length``, and no plan can be shorter.
    """
    chance = Random(seed)
    blocks = []
    for machine in range(machines):
        cuts = sorted(chance.sample(range(1, length), pieces - 1))
        blocks += [(start, end, machine) for start, end in zip([0, *cuts], [*cuts, length], strict=True)]
    jobs: list[list[Choice]] = []
    free: list[int] = []
    for start, end, machine in sorted(blocks):
        others = [m for m in range(machines) if m != machine and chance.random() < 0.3]
        operation = {machine: end - start} | {m: end - start + chance.randint(0, 5) for m in others}
        able = [job for job, until in enumerate(free) if until <= start]
        if able and chance.random() < 0.9:
            job = chance.choice(able)
        else:
            job = len(jobs)
            jobs.append([])
            free.append(0)
        jobs[job].append(operation)
        free[job] = end
    return Instance(machines, jobs, f"packed{seed}")


@st.composite
def instances(draw: st.DrawFn, most_jobs: int = 6, most_steps: int = 5, least: int = 0) -> Instance:
    """Any small job shop; with ``least=0`` there are operations that take no time."""
    machines = draw(st.integers(1, 5))
    operation = st.dictionaries(
        st.integers(0, machines - 1), st.integers(least, 9), min_size=1, max_size=machines
    )
    jobs = st.lists(st.lists(operation, min_size=1, max_size=most_steps), min_size=1, max_size=most_jobs)
    return Instance(machines, draw(jobs), "any")


def as_text(instance: Instance, first: int = 1, between: str = " ") -> str:
    """Write an instance as ``.fjs``, its machines counted from ``first``."""
    rows = [[len(instance.jobs), instance.machines]]
    for job in instance.jobs:
        row = [len(job)]
        for operation in job:
            row += [len(operation), *(n for m, minutes in operation.items() for n in (m + first, minutes))]
        rows.append(row)
    return "\n".join(between.join(map(str, row)) for row in rows) + "\n"
