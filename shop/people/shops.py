"""A shop: its names, its place in time and money, and the head of its diary."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core import days
from shop.core.tables import Base, Id


class Shop(Base):
    """Opening hours are clock times of the shop's ``timezone``; ``event_seq`` is the diary's last number."""

    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, str]]
    timezone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(default="CNY")
    opens: Mapped[str] = mapped_column(default="08:00")
    closes: Mapped[str] = mapped_column(default="22:00")
    kitchen_opens: Mapped[str] = mapped_column(default="06:30")
    language: Mapped[str] = mapped_column(default="zh_Hans")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[dict[str, str]] = mapped_column(default=dict)
    is_demo: Mapped[bool] = mapped_column(default=False)
    event_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    menu_version: Mapped[int] = mapped_column(default=1)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def business_date(self, at: datetime) -> date:
        """Return the shop's calendar day of a moment."""
        return days.business_date(at, self.timezone)

    def local(self, at: datetime) -> datetime:
        """Return a moment on the shop's own clock."""
        return at.astimezone(days.zone(self.timezone))

    def moment(self, day: date, clock: str) -> datetime:
        """Return the moment of a clock time ("HH:MM") on the shop's day."""
        return days.moment(day, clock, self.timezone)

    def open_on(self, day: date) -> tuple[datetime, datetime]:
        """Return when customers can come on ``day``."""
        return self.moment(day, self.opens), self.moment(day, self.closes)

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """Return the first moment of ``day`` and of the next day."""
        return self.moment(day, "00:00"), self.moment(day + timedelta(days=1), "00:00")


_FIRST = select(Shop).order_by(Shop.id).limit(1)


def renew(tx: Session, shop_id: int) -> None:
    """Let every process read the menu, stations, shifts and skills again: what they keep in memory is old."""
    tx.execute(update(Shop).where(Shop.id == shop_id).values(menu_version=Shop.menu_version + 1))


def only_shop(tx: Session) -> Shop | None:
    """Return the shop of this installation (the first one), or None before one is founded."""
    return tx.scalars(_FIRST).first()
