"""The doctor finds what is broken, in one line with its remedy."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import text

from shop.core.keys import Keys
from shop.ledger.signing import Seal
from shop.payments.providers import Providers
from shop.people.persons import keep_person
from shop.people.shops import only_shop
from shop.people.staff import Device
from shop.upkeep import doctor
from shop.upkeep.demo.gateway.keyring import open_accounts
from shop.upkeep.doctor import Finding, Health
from shop.upkeep.invariants import breaches
from tests import cast
from tests.shop.ledger import bookkeeping
from web import cli
from web.database import reading, writing
from web.house import house


def by_subject(findings: Finding | Iterable[Finding]) -> dict[str, Finding]:
    return {f.about: f for f in ([findings] if isinstance(findings, Finding) else findings)}


def test_a_healthy_shop(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop is not None
        found = by_subject(doctor.look_at_database(session)) | by_subject(doctor.look_at_diary(session, shop))
        files = [house().settings.data / name for name in ("secret.key", "personal.key")]
        found |= by_subject(doctor.look_at_keys(session, house().keys, files))
    assert {f.health for f in found.values()} == {Health.WELL}, found


def test_an_unsafe_sqlite() -> None:
    found = doctor.look_at_sqlite((3, 45, 0))
    assert found.health is Health.WRONG and "3.45.0" in found.says and found.mend


def test_a_line_cut_out_of_the_diary(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            tx.execute(text("DELETE FROM event WHERE seq = 1"))
        with reading() as session:
            shop = only_shop(session)
            assert shop is not None
            assert doctor.look_at_diary(session, shop).health is Health.WRONG


def test_books_that_were_changed_or_are_signed_by_another_key(app: Flask) -> None:
    with app.app_context():
        bookkeeping.day(2)
        bookkeeping.sign()
        with reading() as session:
            assert doctor.look_at_books(session, house().seal).health is Health.WELL
            other = doctor.look_at_books(session, Seal(Ed25519PrivateKey.generate()))
            assert other.health is Health.WRONG and "ledger.key" in other.mend
            assert breaches(session) == []
        with writing() as tx:
            tx.execute(text("DROP TRIGGER ledger_posting_no_update"))
            tx.execute(text("UPDATE ledger_posting SET amount = 7 WHERE seq = 3 AND n = 0"))
        with reading() as session:
            found = doctor.look_at_books(session, house().seal)
            assert found.health is Health.WRONG and "entry 3 " in found.says
            assert [line.split(":")[0] for line in breaches(session)] == [
                "an entry of the books adds up to nothing in each currency",
                "the books are as they were written",
            ]


def test_the_wrong_key(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            keep_person(tx, house().keys, shop, name="王女士", phone="13812345678", at=cast.SATURDAY)
        with reading() as session:
            other = Keys(secret=b"s" * 32, master=b"m" * 32)
            found = by_subject(doctor.look_at_keys(session, other, []))
    assert found["keys"].health is Health.WRONG and "personal.key" in found["keys"].mend


def test_a_key_that_others_can_read(app: Flask) -> None:
    with app.app_context(), reading() as session:
        file = house().settings.data / "secret.key"
        os.chmod(file, 0o644)
        found = by_subject(doctor.look_at_keys(session, house().keys, [file]))
    assert found["keys"].health is Health.WRONG and "chmod 600" in found["keys"].mend


def test_a_clock_before_the_program_was_built(app: Flask) -> None:
    with app.app_context(), reading() as session:
        found = by_subject(
            doctor.look_at_clock(session, None, house().clock, datetime(2020, 1, 1, tzinfo=UTC))
        )
    assert found["clock"].health is Health.WRONG


def test_a_printer_that_does_not_answer(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            device = tx.query(Device).filter_by(kind="printer").one()
            device.settings = {"host": "127.0.0.1", "port": "1"}
        with reading() as session:
            found = by_subject(doctor.look_at_printers(session, only_shop(session)))
    assert found["printer"].health is Health.WRONG and "127.0.0.1:1" in found["printer"].says


def test_slips_without_chinese_letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.fonts, "chinese_face", lambda language: None)
    with app.app_context(), reading() as session:
        found = by_subject(doctor.look_at_printers(session, only_shop(session)))
    assert found["letters"].health is Health.NOTE and "fonts-noto-cjk" in found["letters"].mend


def test_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 100 * 2**20})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage)
    assert doctor.look_at_disk(tmp_path).health is Health.WRONG


def test_accounts_for_online_payments(tmp_path: Path) -> None:
    providers = Providers(tmp_path / "payments", cast.StoppedClock().now)
    assert list(doctor.look_at_accounts(providers)) == []
    open_accounts(tmp_path, "http://127.0.0.1:1")
    (tmp_path / "payments" / "wechat.json").chmod(0o644)
    alipay, wechat = doctor.look_at_accounts(providers)
    assert (alipay.health, alipay.says) == (Health.WELL, "alipay: account 2088000000000001")
    assert wechat.health is Health.WRONG and "chmod 600 wechat.json" in wechat.says


def test_an_address_nobody_can_reach() -> None:
    assert doctor.look_at_address("http://127.0.0.1:8000", True).health is Health.NOTE
    assert doctor.look_at_address("https://cake.example", False).health is Health.WELL


@pytest.fixture
def doctor_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, str]]:
    """Run ``bin/shop doctor`` on an installation of this test's own."""
    monkeypatch.setenv("FAIRSLICE_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run() -> tuple[int, str]:
        code = cli.main(["doctor"])
        return code, capsys.readouterr().out

    return run


def test_the_command_on_a_new_machine_says_what_to_do(doctor_says: Callable[[], tuple[int, str]]) -> None:
    code, said = doctor_says()
    assert code == 0 and "run bin/serve once" in said


def test_the_command_names_a_wrong_setting(
    doctor_says: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nowhere/shop")
    code, said = doctor_says()
    assert code == 1 and "DATABASE_URL" in said


def test_the_command_finds_a_database_that_is_away(
    doctor_says: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@127.0.0.1:1/shop?connect_timeout=1")
    code, said = doctor_says()
    assert code == 1 and "BAD   database" in said and "Traceback" not in said


def test_time_far_ahead_in_the_diary(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), reading() as session:
        clock = cast.StoppedClock(cast.SATURDAY - timedelta(days=3))
        monkeypatch.setattr(clock, "pace", doctor.Clock().pace)
        found = by_subject(
            doctor.look_at_clock(session, only_shop(session), clock, datetime(2026, 12, 1, tzinfo=UTC))
        )
    assert found["clock"].health is Health.WRONG
