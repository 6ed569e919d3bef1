"""The named people of the tests: the cast of the demo shop. ``staff(tx, "mei")`` finds one of them.

Owner chen; partners lin, wang, zhou; managers xu, he; clerks mei, jie; bakers li, zhang, zhao, sun;
couriers gao, wu; auditor zheng. All have the password ``PASSWORD``.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.people.staff import Device, Staff
from shop.upkeep.demo.cast import CAST, PASSWORD

__all__ = ["CAST", "LOGINS", "PASSWORD", "actor", "device", "staff"]

LOGINS = {member.login: member.role for member in CAST}


def staff(tx: Session, login: str) -> Staff:
    """Find a member of the cast."""
    return tx.scalars(select(Staff).where(Staff.login == login)).one()


def actor(tx: Session, login: str) -> Actor:
    """A member of the cast as the ``by=`` of a verb."""
    return Actor.staff(staff(tx, login).id)


def device(tx: Session, kind: str, station: str = "") -> Device:
    """The demo shop's device of a kind, for a kitchen display the one of a station."""
    return tx.scalars(select(Device).where(Device.kind == kind, Device.station == station)).one()
