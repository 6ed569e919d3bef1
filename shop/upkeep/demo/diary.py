"""The rows of the past: orders with everything that belongs to them, and the diary, ready for bulk insert."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from shop.core.actors import SYSTEM, Actor
from shop.core.keys import ALPHABET, Keys, digest
from shop.menu.tables import StageKind
from shop.orders.numbers import first_free
from shop.orders.placing import LETTERS, line_row, task_rows
from shop.orders.progress import CLOSE_AFTER
from shop.orders.tables import CALLED, OrderState
from shop.payments.forward import FETCHABLE
from shop.people.shops import Shop
from shop.production.tables import TaskState
from shop.upkeep.demo.making import Made, Step
from shop.upkeep.demo.partners import Partners
from shop.upkeep.demo.rota import Rota

NOT_FETCHED = "没有人来取"

S = OrderState
Row = dict[str, Any]


@dataclass
class Books:
    """All rows by table; ``orders`` of one past, ids counted from 1 up in each table."""

    shop: Shop
    keys: Keys
    rota: Rota
    rng: Random
    at: datetime
    kiosk: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    counters: dict[tuple[date, str], int] = field(default_factory=dict)
    carried: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.partners = Partners(self.shop, self.rota.people)

    def next_id(self, table: str) -> int:
        """Return the id of the row that will be added next to ``table``."""
        return self.first.get(table, 1) + len(self.rows[table])

    def note(
        self, kind: str, order: Row, by: Actor, at: datetime, *, kitchen: bool = True, **data: Any
    ) -> None:
        """Write a line of the diary, as the verbs do."""
        cake, task = data.pop("cake_id", None), data.pop("task_id", None)
        topics = f"orders order:{order['id']}"
        line = {
            "shop_id": self.shop.id, "kind": kind, "at": at, "business_date": self.shop.business_date(at),
            "actor_kind": by.kind.value, "actor_id": by.id, "device_id": by.device_id, "order_id": order["id"],
            "cake_id": cake, "task_id": task, "topics": f"kitchen {topics}" if kitchen else topics, "data": data,
        }  # fmt: skip
        self.rows["event"].append(line)

    def code(self, length: int) -> str:
        """Return a code like the real ones, from this past's own dice."""
        return "".join(self.rng.choice(ALPHABET) for _ in range(length))

    def write(self, made: Made, person_id: int | None) -> None:
        """Write one order with its whole life up to now; if it is still open, no later one gets its number."""
        order = self._place(made, person_id)
        self._live(order, made)
        if order["state"] in CALLED:
            self.carried[order["letter"]].add(order["counter"])

    def _live(self, order: Row, made: Made) -> None:
        if made.wish.fate == "expired":
            end = order["placed_at"] + timedelta(minutes=20)
            self._void(order, made)
            order.update(state=S.EXPIRED, counter_code=None, version=2)
            self.note("order_expired", order, SYSTEM, end)
            return
        if made.wish.fate == "unpaid":
            self._hold(order, made)
            return
        self._pay(order, made)
        if made.wish.fate == "cancelled":
            self._cancel(order, made)
            return
        self._make(order, made)
        self._finish(order, made)

    def _place(self, made: Made, person_id: int | None) -> Row:
        wish, rng = made.wish, self.rng
        day, letter = self.shop.business_date(wish.placed_at), LETTERS[wish.channel]
        counter = first_free(self.counters.get((day, letter), 0) + 1, self.carried[letter])
        self.counters[day, letter] = counter
        by = Actor.device(self.kiosk) if wish.channel == "kiosk" else self._clerk(wish.placed_at)
        order_id = self.next_id("orders")
        partner, rule = self.partners.of(day)
        order = {
            "id": order_id, "shop_id": self.shop.id, "channel": wish.channel, "external_id": None, "letter": letter,
            "counter": counter, "business_date": day, "state": S.PLACED, "version": 1, "fulfilment": "pickup",
            "due_at": wish.due_at, "due_date": self.shop.business_date(wish.due_at),
            "promised_from": task_rows(0, 0, 0, made.plans[-1], wish.due_at, confirmed=True)[-1]["planned_end"],
            "placed_at": wish.placed_at, "confirmed_at": None, "ready_at": None, "handed_over_at": None,
            "pay_until": None, "total": wish.total, "paid": 0, "currency": self.shop.currency,
            "urgent": wish.urgent, "private": wish.private, "language": wish.language,
            "allergies": wish.allergies, "person_id": person_id, "token_version": 1,
            "token_hash": digest(self.keys.token("order", order_id, 1)), "pin": f"{rng.randrange(10_000):04d}",
            "counter_code": None, "placed_by_kind": by.kind.value, "placed_by": by.id,
            "reason": "", "partner_id": partner,
        }  # fmt: skip
        self.rows["orders"].append(order)
        cakes = sum(line.line.quantity for line in wish.lines)
        facts = {
            "number": f"{letter}-{counter:03d}",
            "channel": wish.channel,
            "total": wish.total,
            "cakes": cakes,
            "partner": partner,
            "rule": rule,
        }
        self.note("order_placed", order, by, wish.placed_at, kitchen=False, **facts)
        for sort, priced in enumerate(wish.lines):
            line = {"id": self.next_id("order_line"), **line_row(order_id, sort, priced)}
            self.rows["order_line"].append(line)
            for _ in range(priced.line.quantity):
                cake = {"id": self.next_id("cake"), "order_id": order_id, "line_id": line["id"]}
                cake |= {"code": self.code(12), "sort": len(self._cakes(order)) + 1}
                cake |= {"written_by": None, "written_at": None}
                self.rows["cake"].append(cake)
        return order

    def _cakes(self, order: Row) -> list[Row]:
        found = []
        for cake in reversed(self.rows["cake"]):
            if cake["order_id"] != order["id"]:
                break
            found.append(cake)
        return found[::-1]

    def _clerk(self, at: datetime) -> Actor:
        return Actor.staff(self.rota.clerk(at).id)

    def _pay(self, order: Row, made: Made) -> None:
        wait = self.rng.randrange(40, 420) if order["channel"] == "kiosk" else self.rng.randrange(20, 90)
        at = order["placed_at"] + timedelta(seconds=wait)
        by, cash = self._clerk(at), self.rng.random() < 0.35
        amount = order["total"]
        payment = {
            "id": self.next_id("payment"), "shop_id": self.shop.id, "order_id": order["id"],
            "method": "cash" if cash else "card", "state": "captured", "amount": amount,
            "currency": order["currency"], "tendered": -(-amount // 10_000) * 10_000 if cash else None,
            "reference": "" if cash else f"T{self.rng.randrange(10**8):08d}", "made_at": at, "captured_at": at,
            "taken_by": by.id,
        }  # fmt: skip
        self.rows["payment"].append(payment)
        order.update(paid=amount, state=S.CONFIRMED, confirmed_at=at, version=2)
        facts = {"method": payment["method"], "amount": amount, "payment": payment["id"]}
        self.note("payment_captured", order, by, at, **facts)
        self.note("order_confirmed", order, by, at, sound="new")

    def _tasks(self, order: Row, cake: Row, made: Made, place: int, **values: Any) -> list[Row]:
        rows = task_rows(
            self.shop.id, order["id"], cake["id"], made.plans[place], order["due_at"], confirmed=True
        )
        first = self.next_id("task")
        empty: Row = {"started_at": None, "finished_at": None, "started_by": None, "finished_by": None}
        for number, row in enumerate(rows):
            row |= {"id": first + number, **empty, **values}
        self.rows["task"] += rows
        return rows

    def _void(self, order: Row, made: Made) -> None:
        for place, cake in enumerate(self._cakes(order)):
            self._tasks(order, cake, made, place, state=TaskState.VOID, version=2)

    def _hold(self, order: Row, made: Made) -> None:
        order.update(counter_code=self.code(5), pay_until=order["placed_at"] + timedelta(minutes=20))
        for place, cake in enumerate(self._cakes(order)):
            self._tasks(order, cake, made, place, state=TaskState.HELD)

    def _cancel(self, order: Row, made: Made) -> None:
        first = min(plan[0].start for plan in made.plans) * 60
        span = max(600.0, first - order["confirmed_at"].timestamp())
        at = order["confirmed_at"] + timedelta(seconds=round(span * self.rng.uniform(0.05, 0.8)))
        at = min(at, self.at)
        self._void(order, made)
        payment = self.rows["payment"][-1]
        reason = self.rng.choice(("changed_mind", "customer", "twice", "家里有事"))
        order.update(state=S.CANCELLED, version=3, reason=reason)
        back = at + timedelta(minutes=self.rng.randrange(5, 90))
        paid = back <= self.at
        refund = {
            "id": self.next_id("refund"), "shop_id": self.shop.id, "order_id": order["id"],
            "payment_id": payment["id"], "amount": payment["amount"], "currency": payment["currency"],
            "state": "refunded" if paid else "approved", "ref": self.code(24), "reason": "cancelled", "made_at": at,
            "ended_at": back if paid else None, "decided_by": self._clerk(back).id if paid else None,
        }  # fmt: skip
        self.rows["refund"].append(refund)
        self.note("order_cancelled", order, self._clerk(at), at, sound="cancelled")

    def _make(self, order: Row, made: Made) -> None:
        started = False
        for place, cake in enumerate(self._cakes(order)):
            rows = self._tasks(order, cake, made, place)
            steps = made.cakes[place]
            again = made.remade.get(place)
            if again is not None and again <= self.at:
                rows = self._again(order, cake, rows, steps, again)
            elif again is not None:
                steps = [*steps[:5], steps[-1]]
            for row, step in zip(rows, steps, strict=True):
                started = self._work(order, cake, row, step, voids=len(steps) > 6) or started
            for before, row in pairwise(rows):
                if row["state"] == TaskState.WAITING and before["state"] in (TaskState.DONE, TaskState.VOID):
                    row["state"] = TaskState.READY
        if started:
            order.update(state=S.IN_PRODUCTION, version=3)

    def _again(self, order: Row, cake: Row, rows: list[Row], steps: list[Step], at: datetime) -> list[Row]:
        """A cake went wrong at the check: void its stages from the filling on and lay them in anew."""
        new = [dict(row) for row in rows[2:]]
        for number, row in enumerate(new):
            row |= {"id": self.next_id("task") + number, "remake": 1, "state": TaskState.WAITING}
        self.rows["task"] += new
        rows[5].update(state=TaskState.VOID, version=2)
        reason, fault = self.rng.choice(
            (("wrong_writing", "decorate"), ("dropped", "check"), ("looks", "build"))
        )
        by = Actor.staff(steps[4].by or 0)
        remake = {"id": self.next_id("remake"), "shop_id": self.shop.id, "cake_id": cake["id"]}
        remake |= {"order_id": order["id"], "reason": reason, "fault_kind": fault, "from_kind": "build"}
        self.rows["remake"].append(remake | {"by_staff": by.id, "at": at})
        facts: Row = {"reason": reason, "stage": "build", "fault": fault, "cake_id": cake["id"]}
        self.note("cake_remade", order, by, at, sound="changed", **facts)
        return [*rows[:5], *new]

    def _work(self, order: Row, cake: Row, row: Row, step: Step, *, voids: bool) -> bool:
        """Let a stage happen as far as it has by now; returns whether it has begun."""
        if step.begun > self.at:
            return False
        by = Actor.staff(step.by) if step.by else SYSTEM
        facts: Row = {"cake_id": cake["id"], "task_id": row["id"], "stage": row["kind"]}
        row.update(state=TaskState.RUNNING, started_at=step.begun, started_by=by.id, version=2)
        self.note("task_started", order, by, step.begun, **facts)
        if step.ended <= self.at:
            if row["kind"] == StageKind.DECORATE:
                self._tick(order, cake, by, step.ended)
            row.update(state=TaskState.DONE, finished_at=step.ended, finished_by=by.id, version=3)
            self.note("task_finished", order, by, step.ended, **facts)
            if step.void and voids:
                row["state"] = TaskState.VOID
        return True

    def _tick(self, order: Row, cake: Row, by: Actor, at: datetime) -> None:
        line = self.rows["order_line"][cake["line_id"] - self.first.get("order_line", 1)]
        if line["inscription"]:
            cake.update(written_by=by.id, written_at=at)
            self.note("inscription_checked", order, by, at, cake_id=cake["id"])

    def _finish(self, order: Row, made: Made) -> None:
        if made.ready_at > self.at:
            return
        ready = made.ready_at
        order.update(state=S.READY, ready_at=ready, version=4)
        self.note("order_ready", order, SYSTEM, ready)
        if made.wish.fate != "waiting":
            self._fetch(order, made)

    def _give_up(self, order: Row, at: datetime) -> None:
        """A day later nobody waits for its customer any more, and by the terms all of the price is kept."""
        if at <= self.at:
            order.update(state=S.DISPOSED, version=6, reason=NOT_FETCHED)
            more = {"how": S.DISPOSED, "back": 0, "kept": order["paid"], "reason": NOT_FETCHED}
            self.note("order_forfeited", order, self._clerk(at), at, kitchen=False, **more)

    def _fetch(self, order: Row, made: Made) -> None:
        late = timedelta(minutes=max(-25.0, self.rng.gauss(8, 22)))
        at = max(order["due_at"] + late, order["ready_at"] + timedelta(minutes=1)).replace(microsecond=0)
        closes = self.shop.open_on(self.shop.business_date(at))[1]
        at = max(min(at, closes), order["ready_at"] + timedelta(minutes=1))
        if made.wish.fate == "no_show":
            if closes <= self.at:
                order.update(state=S.NO_SHOW, version=5)
                self.note("order_not_fetched", order, SYSTEM, closes)
                self._give_up(order, closes + FETCHABLE)
            return
        if at > self.at:
            return
        order.update(state=S.HANDED_OVER, handed_over_at=at, version=5)
        self.note("order_handed_over", order, self._clerk(at), at)
        if at + CLOSE_AFTER <= self.at:
            order.update(state=S.CLOSED, version=6)
            self.note("order_closed", order, SYSTEM, at + CLOSE_AFTER, kitchen=False)
