"""Work that comes due by itself: APScheduler ticks, the tables say what is due, one process leads.

APScheduler waits by the wall clock and sleeps on when that is set back (trust.md section 1.6); a guard on the
monotonic clock nudges it. A verb that finds nothing due does nothing, so a tick too many is harmless.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.orm import Session

from shop.core import idempotency
from shop.delivery import claims, drops, foresight
from shop.delivery import watchers as deliveries
from shop.delivery.moves import MOVES
from shop.documents import watchers as papers
from shop.ledger import checkpoints
from shop.menu.card import cached_card
from shop.orders import drafts, missed, progress
from shop.payments import asking, balance, bills, discounts, notices, refunds
from shop.payments import watchers as money
from shop.people.shops import Shop, only_shop
from shop.printing.queue import print_due, queue_new, something_waits
from shop.production import alarms, durations, learning, offers, work
from shop.production.watchers import WATCHERS
from web.baton import baton_for
from web.database import reading, writing
from web.house import House, house
from web.live import presence
from web.planner import Planner
from web.providers import office_of
from web.thinker import Thinker

log = structlog.get_logger()
EVERY = 15.0
"""Seconds of the shop's time between two ticks; a demo's clock may run faster."""
FASTEST = 0.25
WATCH_AT_MOST = 5.0
"""Real seconds between two looks of the watchers, however fast a demo's clock runs."""
PRINT_EVERY = 2.0
"""Real seconds between two looks at the print queue: somebody stands there and waits for the slip."""

PAY_EVERY = 0.5
"""Real seconds between two looks at what a payment provider must be asked: a customer waits for the code."""

BILLS_EVERY = 120.0
"""Real seconds between two looks for the providers' daily bills; one that is away is asked again as often."""

PLAN_EVERY = 2.0
"""Real seconds between two looks whether the kitchen's plan should be thought over."""

Due = Callable[[Session, Shop, datetime], Any]
DUE: tuple[tuple[str, Due], ...] = (
    ("finish_cooling", lambda tx, shop, at: work.finish_cooling(tx, shop, at=at)),
    ("expire_unpaid", lambda tx, shop, at: progress.expire_unpaid(tx, shop, at=at)),
    ("lapse_refunds", lambda tx, shop, at: refunds.lapse_due(tx, shop, at=at)),
    ("lapse_discounts", lambda tx, shop, at: discounts.lapse_due(tx, shop, at=at)),
    ("remind_balances", lambda tx, shop, at: balance.remind_due(tx, shop, at=at)),
    ("sweep_drafts", lambda tx, shop, at: drafts.sweep(tx, shop, at=at)),
    ("forget_keys", lambda tx, shop, at: idempotency.forget(tx, at=at)),
    ("forget_notices", lambda tx, shop, at: notices.forget(tx, at=at)),
    ("lay_missed_anew", lambda tx, shop, at: missed.lay_missed_anew(tx, shop, cached_card(tx, shop), at=at)),
    ("make_drops", lambda tx, shop, at: drops.make_drops(tx, shop, at=at)),
    ("offer_work", lambda tx, shop, at: offers.offer_due(tx, shop, at=at)),
    ("offer_drops", lambda tx, shop, at: claims.offer_due(tx, shop, at=at)),
    ("count_durations", lambda tx, shop, at: durations.count_durations(tx, shop, at=at)),
    ("learn", lambda tx, shop, at: learning.learn(tx, shop, at=at)),
    ("sign_books", lambda tx, shop, at: checkpoints.sign_due(tx, shop.id, house().seal, at=at)),
    ("close_finished", lambda tx, shop, at: progress.close_finished(tx, shop, at=at)),
)


