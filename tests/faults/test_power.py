"""Power cuts (trust.md T2): whatever the shop has said yes to is there afterwards, orders and money.

The shop's data lie on an ext4 disk that is a file on an XFS disk. A copy of that file, made by reference at one
moment in the middle of everything, is what a power cut would leave: all that was synced, and of the rest nothing
that the kernel had not written yet. ``FAIRSLICE_LONG=1`` cuts 200 times.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from shop.core import store
from shop.core.actors import SYSTEM
from shop.ledger.tables import Entry
from shop.orders.tables import Order
from shop.payments.till import make_till, open_till
from shop.payments.till_tables import TillLine
from shop.people.shops import Shop
from shop.upkeep.invariants import breaches
from tests import cast
from tests.conftest import build, close
from tests.disks import Disk, ServerOn
from tests.patience import PATIENCE
from tests.visitor import Clerk, Kiosk
from web.database import writing

pytestmark = pytest.mark.fault
LONG = bool(os.environ.get("FAIRSLICE_LONG"))
CUTS = 200 if LONG else 20
CUSTOMERS = 3


def powered(place: Path, module: str = "tests.nursery") -> Disk:
    """Return a disk that can be copied while it is written."""
    return Disk(
        place, f"mount -t tmpfs -o size=3g none {place}", f"cd {place}", "mkdir ground",
        "truncate -s 2g ground.img", "mkfs.xfs -q -m reflink=1 ground.img", "mount -o loop ground.img ground",
        "mkdir disk cut", "truncate -s 256m ground/live.img", "mkfs.ext4 -q -F ground/live.img",
        "mount -o loop ground/live.img disk", "cd /", f"cd {Path.cwd()}", module=module,
    )  # fmt: skip


@pytest.fixture
def shop(big_kitchen: Path) -> Path:
    """A shop with an open till."""
    app = build(big_kitchen)
    with app.app_context(), writing() as tx:
        here = tx.get_one(Shop, 1)
        till = make_till(tx, here, "1", by=SYSTEM, at=cast.SATURDAY)
        open_till(tx, here, till.id, floated=0, by=SYSTEM, at=cast.SATURDAY)
    close(app)
    return big_kitchen


class Street:
    """Customers and a clerk who go on and on; what the shop has said yes to, in order."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.orders: list[str] = []
        self.money: list[str] = []
        self.wrong: list[str] = []
        self.enough = threading.Event()
        people = [threading.Thread(target=self._guard, args=(self._customer, n)) for n in range(CUSTOMERS)]
        self.people = [*people, threading.Thread(target=self._guard, args=(self._clerk, 0))]

    def _guard(self, who: Callable[[int], None], n: int) -> None:
        try:
            who(n)
        except Exception as trouble:
            self.wrong.append(repr(trouble))

    def _customer(self, n: int) -> None:
        kiosk = Kiosk(self.base)
        kiosk.open()
        while not self.enough.is_set():
            kiosk.next_customer()
            kiosk.choose("cheesecake", 6)
            n += CUSTOMERS
            day = (cast.SATURDAY + timedelta(days=3 + n % 50)).replace(hour=2 + n % 11, minute=0)
            assert kiosk.take_time(day), "no room"
            answer = kiosk.place()
            assert answer.status_code in (200, 303), answer.text[:200]
            self.orders.append(kiosk.number)

    def _clerk(self, n: int) -> None:
        clerk = Clerk(self.base, "xu")
        while not self.enough.is_set():
            n += 1
            assert clerk.pay_in(1, f"{n}.05", f"change {n}")
            self.money.append(f"change {n}")

    def __enter__(self) -> Street:
        for person in self.people:
            person.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self.enough.set()
        for person in self.people:
            person.join(PATIENCE)


@contextmanager
def as_it_was_left(disk: Disk, copy: Path) -> Iterator[Session]:
    """Start the machine again after the cut: the disk is mounted, and the database opened."""
    disk.do(f"mount -o loop {disk.place}/ground/cut.img {disk.place}/cut")
    shutil.rmtree(copy, ignore_errors=True)
    try:
        shutil.copytree(disk.seen / "cut" / "shop", copy, ignore=shutil.ignore_patterns("bells"))
    finally:
        disk.do(f"umount {disk.place}/cut", f"rm {disk.place}/ground/cut.img")
    url = f"sqlite:///{copy / 'shop.db'}"
    engine = create_engine(url, **store.engine_options(url))
    store.prepare(engine, writes=False)
    with Session(engine) as session:
        yield session
    engine.dispose()


def cut(disk: Disk, street: Street, copy: Path) -> tuple[int, int]:
    """Cut the power at this moment; returns how many orders and how much money are lost that were acknowledged."""
    orders, money = street.orders[:], street.money[:]
    disk.do(f"cp --reflink=always {disk.place}/ground/live.img {disk.place}/ground/cut.img")
    with as_it_was_left(disk, copy) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert breaches(session) == []
        made = set(session.scalars(select(Order.external_id)))
        booked = select(TillLine.note).join(Entry, Entry.txid == TillLine.txid)
        return len(set(orders) - made), len(set(money) - set(session.scalars(booked)))


def play(disk: Disk, shop: Path, cuts: int, tmp_path: Path) -> tuple[Street, int, int]:
    """Cut so often while people order and pay; returns them, and what was lost in all cuts."""
    shutil.copytree(shop, disk.seen / "disk" / "shop", ignore=shutil.ignore_patterns("power", "after"))
    disk.do("sync")
    chance, orders, money = random.Random(2), 0, 0
    with ServerOn(disk, "disk/shop") as server, Street(server.base) as street:
        for _ in range(cuts):
            before, until = len(street.orders) + len(street.money), time.monotonic() + PATIENCE
            while len(street.orders) + len(street.money) < before + 5 and not street.wrong:
                assert time.monotonic() < until
                time.sleep(0.01)  # until something has happened since the last cut
            time.sleep(chance.random() * 0.1)  # a moment of its own inside somebody's request
            lost = cut(disk, street, tmp_path / "after")
            orders, money = orders + lost[0], money + lost[1]
    assert street.wrong == []
    return street, orders, money


def test_nothing_acknowledged_is_lost_when_the_power_goes(shop: Path, tmp_path: Path) -> None:
    disk = powered(tmp_path / "power")
    try:
        street, orders, money = play(disk, shop, CUTS, tmp_path)
    finally:
        disk.close()
    print(
        f"\n{CUTS} power cuts during {len(street.orders)} orders and {len(street.money)} entries of money: "
        f"{orders} orders and {money} entries lost"
    )
    assert (orders, money) == (0, 0)


def test_a_shop_that_does_not_wait_for_its_disk_loses(shop: Path, tmp_path: Path) -> None:
    """The teeth of the test above: ``synchronous=NORMAL``."""
    disk = powered(tmp_path / "power", module="tests.careless")
    try:
        _, orders, money = play(disk, shop, 4, tmp_path)
    finally:
        disk.close()
    print(f"\nwithout waiting: {orders} orders and {money} entries lost in 4 cuts")
    assert orders + money > 0, "the test would not notice a loss"
