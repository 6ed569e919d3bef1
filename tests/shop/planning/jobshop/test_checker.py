"""The checker sees every way to cheat. It shares no code with what makes schedules."""

from __future__ import annotations

import pytest

from shop.planning.jobshop import Instance, Placed, Schedule
from shop.planning.jobshop.checker import faults

SHOP = Instance(2, [[{0: 3}, {0: 2, 1: 4}], [{0: 2, 1: 2}]])
GOOD = [Placed(0, 0, 0, 0, 3), Placed(0, 1, 1, 3, 7), Placed(1, 0, 1, 0, 2)]


def test_a_good_schedule_has_no_faults() -> None:
    assert faults(SHOP, Schedule(GOOD), 7) == []
    assert Schedule(GOOD).makespan == 7


@pytest.mark.parametrize(
    ("cheating", "says"),
    [
        (GOOD[:2], "job 1 operation 0 is missing"),
        ([*GOOD, Placed(1, 0, 0, 5, 7)], "job 1 operation 0 is done 2 times"),
        ([*GOOD, Placed(1, 1, 0, 5, 7)], "job 1 operation 1 does not exist"),
        ([Placed(0, 0, 1, 3, 6), Placed(0, 1, 1, 6, 10), GOOD[2]], "cannot be done on machine 1"),
        ([Placed(0, 0, 0, 0, 2), *GOOD[1:]], "takes 3 on machine 0, not 2"),
        ([GOOD[0], Placed(0, 1, 1, 2, 6), GOOD[2]], "starts before the one before it has ended"),
        (
            [*GOOD[:2], Placed(1, 0, 1, 4, 6)],
            "machine 1 does job 0 operation 1 and job 1 operation 0 at once",
        ),
        (
            [*GOOD[:2], Placed(1, 0, 0, 2, 4)],
            "machine 0 does job 0 operation 0 and job 1 operation 0 at once",
        ),
        ([*GOOD[:2], Placed(1, 0, 1, -1, 1)], "starts before the beginning"),
    ],
)
def test_cheating_is_seen(cheating: list[Placed], says: str) -> None:
    found = faults(SHOP, Schedule(cheating))
    assert any(says in each for each in found), found


def test_a_makespan_that_is_not_kept_is_seen() -> None:
    assert faults(SHOP, Schedule(GOOD), 6) == ["it claims to end at 6 and ends at 7"]


def test_an_overlap_is_seen_behind_others() -> None:
    shop = Instance(1, [[{0: 9}], [{0: 1}], [{0: 1}]])
    placed = [Placed(0, 0, 0, 0, 9), Placed(1, 0, 0, 9, 10), Placed(2, 0, 0, 5, 6)]
    assert len(faults(shop, Schedule(placed))) == 1


def test_no_time_at_all_overlaps_nothing() -> None:
    shop = Instance(1, [[{0: 4}], [{0: 0}]])
    assert faults(shop, Schedule([Placed(0, 0, 0, 0, 4), Placed(1, 0, 0, 4, 4)]), 4) == []
