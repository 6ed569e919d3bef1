"""Who of the demo team was there at a moment."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.permissions import Role
from shop.people.shops import Shop
from shop.people.staff import Shift, Staff


class Rota:
    """The weekly shifts, asked by day."""

    def __init__(self, session: Session, shop: Shop) -> None:
        self.shop = shop
        self.people = {p.id: p for p in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
        self.shifts = list(session.scalars(select(Shift).where(Shift.shop_id == shop.id)))
        self._hours: dict[date, list[tuple[datetime, datetime, Staff]]] = {}

    def hours(self, day: date) -> list[tuple[datetime, datetime, Staff]]:
        """Return (from, to, person) of everybody who works on ``day``."""
        if day not in self._hours:
            self._hours[day] = [
                (self.shop.moment(day, s.starts), self.shop.moment(day, s.ends), self.people[s.staff_id])
                for s in self.shifts
                if s.weekday == day.weekday()
            ]
        return self._hours[day]

    def clerk(self, at: datetime) -> Staff:
        """Return who stood at the counter."""
        sellers = (Role.CLERK, Role.MANAGER)
        here = [p for a, b, p in self.hours(self.shop.business_date(at)) if p.role in sellers and a <= at < b]
        return min(
            here or [p for p in self.people.values() if p.role in sellers], key=lambda p: (p.role, p.id)
        )

    def bakers(self, day: date) -> list[tuple[datetime, datetime, Staff]]:
        """Return the shifts of everybody who works with the cakes on ``day``."""
        return [(a, b, p) for a, b, p in self.hours(day) if p.skills]

    def at_work(self, at: datetime) -> datetime:
        """Return ``at``, or when the first baker of that day comes in."""
        return max(at, min((a for a, _, _ in self.bakers(self.shop.business_date(at))), default=at))

    def tapper(self, at: datetime) -> Staff:
        """Return somebody who could tap "in the oven" at this moment."""
        shifts = self.bakers(self.shop.business_date(at)) or [
            (at, at, p) for p in self.people.values() if p.skills
        ]
        return min(shifts, key=lambda s: (not s[0] <= at <= s[1], abs(s[0] - at), s[2].id))[2]

    def nth_baker(self, number: int) -> Staff:
        """Return one of the bakers, in turn."""
        bakers = sorted((p for p in self.people.values() if p.skills), key=lambda p: p.id)
        return bakers[number % len(bakers)]
