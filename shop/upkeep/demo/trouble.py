"""Trouble in a play: an oven fails, a baker goes home, a courier's phone dies; what was warned of, and what helped.

Equal seeds make equal days: the same customers, the same mishaps, the same dice. ``acting``: the manager does what
the alarms suggest; otherwise they are raised and nobody looks.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.permissions import Role
from shop.delivery import watchers as deliveries
from shop.delivery.drops import D
from shop.delivery.moves import MOVES
from shop.delivery.riders import heard
from shop.delivery.tables import Drop
from shop.menu.card import cached_card
from shop.menu.tables import StageKind, Station
from shop.orders.tables import Fulfilment, Order, OrderState
from shop.people.shops import Shop
from shop.production import alarms
from shop.production.causes import open_alarms
from shop.production.leaving import go_home
from shop.production.moves.applying import apply
from shop.production.outages import stop_unit
from shop.production.tables import Alarm, MoveDone, Task, TaskState
from shop.production.watchers import WATCHERS
from shop.upkeep.demo.hands import Hands
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.stage import Stage, the_shop

OVEN, BAKER, PHONE = "oven_failed", "baker_went_home", "phone_died"
FAILS = timedelta(minutes=40)
SILENT = timedelta(minutes=90)
LOOK = timedelta(minutes=4)
MOST_MOVES = 3
"""So many suggestions the manager follows at one look."""
TELLING, CALLING = "tell_customer", "reached"
CALLED_BACK = "called_back"
"""Counted apart from others who were added: whoever went home has to say yes."""
GONE = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)


@dataclass(frozen=True)
class Mishap:
    """What goes wrong at a moment, and whom it hits (0: the oven)."""

    at: datetime
    kind: str
    who: int = 0


def mishaps(shop: Shop, rota: Rota, day: date, seed: int) -> list[Mishap]:
    """Return what goes wrong on a day; the minutes and the people are the seed's."""
    dice = Random(seed * 1000 + day.toordinal())
    noon = shop.moment(day, "12:00")
    bakers = sorted({p.id for a, b, p in rota.bakers(day) if p.role == Role.BAKER and a <= noon < b})
    riders = sorted(p.id for p in rota.people.values() if p.role == Role.COURIER)
    found = [Mishap(shop.moment(day, "10:00") + timedelta(minutes=dice.randrange(90)), OVEN)]
    if bakers:
        found.append(Mishap(noon, BAKER, dice.choice(bakers)))
    if riders:
        hour = shop.moment(day, "14:00") + timedelta(minutes=dice.randrange(120))
        found.append(Mishap(hour, PHONE, dice.choice(riders)))
    return found


