"""Any small job shop, for tests with many. Those with a known best are in bench/jobshops.py."""

from hypothesis import strategies as st

from shop.planning.jobshop import Instance


@st.composite
def instances(draw: st.DrawFn, most_jobs: int = 6, most_steps: int = 5, least: int = 0) -> Instance:
    """Any small job shop; with ``least=0`` there are operations that take no time."""
    machines = draw(st.integers(1, 5))
    operation = st.dictionaries(
        st.integers(0, machines - 1), st.integers(least, 9), min_size=1, max_size=machines
    )
    jobs = st.lists(st.lists(operation, min_size=1, max_size=most_steps), min_size=1, max_size=most_jobs)
    return Instance(machines, draw(jobs), "any")
