"""The print queue."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class PrintJob(Base):
    """A slip to print. ``copy`` counts reprints: 0 is the original, 1 and up are marked COPY.

    ``cake_id`` is set where only one cake's label is wanted.
    """

    __tablename__ = "print_job"
    __table_args__ = (Index("ix_print_job_due", "state", "next_try"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    cake_id: Mapped[int | None] = mapped_column(ForeignKey("cake.id"))
    kind: Mapped[str] = mapped_column(default="slip")
    copy: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime]
    error: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
