"""Keys, tokens and the types that refuse what a shop must never store."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from shop.core.clock import Clock, minutes_between
from shop.core.days import business_date, moment
from shop.core.keys import Keys, load_keys, new_code
from shop.core.types import from_minute, say, to_minute
from shop.orders.tables import SlotHold
from web.database import writing

KEYS = Keys(b"s" * 32, b"m" * 32)


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    files = tmp_path / "secret.key", tmp_path / "personal.key"
    first = load_keys(*files)
    assert first == load_keys(*files) and first.secret != first.master
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    files[1].chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        load_keys(*files)
    files[1].chmod(0o600)
    files[1].write_text("short")
    with pytest.raises(ValueError):
        load_keys(*files)


def test_a_token_has_128_bits_and_depends_on_all_its_parts() -> None:
    tokens = {KEYS.token("order", n, version) for n in range(500) for version in (1, 2)}
    assert len(tokens) == 1000 and {len(token) for token in tokens} == {22}
    assert KEYS.token("order", 1, 1) != Keys(b"t" * 32, b"m" * 32).token("order", 1, 1)


def test_a_box_opens_only_whole_and_in_its_own_place() -> None:
    box = KEYS.lock("王女士", about="person:1:name")
    assert KEYS.unlock(box, about="person:1:name") == "王女士"
    assert KEYS.lock("王女士", about="person:1:name") != box
    for wrong in (
        lambda: KEYS.unlock(box, about="person:2:name"),
        lambda: KEYS.unlock(box[:-1] + b"x", about="x"),
    ):
        with pytest.raises(InvalidTag):
            wrong()


def test_codes_can_be_read_aloud() -> None:
    assert not set("ILOU") & set("".join(new_code() for _ in range(200)))


def test_a_naive_time_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(StatementError, match="naive"), writing() as tx:
        hold = SlotHold(
            shop_id=1, draft_code="X", due_at=datetime(2026, 1, 1), until=datetime(2026, 1, 1), plan=[]
        )
        tx.add(hold)
        tx.flush()


def test_times_are_utc_inside(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        stored = str(tx.execute(text("SELECT starts FROM shift LIMIT 1")).scalar())
        assert ":" in stored  # a clock time of the shop, on purpose
    noon = moment(date(2026, 11, 21), "12:00", "Asia/Shanghai")
    assert noon == datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert business_date(datetime(2026, 11, 21, 17, tzinfo=UTC), "Asia/Shanghai") == date(2026, 11, 22)
    assert moment(date(2026, 11, 21), "24:00", "Asia/Shanghai") == moment(
        date(2026, 11, 22), "00:00", "Asia/Shanghai"
    )
    assert from_minute(to_minute(noon)) == noon


def test_the_day_the_clocks_change_has_its_own_length() -> None:
    spring = date(2027, 3, 28)
    hours = moment(spring, "24:00", "Europe/Paris") - moment(spring, "00:00", "Europe/Paris")
    assert (
        minutes_between(moment(spring, "00:00", "Europe/Paris"), moment(spring, "24:00", "Europe/Paris"))
        == 23 * 60
    )
    assert hours.total_seconds() == 23 * 3600


def test_words_fall_back_to_the_nearest_language() -> None:
    assert say({"en": "Oven", "zh_Hans": "烤箱"}, "zh_Hant") == "烤箱"
    assert say({"en": "Oven"}, "zh_Hans") == "Oven" and say({}, "en") == "" and say(None, "en") == ""


def test_a_demo_clock_can_be_set_and_a_real_one_cannot(tmp_path: Path) -> None:
    when = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
    clock = Clock(tmp_path / "pace.json")
    clock.set(when, speed=0)
    assert clock.now() == when
    clock.set(None)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    with pytest.raises(ValueError):
        Clock().set(when)
