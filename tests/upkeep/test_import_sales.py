"""Real baskets become orders through the path of every channel; bad input is refused and named."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.channels import CHANNELS, sales
from shop.core.errors import Invalid
from shop.menu.card import read_card
from shop.orders.placing import LETTERS, PLATFORM_LETTER
from shop.orders.tables import Cake, Order, OrderState
from shop.upkeep.demo.play import Play
from tests import cast
from tests.upkeep.brisk import Brisk
from web.cli import build_parser, commands
from web.commands import Refused
from web.commands.sales import import_sales
from web.database import reading, writing
from web.house import house

DAY = date(2017, 2, 4)
CSV = """date,time,transaction,item
2017-02-03,10:00:00,1,Bread
2017-02-04,09:06:33,2,Cake
2017-02-04,09:08:41,3,Pastry
2017-02-04,09:08:41,3,Bread
2017-02-04,11:30:00,4,Bread
2017-02-04,11:30:00,4,Bread
2017-02-04,12:15:10,5,Postcard
2017-02-04,19:59:59,6,Cake
"""
MAP: dict[str, Any] = {
    "items": {
        "Cake": {"product": "strawberry-cream", "inch": {"6": 1, "8": 2}},
        "Bread": {"product": "cheesecake"},
        "Pastry": {"product": "durian-mille", "inch": {"6": 1}},
    }
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "sales.csv").write_text(CSV)
    (tmp_path / "map.json").write_text(json.dumps(MAP))
    return tmp_path


def run(app: Flask, files: Path, *more: str) -> dict[str, Any]:
    words = [
        "import",
        "sales",
        str(files / "sales.csv"),
        "--day",
        "2017-02-04",
        "--map",
        str(files / "map.json"),
    ]
    with app.app_context():
        return import_sales(build_parser(commands()).parse_args([*words, *more]))


def test_baskets_become_confirmed_orders_at_their_own_times(app: Flask, files: Path) -> None:
    facts = run(app, files)
    assert (facts["orders"], facts["cakes"], facts["nothing_mapped"]) == (4, 6, 1)
    assert facts["on"] == "2026-11-28", "the next Saturday"
    with app.app_context(), reading() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        assert {o.channel for o in orders} == {"sales"} and {o.state for o in orders} == {
            OrderState.CONFIRMED
        }
        assert [o.number for o in orders] == ["D-001", "D-002", "D-003", "D-004"]
        shop = cast.the_shop(app)
        clocks = [shop.local(o.due_at).strftime("%H:%M") for o in orders]
        assert clocks[2] == "12:30" and clocks[3] == "20:50", "an hour after the sale, on the ten minutes"


def test_a_second_import_makes_nothing_new(app: Flask, files: Path) -> None:
    run(app, files)
    run(app, files)
    with app.app_context(), reading() as session:
        assert len(session.scalars(select(Order)).all()) == 4
        assert len(session.scalars(select(Cake)).all()) == 6


def test_the_kitchen_makes_every_imported_cake(app: Flask, files: Path) -> None:
    run(app, files, "--on", "2026-11-22")
    with app.app_context():
        show = Play(writing, reading, house().keys, Brisk(0, lambda moment, speed: None), lambda line: None)
        day = date(2026, 11, 22)
        start = show.shop.moment(day, "07:30")
        show.catch_up(cast.SATURDAY, start)
        facts = show.run(day, start, orders=0)
    assert facts["all_handed_over"] and facts["cakes"] == 6
    assert facts["late_minutes_max"] < 45, (
        "no more than what one cake costs that is filled and decorated again"
    )


def test_packed_files_are_read_too(app: Flask, files: Path) -> None:
    (files / "sales.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert len(sales.read_day(files / "sales.csv.gz", DAY)) == 5


def test_thinning_is_even_and_always_the_same(files: Path) -> None:
    baskets = [sales.Basket(str(n), sales.time(9), {}) for n in range(100)]
    kept = sales.thin(baskets, 0.3)
    assert len(kept) == 30 and kept == sales.thin(baskets, 0.3)
    assert [len([b for b in kept if int(b.number) // 50 == half]) for half in (0, 1)] == [15, 15]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("date,time,item\n", "Line 1: the columns must be date,time,transaction,item"),
        ("date,time,transaction,item\n2017-02-30,10:00:00,1,Cake\n", "Line 2: '2017-02-30' is not a date"),
        ("date,time,transaction,item\n2017-02-04,25:00:00,1,Cake\n", "Line 2: '25:00:00' is not a time"),
        (CSV + "2017-02-04,20:00:00,,Cake\n", "Line 10: .* is not a sale"),
        (CSV + "2017-02-04,20:00:00,9\n", "Line 10: .* is not a sale"),
        ("date,time,transaction,item\n", "There is no sale in this file"),
        ("date,time,transaction,item\n2017-02-05,10:00:00,1,Cake\n", "goes from 2017-02-05 to 2017-02-05"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(rows)
    with pytest.raises(Invalid, match=said):
        sales.read_day(file, DAY)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    for name, content in (("sales.csv.gz", b"not gzip"), ("sales.csv", b"\xff\xfe\x00bad")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Invalid, match="cannot be read"):
            sales.read_day(tmp_path / name, DAY)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("no json", "must be JSON such as"),
        ("[]", "must be JSON such as"),
        ('{"items": {"Cake": "oreo"}}', "must be JSON such as"),
        ('{"items": {"Cake": {"product": "oreo", "inch": {}}}}', "must be JSON such as"),
        ('{"items": {"Cake": {"product": "pizza"}}}', "sends Cake to pizza, which is not on the menu"),
        ('{"items": {"Cake": {"product": "oreo", "inch": {"7": 1}}}}', "Cake to oreo in 7 inch"),
    ],
)
def test_a_bad_mapping_is_refused(app: Flask, mapping: str, said: str) -> None:
    with app.app_context(), reading() as session:
        card = read_card(session, cast.the_shop(app))
    with pytest.raises(Invalid, match=said):
        sales.read_mapping(mapping, card)


def test_a_day_that_is_over_is_refused(app: Flask, files: Path) -> None:
    with pytest.raises(Refused, match="2026-11-20 is over"):
        run(app, files, "--on", "2026-11-20")


def test_a_full_day_says_how_many_it_could_not_take(app: Flask, files: Path) -> None:
    rows = "".join(f"2017-02-04,19:{n:02d}:00,{n + 10},Pastry\n" for n in range(60))
    (files / "sales.csv").write_text("date,time,transaction,item\n" + rows)
    (files / "map.json").write_text('{"items": {"Pastry": {"product": "durian-mille", "inch": {"12": 1}}}}')
    with app.app_context():
        tomorrow = cast.the_shop(app).business_date(cast.SATURDAY + timedelta(days=1))
    facts = run(app, files, "--on", tomorrow.isoformat())
    assert facts["orders"] + sum(facts["refused"].values()) == 60
    assert facts["refused"].get("The day is full from then on.", 0) > 0


def test_the_example_mapping_fits_the_menu(app: Flask) -> None:
    with app.app_context(), reading() as session:
        mapping = sales.read_mapping(
            (Path(app.root_path) / "docs/examples/edinburgh.json").read_text(),
            read_card(session, cast.the_shop(app)),
        )
    assert len(mapping) == 12


def test_letters_of_channels_are_those_of_placing() -> None:
    for channel in CHANNELS.values():
        assert channel.letter == LETTERS.get(channel.key, PLATFORM_LETTER)
