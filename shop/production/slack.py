"""Slack: the minutes left before work makes its cake late, and the state a card shows for it.

One rule for all: two moments, subtracted once and rounded down once. The browser does the same with the same two
(static/js/minutes.js), so that a card does not change its mind when it is drawn again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from shop.core.clock import minutes_between
from shop.production.tables import Task, TaskState

AT_RISK_MINUTES = 10
START_NOW_MINUTES = 30
AT_RISK_CHANCE = 30
OVER_PERCENT, OVER_MINUTES = 125, 3
"""Started work is over its time when it takes a quarter longer than planned, and these minutes more."""


class CardState(StrEnum):
    LATE = "late"
    RISK = "risk"
    NOW = "now"
    NOT_YET = "notyet"


def limits_of(row: Row[Any] | Task) -> tuple[datetime, datetime | None]:
    """Return by when work must begin (or, started, must end), and until when its minutes stand still.

    They stand still while started work is within its own minutes: it needs no less of the day than it takes.
    """
    if row.state == TaskState.RUNNING and row.started_at is not None:
        must_end: datetime = row.due_at - timedelta(minutes=row.after_minutes)
        return must_end, row.started_at + timedelta(minutes=row.minutes)
    return row.latest_start, None


def slack_of(row: Row[Any] | Task, at: datetime) -> int:
    """Return the minutes left before this work makes its cake late (decisions.md 8)."""
    limit, still_until = limits_of(row)
    return minutes_between(max(at, still_until) if still_until else at, limit)


def over_from(row: Row[Any] | Task) -> datetime | None:
    """Return from when on started work is over its time; None for what nobody has started, and for cooling."""
    if row.state != TaskState.RUNNING or row.started_at is None or row.station_id is None:
        return None
    most = row.minutes * OVER_PERCENT // 100 + OVER_MINUTES
    moment: datetime = row.started_at + timedelta(minutes=most + 1)
    return moment


def over_by(row: Row[Any] | Task, at: datetime) -> int:
    """Return by how many minutes started work is over its time; 0 while that is nothing to say."""
    over = over_from(row)
    return minutes_between(row.started_at, at) - row.minutes if over and row.started_at and at >= over else 0


def state_of(slack: int, running: bool, chance: int = 0, over: int = 0) -> CardState:
    """Return the state that a slack in minutes means.

    A ``chance`` of 30 % to be late is a risk too, and so is work that is ``over`` its time.
    """
    if slack < 0:
        return CardState.LATE
    if slack <= AT_RISK_MINUTES or chance >= AT_RISK_CHANCE or over > 0:
        return CardState.RISK
    return CardState.NOW if running or slack <= START_NOW_MINUTES else CardState.NOT_YET
