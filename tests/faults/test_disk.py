"""A disk that is full, fails or is read-only (trust.md T3): everybody is told so, nothing that was promised is lost.

The real server keeps its data on a small disk of its own; the disk is filled, or the kernel's answers to it are
changed by strace. Each test prints the size it ran.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select, text

from shop.orders.tables import Order
from shop.upkeep.invariants import breaches
from tests import cast
from tests.conftest import build, close
from tests.disks import NOT_HERE, Disk, ServerOn
from tests.patience import PATIENCE
from tests.visitor import Kiosk
from web.database import reading

pytestmark = pytest.mark.fault
WORDS = ("cannot save right now", "暂时无法保存")
REFUSED = 24
"""How many requests must be refused before a disk is mended."""


def in_words(said: str) -> bool:
    """Whether somebody is told that nothing can be saved just now."""
    return any(words in said for words in WORDS)


@pytest.fixture
def disk(big_kitchen: Path, tmp_path: Path) -> Iterator[Disk]:
    """A disk in memory with a shop and eight megabytes to spare: its log of changes needs four."""
    size = sum(file.stat().st_size for file in big_kitchen.rglob("*")) + 8_000_000
    place = tmp_path / "disk"
    disk = Disk(place, f"mount -t tmpfs -o size={size} none {place}")
    shutil.copytree(big_kitchen, disk.seen / "shop", ignore=shutil.ignore_patterns("disk"))
    yield disk
    disk.close()


class Customer:
    """One who orders again and again, and keeps every answer; each time in another way of asking."""

    WAYS = ({}, {"HX-Request": "true"}, {"Accept": "application/json"})

    def __init__(self, server: ServerOn) -> None:
        self.kiosk = Kiosk(server.base)
        self.kiosk.http.headers["Accept-Language"] = "en"
        self.kiosk.open()
        self.tried = 0
        self.pending = ""
        self.acknowledged: list[str] = []
        self.refused: list[requests.Response] = []

    def order(self) -> bool:
        """Order a cake, as far as it goes; returns whether the shop has said yes."""
        self.tried += 1
        day = (cast.SATURDAY + timedelta(days=3 + self.tried % 50)).replace(
            hour=2 + self.tried % 11, minute=0
        )
        self.kiosk.next_customer()
        if not self.said("/kiosk/line", product="cheesecake", inch="6", then="time"):
            return False
        number = self.kiosk.number
        if self.said("/kiosk/time", due_at=day.isoformat()) and self.said(
            "/kiosk/place", key=f"{number}-cash", method="cash"
        ):
            self.acknowledged.append(number)
            return True
        self.pending = number
        return False

    def once_more(self) -> None:
        """Send the last order that got no yes once more, with its key."""
        answer = self.kiosk.place()
        assert self.pending == self.kiosk.number and answer.status_code in (200, 303), answer.text[:300]
        self.acknowledged.append(self.pending)

    def said(self, path: str, **form: str) -> bool:
        """Send a form; whatever is no yes must be a refusal that its asker understands."""
        way = self.WAYS[self.tried % 3]
        data = {"csrf_token": self.kiosk.token, **form}
        answer = self.kiosk.ask("POST", path, data=data, headers=way)
        if answer.status_code in (200, 303):
            return True
        assert answer.status_code == 503, (path, answer.status_code, answer.text[:300])
        if "Accept" in way:
            assert answer.json()["type"] == "urn:fairslice:busy" and in_words(answer.json()["detail"])
        else:
            assert in_words(answer.text) and ("HX-Request" in way) == (
                answer.headers.get("HX-Retarget") == "#trouble"
            )
        self.refused.append(answer)
        return False

    def until_refused(self, times: int = REFUSED) -> None:
        """Order on until so many requests were refused."""
        until = time.monotonic() + PATIENCE
        while len(self.refused) < times:
            with contextlib.suppress(requests.ConnectionError):  # one worker follows another just now
                self.order()
            assert time.monotonic() < until, f"{len(self.acknowledged)} went through, {len(self.refused)} not"

    def until_served(self) -> float:
        """Order on until one goes through; returns how long that took."""
        begun = time.monotonic()
        while True:
            with contextlib.suppress(requests.ConnectionError):
                if self.order():
                    return time.monotonic() - begun
            assert time.monotonic() < begun + PATIENCE, "the shop does not come back"
            time.sleep(0.1)


def nothing_is_missing(disk: Disk, copy: Path, customer: Customer) -> None:
    """Look at what lies on the disk, with the server gone."""
    shutil.copytree(disk.seen / "shop", copy, ignore=shutil.ignore_patterns("bells"))
    app = build(copy)
    with app.app_context(), reading() as session:
        made = list(session.scalars(select(Order.external_id)))
        assert sorted(set(made)) == sorted(made)
        assert set(customer.acknowledged) - set(made) == set(), "an acknowledged order is gone"
        assert breaches(session) == []
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    close(app)


def traced(pid: int, tracer: int) -> bool:
    """Whether all threads of a process are in its hands; those that begin later are so from their beginning."""
    try:
        said = [status.read_text() for status in Path(f"/proc/{pid}/task").glob("*/status")]
    except OSError:  # a thread has just ended
        return False
    return bool(said) and all(f"TracerPid:\t{tracer}\n" in each for each in said)


@contextlib.contextmanager
def strace(what: str, log: Path, *pids: int) -> Iterator[None]:
    """Let the kernel answer these processes and their children as ``what`` says (strace's words) for a while."""
    command = ["strace", "-f", "-qq", "-y", "-o", str(log), "-e", f"trace={what.split(':')[0]}"]
    tracer = subprocess.Popen([*command, "-e", f"inject={what}", *(f"--attach={pid}" for pid in pids)])
    try:
        until = time.monotonic() + PATIENCE
        while not all(traced(pid, tracer.pid) for pid in pids):
            if tracer.poll() is not None or time.monotonic() > until:
                pytest.fail(NOT_HERE + "strace cannot attach")
            time.sleep(0.02)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(PATIENCE)


def another_follows(server: ServerOn, first: int) -> None:
    """Wait until another worker has taken the place of the first."""
    until = time.monotonic() + PATIENCE
    while server.worker in (0, first):
        assert time.monotonic() < until, "the worker goes on, as if nothing had happened"
        time.sleep(0.05)


def test_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    with ServerOn(disk, with_log=True) as server:
        customer = Customer(server)
        for _ in range(10):
            assert customer.order()
        disk.fill()
        before = len(customer.acknowledged)
        customer.until_refused()
        assert customer.kiosk.ask("GET", "/kiosk/menu").status_code == 200  # whoever only looks may look
        full = len(customer.acknowledged) - before
        disk.clear()
        seconds = customer.until_served()
        server.stop()
    nothing_is_missing(disk, tmp_path / "after", customer)
    print(
        f"\nfull: {len(customer.refused)} requests refused, {full} orders went through, all "
        f"{len(customer.acknowledged)} are there; served {seconds:.1f} s after there was room"
    )


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS"])
def test_a_disk_that_takes_nothing(disk: Disk, tmp_path: Path, error: str) -> None:
    with ServerOn(disk) as server:
        customer, first = Customer(server), server.worker
        for _ in range(3):
            assert customer.order()
        with strace(f"pwrite64:error={error}", tmp_path / "strace.log", first):
            customer.until_refused(REFUSED if error == "ENOSPC" else 1)
            if error != "ENOSPC":  # the driver cannot tell it from a sync that failed
                another_follows(server, first)
        seconds = customer.until_served()
        assert (server.worker == first) == (error == "ENOSPC")
        server.stop()
    nothing_is_missing(disk, tmp_path / "after", customer)
    print(
        f"\n{error}: {len(customer.refused)} requests refused, {len(customer.acknowledged)} orders are there; "
        f"served {seconds:.1f} s afterwards"
    )


def test_a_disk_that_cannot_be_read(disk: Disk, tmp_path: Path) -> None:
    with ServerOn(disk) as server:
        customer = Customer(server)
        assert customer.order()
        with strace("pread64:error=EIO", tmp_path / "strace.log", server.worker):
            paths = ("/kiosk/menu", "/kitchen/", "/sign-in", "/admin/", "/t/nothing", "/courier/") * 2
            looks = [customer.kiosk.ask("GET", path) for path in paths]
        assert {look.status_code for look in looks} <= {200, 303, 404, 503}
        away = [look for look in looks if look.status_code == 503]
        assert away and all(in_words(look.text) for look in away)
        customer.until_served()
        server.stop()
    nothing_is_missing(disk, tmp_path / "after", customer)
    print(f"\n{len(away)} of {len(looks)} pages could not be read, and each said so in words")


def test_a_sync_that_fails_is_never_tried_again(disk: Disk, tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    with ServerOn(disk) as server:
        customer, first = Customer(server), server.worker
        for _ in range(3):
            assert customer.order()
        with strace("fdatasync,fsync:error=EIO", log, first):
            customer.until_refused(1)
            another_follows(server, first)
        customer.until_served()
        second = server.worker
        for _ in range(3):
            assert customer.order()
        assert second not in (0, first) and server.worker == second
        server.kill()
    nothing_is_missing(disk, tmp_path / "after", customer)
    tries = log.read_text().count("(INJECTED)")
    print(f"\nafter {tries} failed sync another worker came; {len(customer.acknowledged)} orders are there")
    assert tries == 1, log.read_text()


def test_a_read_only_disk(disk: Disk, tmp_path: Path) -> None:
    with ServerOn(disk) as server:
        customer = Customer(server)
        assert customer.order()
        server.stop()
        disk.do(f"mount -o remount,ro {disk.place}")
        server.begin()
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{server.base}/healthz", timeout=PATIENCE).ok:
                    break
            assert time.monotonic() < until
            time.sleep(0.05)
        customer.until_refused(2)
        for path in ("/kiosk/menu", "/kitchen/", "/admin/", "/"):
            look = customer.kiosk.ask("GET", path)
            assert look.status_code in (200, 303) or (look.status_code == 503 and in_words(look.text)), path
        disk.do(f"mount -o remount,rw {disk.place}")
        seconds = customer.until_served()
        server.stop()
    nothing_is_missing(disk, tmp_path / "after", customer)
    print(
        f"\nread-only: {len(customer.refused)} requests refused; served {seconds:.1f} s after it could be written"
    )
