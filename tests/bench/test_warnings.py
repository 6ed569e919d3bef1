"""The figures of the warnings are counted rightly, on days where the answer is known."""

from __future__ import annotations

import pytest

from bench.troubles import BAKERY, day
from bench.warnings import Asked, miscalibrated, skill, warned
from shop.planning.simulation.calibration import Sight, warns

SIGHT = Sight(0.5, 0.0, 10.0, 0.0, 0)


def asked(cake: int, left: float, late: bool) -> Asked:
    return Asked(("x", 1, cake), left, SIGHT, SIGHT, late)


ROWS = [asked(1, 90, True), asked(1, 30, True), asked(2, 30, True), asked(3, 90, False), asked(4, 90, False)]


def test_knowing_is_one_and_saying_the_same_to_all_is_nothing() -> None:
    assert skill(ROWS, lambda row: float(row.late)) == 1.0
    assert skill(ROWS, lambda row: 0.6) == pytest.approx(0.0)
    assert skill(ROWS, lambda row: float(not row.late)) < 0


def test_only_an_hour_ahead_counts_as_warned_and_every_warning_counts_for_precision() -> None:
    assert warned(ROWS, lambda row: float(row.late), 0.5) == (0.5, 1.0)
    assert warned(ROWS, lambda row: 1.0, 0.5) == (0.5, 0.5)
    assert warned(ROWS, lambda row: 0.0, 0.5) == (0.0, 0.0)


def test_a_warning_that_can_wait_or_comes_too_late_to_help_must_be_surer() -> None:
    assert [warns(0.5, left, 0.4) for left in (200, 80, 79, 60, 59, 5)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    assert [warns(0.7, left, 0.4) for left in (200, 70, 5)] == [True] * 3
    assert not warns(0.94, 200, 0.9) and warns(0.95, 200, 0.9)


def test_what_is_said_is_compared_with_what_happens() -> None:
    assert miscalibrated(ROWS, lambda row: float(row.late), bins=5) == 0.0
    assert miscalibrated(ROWS, lambda row: 0.6, bins=1) == pytest.approx(0.0)


def test_a_day_is_the_same_every_time_and_never_shows_what_is_yet_to_come() -> None:
    first, second = day(BAKERY, 5), day(BAKERY, 5)
    assert first.really == second.really and len(first.jobs) == BAKERY.cakes
    for job in first.at(200):
        told = first.really[job.id][-len(job.steps) :]
        assert all(end > 200 for _, end, _ in told)
        assert job.locked == sum(start <= 200 for start, _, _ in told) <= 1
        assert len(job.laid) == len(job.steps)