class Clockwork:
    """The ticks of one process. ``leads`` is None until it has been asked for the first time."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.house: House = app.extensions["fairslice"]
        self.baton = baton_for(self.house.settings)
        self.planner = Planner(app)
        self.thinker = Thinker()
        self.leads: bool | None = None
        self.failures: dict[str, int] = {}
        self.ticks = 0
        self._ticked = time.monotonic()
        self._watched = 0.0
        self._memory = alarms.Memory()
        self._every = 0.0
        self._stop = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to tick, at once and then every 15 seconds of the shop's time."""
        self._every = self.every()
        for name, job in (("tick", self.tick), ("print", self.print_slips)):
            self._scheduler.add_job(
                job, "interval", seconds=self._pace(name), id=name, next_run_time=datetime.now(UTC)
            )
        self._scheduler.add_job(self.fetch_bills, "interval", seconds=BILLS_EVERY, id="bills")
        self._scheduler.start()
        threading.Thread(target=self._guard, name="ticks", daemon=True).start()
        threading.Thread(target=self._pay, name="pay", daemon=True).start()
        if self.house.settings.planner:
            threading.Thread(target=self._think, name="plan", daemon=True).start()
            self.thinker.start()

    def stop(self) -> None:
        """Stop ticking and let another process lead."""
        self._stop.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self.planner.stop()
        self.thinker.stop()
        self.baton.drop()

    def every(self) -> float:
        """Return the real seconds between two ticks."""
        return max(FASTEST, EVERY / max(1.0, self.house.clock.pace().speed))

    def _pace(self, name: str) -> float:
        return min(PRINT_EVERY, self._every) if name == "print" else self._every

    def _guard(self) -> None:
        """Follow the demo's speed, and nudge a scheduler that a clock set back has put to sleep."""
        while not self._stop.wait(1.0):
            wanted = self.every()
            asleep = time.monotonic() - self._ticked > 2 * max(wanted, self._every) + 5
            if wanted == self._every and not asleep:
                continue
            self._every = wanted
            if asleep:
                log.warning("ticks_nudged")
            for name in ("tick", "print"):
                self._scheduler.reschedule_job(name, trigger="interval", seconds=self._pace(name))
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def tick(self) -> None:
        """Do what is due, each verb in a transaction of its own: one that fails stops no other."""
        self._ticked = time.monotonic()
        with self.app.app_context():
            self._guarded("displays", self._displays)
            self.leads = self.baton.hold()
            if self.leads:
                for name, due in DUE:
                    self._guarded(name, partial(self._do, due))
                if time.monotonic() - self._watched >= WATCH_AT_MOST:
                    self._watched = time.monotonic()
                    self._guarded("alarms", self._watch)
        self.ticks += 1

    def _do(self, due: Due) -> None:
        with writing() as tx:
            shop = only_shop(tx)
            if shop is not None:
                due(tx, shop, self.house.clock.now())

    def _watch(self) -> None:
        """Look with a session that writes nothing: living through the day takes some 50 ms, once a minute at most."""
        at = self.house.clock.now()
        with reading() as session:
            shop = only_shop(session)
            if shop is None:
                return
            watchers = (*WATCHERS, *deliveries.WATCHERS, *money.WATCHERS, *papers.WATCHERS)
            changes = alarms.watch(
                session,
                shop,
                cached_card(session, shop),
                at=at,
                watchers=watchers,
                moves=MOVES,
                memory=self._memory,
            )
        if changes:
            with writing() as tx:
                shop = tx.get_one(Shop, shop.id)
                alarms.keep(tx, shop, changes, at=at)
                foresight.keep(tx, shop, changes.rides, at=at)

    def _displays(self) -> None:
        devices = presence.heard()
        if devices:
            with writing() as tx:
                presence.write_down(tx, devices, at=self.house.clock.now())

    def print_slips(self) -> None:
        """Print what waits; a printer may take its time, so it has ticks of its own."""
        with self.app.app_context():
            if self.leads:
                self._guarded("print", self._print)

    def _print(self) -> None:
        with reading() as session:
            shop = only_shop(session)
            if shop is None or not something_waits(session, shop, at=self.house.clock.now()):
                return
        with writing() as tx:
            queue_new(tx, shop, at=self.house.clock.now())
        print_due(
            writing,
            keys=self.house.keys,
            public_url=self.house.settings.public_url,
            now=self.house.clock.now,
        )

    def _pay(self) -> None:
        """Ask the payment providers in a thread of its own: an answer may take seconds."""
        while not self._stop.wait(PAY_EVERY):
            self.pay()

    def pay(self) -> None:
        """Ask the providers what is due, if this process leads."""
        with self.app.app_context():
            if self.leads:
                self._guarded("pay", self._ask_providers)

    def _ask_providers(self) -> None:
        with reading() as session:
            if not asking.something_due(session, at=self.house.clock.now()):
                return
        asking.ask_due(office_of(self.house))

    def fetch_bills(self) -> None:
        """Fetch the daily bills that are due; a provider may take its time."""
        with self.app.app_context():
            if self.leads:
                folder = self.house.settings.data / "bills"
                self._guarded("bills", lambda: bills.fetch_due(office_of(self.house), reading, folder))

    def _think(self) -> None:
        """Look in a thread of its own: it waits for seconds while a child thinks."""
        while not self._stop.wait(PLAN_EVERY):
            self.plan()

    def plan(self) -> None:
        """Let the kitchen's plan be thought over if this process leads."""
        with self.app.app_context():
            if self.leads:
                self._guarded("plan", self.planner.look)

    def _guarded(self, name: str, do: Callable[[], object]) -> None:
        try:
            do()
        except Exception:
            self.failures[name] = self.failures.get(name, 0) + 1
            log.exception("job_failed", job=name)


def start(app: Flask) -> Clockwork:
    """Start the ticks of this process; called by the server, never by commands or tests unless they ask."""
    clockwork = Clockwork(app)
    app.extensions["clockwork"] = clockwork
    clockwork.start()
    return clockwork
