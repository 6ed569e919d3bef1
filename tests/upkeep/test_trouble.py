"""A day with trouble: it strikes, it is said, and what the alarms suggest is done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.menu.tables import Station
from shop.people.hours import spans_on
from shop.production.outages import stop_unit
from shop.production.tables import Alarm, MoveDone, Outage
from shop.upkeep.demo.play import Pace, Play
from shop.upkeep.demo.trouble import BAKER, OVEN, PHONE, late_orders, mishaps
from tests import cast
from web import cli
from web.commands.demo import COMMANDS
from web.database import reading, writing
from web.house import house


def a_play(app: Flask, seed: int = 3) -> tuple[Play, date]:
    """Make ready to play the Saturday of the tests, as fast as it goes."""
    clock = cast.clock_of(app)
    pace = Pace(0, lambda moment, speed: setattr(clock, "at", moment))
    show = Play(writing, reading, house().keys, pace, lambda line: None, seed=seed)
    return show, show.shop.business_date(cast.SATURDAY)


def test_equal_seeds_bring_equal_trouble(app: Flask) -> None:
    with app.app_context(), reading() as session:
        show, day = a_play(app)
        first, again, other = (mishaps(show.shop, show.rota, day, seed) for seed in (3, 3, 4))
        assert first == again != other
        assert [each.kind for each in first] == [OVEN, BAKER, PHONE]
        assert show.shop.local(first[1].at).hour == 12
        assert first[1].who in {person.id for _, _, person in show.rota.bakers(day)}
        assert first[2].who in {cast.person(session, name).id for name in ("gao", "wu")}
        dice = [show.stage.luck(7, "bake").random() for _ in range(2)]
        assert dice[0] == dice[1] != show.stage.luck(8, "bake").random()


def test_trouble_strikes_and_is_said(app: Flask) -> None:
    with app.app_context():
        show, day = a_play(app)
        start = show.shop.moment(day, "10:00")
        show.order_ahead(day, start - timedelta(hours=13), 3)
        show.expect_trouble(day, seed=3, acting=False, look=timedelta(minutes=40))
        told: Any = show.run(day, start, orders=4, minutes=125)["trouble"]
    kinds = {each["kind"]: each for each in told["troubles"]}
    assert set(kinds) == {OVEN, BAKER}, "the phone dies later"
    assert 0 <= kinds[OVEN]["first_alarm_after_minutes"] <= 40
    assert told["moves"] == {} and not told["acting"]
    with app.app_context(), reading() as session:
        outage = session.scalars(select(Outage)).one()
        assert outage.until - outage.since == timedelta(minutes=40)
        gone = mishaps(show.shop, show.rota, day, 3)[1]
        ends = [over for _, over, person in spans_on(session, show.shop, [day]) if person.id == gone.who]
        assert ends == [gone.at]
        night = show.shop.day_bounds(day)[1]
        late = late_orders(session, show.shop, day, night)
        assert late and all(minutes > 0 for _, minutes in late.values()), "what is still open counts as late"


@pytest.mark.parametrize("acting", [False, True])
def test_the_manager_does_what_is_suggested(app: Flask, acting: bool) -> None:
    cast.place_order(app)
    with app.app_context():
        show, day = a_play(app)
        with writing() as tx:
            oven, by = tx.scalars(select(Station).where(Station.slug == "oven")).one(), cast.by(tx, "xu")
            for unit in range(oven.units):
                until = cast.SATURDAY + timedelta(hours=5)
                stop_unit(tx, show.shop, oven.id, unit, until, by=by, at=cast.SATURDAY)
        show.expect_trouble(day, seed=3, acting=acting)
        assert show.trouble is not None
        for minutes in (0, 5):
            show.trouble.go_on(cast.SATURDAY + timedelta(minutes=minutes), show.hands)
        told = show.trouble.report(cast.SATURDAY + timedelta(hours=14))
        assert (sum(told["moves"].values()) > 0) is acting
        assert told["warned_share"] == 1.0 and told["warned_minutes_ahead"] > 30
        with reading() as session:
            done = session.scalars(select(MoveDone)).all()
            assert bool(done) is acting
            assert {row.by_staff for row in done} <= {cast.person(session, "xu").id}
            assert session.scalars(select(Alarm).where(Alarm.kind == "predicted_late")).all()


def test_the_command_takes_its_words() -> None:
    options = cli.build_parser(COMMANDS).parse_args(["demo", "play", "--trouble", "--moves", "--seed", "4"])
    assert (options.trouble, options.moves, options.seed) == (True, True, 4)