class Trouble:
    """The mishaps of a day, the manager who looks at the alarms, and the account of both."""

    def __init__(
        self, stage: Stage, shop: Shop, rota: Rota, day: date, *, seed: int, acting: bool, look: timedelta = LOOK
    ) -> None:  # fmt: skip
        self.stage, self.day, self.acting, self.every = stage, day, acting, look
        self.to_come = mishaps(shop, rota, day, seed)
        self.struck: list[Mishap] = []
        self.riders = sorted(p.id for p in rota.people.values() if p.role == Role.COURIER)
        self.manager = Actor.staff(min(p.id for p in rota.people.values() if p.role == Role.MANAGER))
        self.looked: datetime | None = None
        self.moves: dict[str, int] = {}
        self.told: set[int | None] = set()

    def go_on(self, at: datetime, hands: Hands) -> None:
        """Let happen what happens now, and let the shop look at itself every few minutes."""
        for mishap in [each for each in self.to_come if each.at <= at and self._ripe(each, at)]:
            self.to_come.remove(mishap)
            self.struck.append(replace(mishap, at=at))
            self._strike(mishap, at, hands)
        if self.looked is not None and at - self.looked < self.every:
            return
        self.looked = at
        for rider in set(self.riders) - self.quiet(at):
            self.stage.attempt(partial(heard, staff_id=rider, at=at))
        self._watch(at)
        if self.acting:
            self._follow(at)
            hands.adopt(at)

    def _ripe(self, mishap: Mishap, at: datetime) -> bool:
        """A phone dies while its courier has something to bring: otherwise nobody would notice."""
        if mishap.kind != PHONE:
            return True
        with self.stage.reading() as session:
            mine = select(Drop.id).where(
                Drop.courier_id == mishap.who, Drop.state.in_((D.CLAIMED, D.PICKED_UP))
            )
            return session.scalar(mine.limit(1)) is not None

    def quiet(self, at: datetime) -> set[int]:
        """Return the couriers whose phones are dead."""
        return {each.who for each in self.struck if each.kind == PHONE and each.at <= at < each.at + SILENT}

    def _strike(self, mishap: Mishap, at: datetime, hands: Hands) -> None:
        if mishap.kind == OVEN:
            self._stop_an_oven(at, hands)
        elif mishap.kind == BAKER:
            self.stage.attempt(partial(go_home, staff_id=mishap.who, by=self.manager, at=at))

    def _stop_an_oven(self, at: datetime, hands: Hands) -> None:
        """The last oven fails; what is in it stands still until it is mended."""
        with self.stage.reading() as session:
            shop = the_shop(session)
            ovens = (
                select(Station).join(Task, Task.station_id == Station.id).where(Station.shop_id == shop.id)
            )
            oven = session.scalars(ovens.where(Task.kind == StageKind.BAKE).limit(1)).first()
            if oven is None:
                return
            unit, oven_id = max(1, oven.units) - 1, oven.id
            inside = select(Task.id).where(
                Task.station_id == oven_id, Task.unit == unit, Task.state == TaskState.RUNNING
            )
            stuck = set(session.scalars(inside))
        stop = partial(stop_unit, station_id=oven_id, unit=unit, until=at + FAILS, by=self.manager, at=at)
        if self.stage.attempt(stop):
            for work in hands.works:
                work.ends += FAILS if work.task_id in stuck else timedelta()

    def _watch(self, at: datetime) -> None:
        with self.stage.reading() as session:
            shop = the_shop(session)
            card, watchers = cached_card(session, shop), (*WATCHERS, *deliveries.WATCHERS)
            changes = alarms.watch(session, shop, card, at=at, watchers=watchers, moves=MOVES)
        if changes:
            self.stage.attempt(lambda tx, shop: alarms.keep(tx, shop, changes, at=at))

    def _follow(self, at: datetime) -> None:
        """Do what the alarms suggest, the worst first; a customer is told once, where nothing else helps."""
        with self.stage.reading() as session:
            wrong = open_alarms(session, the_shop(session))
            found = [(a.id, a.order_id, move) for a in wrong if (move := _best(a.moves)) is not None]
        found.sort(key=lambda each: each[2]["key"] == TELLING)
        done = 0
        for alarm_id, order_id, move in found:
            if done == MOST_MOVES or (move["key"] == TELLING and order_id in self.told):
                continue
            do = partial(
                apply, alarm_id=alarm_id, suggestion_id=move["id"], by=self.manager, at=at, moves=MOVES
            )
            if self.stage.attempt(do):
                done += 1
                key = CALLED_BACK if move["facts"].get("back") else move["key"]
                self.moves[key] = self.moves.get(key, 0) + 1
                self.told |= {order_id} if move["key"] == TELLING else set()

    def report(self, until: datetime) -> dict[str, Any]:
        """Tell how it went: the mishaps and when they were said, late orders and minutes, who was warned of."""
        with self.stage.reading() as session:
            shop = the_shop(session)
            late = late_orders(session, shop, self.day, until)
            raised = select(Alarm.order_id, Alarm.kind, Alarm.raised_at).where(Alarm.shop_id == shop.id)
            told = session.execute(raised.order_by(Alarm.raised_at)).all()
            undone = session.scalars(select(MoveDone.id).where(MoveDone.undone_at.is_not(None))).all()
        ahead = []
        for order_id, (due, _) in late.items():
            first = next((row.raised_at for row in told if row.order_id == order_id), None)
            if first is not None and first < due:
                ahead.append((due - first).total_seconds() / 60)
        return {
            "troubles": [self._told(mishap, told) for mishap in self.struck],
            "late_orders": len(late), "late_minutes": round(sum(minutes for _, minutes in late.values()), 1),
            "warned_before_due": len(ahead), "warned_share": round(len(ahead) / len(late), 3) if late else None,
            "warned_minutes_ahead": round(median(ahead), 1) if ahead else None,
            "acting": self.acting, "moves": dict(sorted(self.moves.items())), "moves_undone": len(undone),
            "alarms": len(told),
        }  # fmt: skip

    def _told(self, mishap: Mishap, told: Any) -> dict[str, Any]:
        """Return a mishap and how many minutes later an alarm said anything new."""
        wanted = {OVEN: ("unit_down",), PHONE: ("courier_silent",)}.get(mishap.kind)
        after = [
            r.raised_at for r in told if r.raised_at >= mishap.at and (wanted is None or r.kind in wanted)
        ]
        minutes = round((after[0] - mishap.at).total_seconds() / 60, 1) if after else None
        return {"kind": mishap.kind, "at": mishap.at.isoformat(), "first_alarm_after_minutes": minutes}


def _best(moves: list[Any]) -> dict[str, Any] | None:
    """Return the suggestion that wins most, which stands first; telling the customer where it is the only one.

    Nobody answers a dead phone.
    """
    moves = [move for move in moves if move["key"] != CALLING]
    return next((move for move in moves if move["key"] != TELLING), moves[0] if moves else None)


def late_orders(
    session: Session, shop: Shop, day: date, until: datetime
) -> dict[int, tuple[datetime, float]]:
    """Return the orders due on ``day`` that were late, with their time and minutes; what is open counts ``until`` then.

    A pick-up is late when it is not ready in time, a delivery when it is not handed over in time.
    """
    query = select(Order).where(Order.shop_id == shop.id, Order.due_date == day, Order.state.not_in(GONE))
    found = {}
    for order in session.scalars(query):
        brought = order.fulfilment == Fulfilment.DELIVERY
        done = (order.handed_over_at if brought else order.ready_at) or max(until, order.due_at)
        if done > order.due_at:
            found[order.id] = (order.due_at, (done - order.due_at).total_seconds() / 60)
    return found
