"""Slack: the minutes left before work makes its cake late, and the state a card shows for it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from shop.core.clock import minutes_between
from shop.production.tables import Task, TaskState

AT_RISK_MINUTES = 10
START_NOW_MINUTES = 30


class CardState(StrEnum):
    LATE = "late"
    RISK = "risk"
    NOW = "now"
    NOT_YET = "notyet"


def slack_of(row: Row[Any] | Task, at: datetime) -> int:
    """Return the minutes left before this work makes its cake late (decisions.md 8)."""
    if row.state == TaskState.RUNNING and row.started_at is not None:
        left = max(0, row.minutes - minutes_between(row.started_at, at)) + row.after_minutes
        return minutes_between(at, row.due_at) - left
    return minutes_between(at, row.latest_start)


def state_of(slack: int, running: bool) -> CardState:
    """Return the state that a slack in minutes means."""
    if slack < 0:
        return CardState.LATE
    if slack <= AT_RISK_MINUTES:
        return CardState.RISK
    return CardState.NOW if running or slack <= START_NOW_MINUTES else CardState.NOT_YET
