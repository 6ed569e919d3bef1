"""Free places and hands: what fits, where it fits, and that nothing is ever taken twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.menu.tables import StageKind
from shop.orders.capacity import FOREVER, Kitchen, Profile, back_to_back
from shop.orders.cart import Work

DAY = 600
BUILD = Work(StageKind.BUILD, 1, 15, 1, True)
COOL = Work(StageKind.COOL, None, 40, 1, False)
DECORATE = Work(StageKind.DECORATE, 2, 20, 1, True)


def kitchen(places: int = 1, hands: int = 2) -> Kitchen:
    open_all_day = [(0, places), (DAY, -places)]
    stations = {1: Profile.build(0, open_all_day), 2: Profile.build(0, open_all_day)}
    return Kitchen(0, DAY, stations, Profile.build(0, [(0, hands), (DAY, -hands)]))


def test_an_empty_kitchen_takes_a_cake_at_once() -> None:
    plan = kitchen().earliest([BUILD, COOL, DECORATE], 0)
    assert plan is not None
    assert [(p.start, p.end) for p in plan] == [(0, 15), (15, 55), (55, 75)]


def test_the_latest_plan_ends_exactly_in_time() -> None:
    plan = kitchen().latest([BUILD, COOL, DECORATE], 300)
    assert plan is not None
    assert [(p.start, p.end) for p in plan] == [(225, 240), (240, 280), (280, 300)]


def test_a_full_station_makes_the_next_cake_wait() -> None:
    shop = kitchen()
    first = shop.earliest([BUILD], 0)
    assert first is not None
    shop.take(first)
    second = shop.earliest([BUILD], 0)
    assert second is not None and second[0].start == 15
    shop.take(first, -1)
    again = shop.earliest([BUILD], 0)
    assert again is not None and again[0].start == 0


def test_hands_are_short_before_places_are() -> None:
    shop = kitchen(places=5, hands=1)
    plans = shop.earliest_all([[BUILD]] * 3, 0)
    assert plans is not None
    assert [p[0].start for p in plans] == [0, 15, 30]


def test_nothing_fits_after_closing() -> None:
    assert kitchen().latest([BUILD], DAY + 1) is not None  # laid before closing
    assert kitchen().earliest([BUILD], DAY - 5) is None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(5, 60), st.integers(5, 60), st.booleans(), st.integers(0, 500)), max_size=25
    ),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_no_place_and_no_hand_is_ever_taken_twice(
    cakes: list[tuple[int, int, bool, int]], places: int, hands: int
) -> None:
    shop = kitchen(places, hands)
    taken = []
    for build, decorate, early, when in cakes:
        works = [Work(StageKind.BUILD, 1, build, 1, True), Work(StageKind.DECORATE, 2, decorate, 1, True)]
        plan = shop.earliest(works, when) if early else shop.latest(works, when)
        if plan is None:
            continue
        assert plan[0].end <= plan[1].start and plan[0].start >= 0
        shop.take(plan)
        taken += plan
    for minute in range(0, DAY):
        here = [p for p in taken if p.start <= minute < p.end]
        assert len(here) <= hands
        assert all(sum(p.station_id == station for p in here) <= places for station in (1, 2))


def test_an_overbooked_plan_is_laid_without_looking() -> None:
    assert [(p.start, p.end) for p in back_to_back([BUILD, DECORATE], 100)] == [(65, 80), (80, 100)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 20), st.integers(1, 2)), max_size=12),
    st.integers(0, 90),
    st.integers(1, 25),
    st.integers(1, 2),
)
def test_the_first_fit_is_the_first(
    taken: list[tuple[int, int, int]], start: int, minutes: int, amount: int
) -> None:
    profile = Profile.build(0, [(0, 2), (100, -2)])
    for begins, lasts, n in taken:
        profile.take(begins, begins + lasts, n)
    again = Profile.build(0, profile.changes())
    assert [again.too_full_from(t, t + 1, amount) for t in range(120)] == [
        profile.too_full_from(t, t + 1, amount) for t in range(120)
    ]
    fits = (t for t in range(start, 200) if profile.too_full_from(t, t + minutes, amount) is None)
    assert profile.first_fit(start, minutes, amount) == next(fits, FOREVER)
