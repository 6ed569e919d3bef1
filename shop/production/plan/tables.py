"""The rows that remember how the plan was looked over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class PlanRun(Base):
    """One time the kitchen's plan was looked over: why, what it cost, and what it has moved.

    Minutes late of all cakes and oven runs, before and after; ``bound`` and ``least_runs`` are what no plan can go
    below. ``moved`` tells each stage with its start, unit and person, before and after. ``engine`` found the plan:
    standing, mended, search or solver (see `Improved`), or asked (somebody made room).
    """

    __tablename__ = "plan_run"
    __table_args__ = (Index("ix_plan_run_at", "shop_id", "at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    seconds: Mapped[float]
    cakes: Mapped[int]
    unplaced: Mapped[int]
    late_before: Mapped[int]
    late_after: Mapped[int]
    bound: Mapped[int]
    runs_before: Mapped[int]
    runs_after: Mapped[int]
    least_runs: Mapped[int]
    stages: Mapped[int]
    moved: Mapped[list[Any]]
    engine: Mapped[str] = mapped_column(server_default="")
