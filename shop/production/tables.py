"""The rows of the kitchen."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id
from shop.core.types import MinuteTime


class TaskState(StrEnum):
    HELD = "held"  # the order is placed but not paid: it takes capacity, no board shows it
    WAITING = "waiting"
    READY = "ready_to_start"
    RUNNING = "in_progress"
    DONE = "done"
    VOID = "void"


TO_BEGIN = (TaskState.WAITING, TaskState.READY)
"""Paid for, and on the boards."""
NOT_BEGUN = (TaskState.HELD, *TO_BEGIN)
TO_DO = (*TO_BEGIN, TaskState.RUNNING)
OPEN = (*NOT_BEGUN, TaskState.RUNNING)


class Task(Base):
    """One stage of one cake. Minutes are planned work; ``version`` lets one of two bakers win.

    The plan is what stands here: ``planned_start`` to ``planned_end`` in room ``unit`` of the station, done by
    ``planned_for`` (None: nobody is needed, or nobody is free). ``celsius``, ``keeps`` and ``gate`` are the
    route's and the station's demands, as they were when the order was placed. ``claimed_by`` has taken it.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open", "shop_id", "state", "planned_end"),
        Index("ix_task_board", "station_id", "state", "latest_start"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    cake_id: Mapped[int] = mapped_column(ForeignKey("cake.id"), index=True)
    sort: Mapped[int]
    kind: Mapped[str]
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    minutes: Mapped[int]
    after_minutes: Mapped[int]
    amount: Mapped[int]
    needs_person: Mapped[bool]
    planned_start: Mapped[datetime] = mapped_column(MinuteTime)
    planned_end: Mapped[datetime] = mapped_column(MinuteTime)
    latest_start: Mapped[datetime]
    due_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    started_by: Mapped[int | None] = mapped_column(Id)
    finished_by: Mapped[int | None] = mapped_column(Id)
    remake: Mapped[int] = mapped_column(default=0)
    unit: Mapped[int] = mapped_column(default=0, server_default="0")
    planned_for: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    celsius: Mapped[int] = mapped_column(default=0, server_default="0")
    keeps: Mapped[int | None]
    gate: Mapped[str] = mapped_column(default="", server_default="")
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]


class Notice(Base):
    """Something a station must see and acknowledge: an order changed, cancelled, rushed, or a remake."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_open", "shop_id", "acknowledged_at", "station_id"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    cake_id: Mapped[int | None] = mapped_column(ForeignKey("cake.id"))
    kind: Mapped[str]
    was: Mapped[dict[str, Any]] = mapped_column(default=dict)
    now: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(Id)


class Remake(Base):
    """A cake made again: why, and which stage the fault is attributed to."""

    __tablename__ = "remake"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    cake_id: Mapped[int] = mapped_column(ForeignKey("cake.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str]
    fault_kind: Mapped[str]
    from_kind: Mapped[str]
    by_staff: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]


class StagePast(Base):
    """How long one kind of stage really took: ``shares`` of the planned minutes at equally spaced probabilities.

    ``product`` "" and ``inch`` 0 stand for all of them.
    """

    __tablename__ = "stage_past"
    __table_args__ = (UniqueConstraint("shop_id", "kind", "product", "inch"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    kind: Mapped[str]
    product: Mapped[str]
    inch: Mapped[int]
    stages: Mapped[int]
    shares: Mapped[list[Any]]
    counted_on: Mapped[date]


class Alarm(Base):
    """A warning with a memory: raised once for its subject, repeated until somebody has seen it, ended when its
    cause is gone, and judged afterwards (``verdict``: late, acted, false).

    ``subject`` is what it is about ("cake:7"); ``chance`` in percent; ``minutes`` how late, or how long already.
    ``moves`` are the steps suggested at ``moves_at``, the best first.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        Index(
            "uq_alarm_open", "shop_id", "kind", "subject", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_alarm_raised", "shop_id", "raised_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    cake_id: Mapped[int | None] = mapped_column(ForeignKey("cake.id"), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    stage: Mapped[str]
    person: Mapped[str]
    names: Mapped[dict[str, str]]
    chance: Mapped[int]
    minutes: Mapped[int]
    raised_at: Mapped[datetime]
    repeated_at: Mapped[datetime]
    repeats: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(default="")
    moves: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    moves_at: Mapped[datetime | None]


class Foresight(Base):
    """What was seen of a cake when it had two hours left, and whether it was ``late`` (None: not known yet)."""

    __tablename__ = "foresight"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    cake_id: Mapped[int] = mapped_column(ForeignKey("cake.id"), unique=True)
    due_at: Mapped[datetime]
    at: Mapped[datetime]
    chance: Mapped[int]
    margin: Mapped[int]
    apart: Mapped[int]
    slack: Mapped[int]
    queue: Mapped[int]
    said: Mapped[int]
    late: Mapped[bool | None]


class Outage(Base):
    """A part of a station that cannot be used from ``since`` until ``until``, or until it was mended (``ended_at``).

    ``unit`` counts from 0, as `Task.unit` does; a station of one part is out of order as a whole.
    """

    __tablename__ = "outage"
    __table_args__ = (Index("ix_outage_until", "shop_id", "until"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    unit: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[int | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(Id)


class MoveDone(Base):
    """A suggested move that somebody has applied: what stood before and after, so that it can be taken back.

    ``key`` names the move in `shop.production.moves`; the chances (percent) are what was promised of it.
    """

    __tablename__ = "move_done"
    __table_args__ = (Index("ix_move_done_at", "shop_id", "at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    key: Mapped[str]
    args: Mapped[dict[str, Any]]
    was: Mapped[dict[str, Any]]
    now: Mapped[dict[str, Any]]
    chance_before: Mapped[int]
    chance_after: Mapped[int]
    by_staff: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(Id)


class Incident(Base):
    """Something that went wrong with an order (``kind``: delay, swap, remake, refund), where, and how it ended.

    ``stage``, ``task_id`` and ``person`` say which work the fault is attributed to; ``over`` by how many minutes
    that work was over its plan. ``outcome`` is empty while it is open.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_open", "shop_id", "closed_at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    cake_id: Mapped[int | None] = mapped_column(ForeignKey("cake.id"))
    kind: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    stage: Mapped[str] = mapped_column(default="")
    person: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    over: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    by_staff: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(default="")
    closed_by: Mapped[int | None] = mapped_column(Id)
    closed_at: Mapped[datetime | None]
