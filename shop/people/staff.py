"""Staff: people who sign in, what they can do at which stage, and when they are here."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class Staff(Base):
    """A person of the team. ``login`` is lower case; ``skills`` are kinds of stage (bake, build ...).

    ``levels`` says how well, 1 to 5 by kind (3 where nothing is said). ``courier`` is what a courier rides with:
    ``{"box": 4, "cold": true, "areas": ["jingan"]}``.
    """

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("shop_id", "login"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    login: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str] = mapped_column(default="")
    recovery_hash: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    skills: Mapped[list[str]] = mapped_column(default=list)
    levels: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    courier: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    signed_in_at: Mapped[datetime | None]

    def session_id(self) -> str:
        """Return what a session remembers: the person, and the version of their sessions."""
        return f"{self.id}:{self.session_version}"


class SignInTry(Base):
    """A failed or successful sign-in, counted by account and by address (both as blind indexes); kept for a day.

    ``staff_id`` is who came in, ``browser`` the blind index of the cookie by which that browser is known again.
    """

    __tablename__ = "sign_in_try"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(index=True)
    origin: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    ok: Mapped[bool]
    staff_id: Mapped[int | None] = mapped_column(Id, index=True)
    browser: Mapped[str] = mapped_column(default="", server_default="")


class RoleGrant(Base):
    """A shop's own change to what a role may do: ``allowed`` adds, otherwise it takes away."""

    __tablename__ = "role_grant"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)
    allowed: Mapped[bool]


class Shift(Base):
    """Somebody's weekly hours: Monday is 0; clock times of the shop."""

    __tablename__ = "shift"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    weekday: Mapped[int]
    starts: Mapped[str]
    ends: Mapped[str]


class ShiftChange(Base):
    """One day that differs from the week: other hours, or a day off where ``starts`` is empty."""

    __tablename__ = "shift_change"
    __table_args__ = (UniqueConstraint("staff_id", "day"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    day: Mapped[date]
    starts: Mapped[str] = mapped_column(default="")
    ends: Mapped[str] = mapped_column(default="")


class Person(Base):
    """Personal data of a customer, and nothing else holds any. Boxes are AES-256-GCM under the person's key.

    ``key_box`` is that key wrapped by the master key; erasing the person clears it and all boxes.
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    uid: Mapped[str] = mapped_column(unique=True)
    key_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    note_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    place_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    tax_number_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(index=True)
    phone_last4_index: Mapped[str | None] = mapped_column(index=True)
    made_at: Mapped[datetime]


class PersonWord(Base):
    """A blind index of one word of a person's name, or of its pinyin initials, to search by."""

    __tablename__ = "person_word"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True, index=True)


class Device(Base):
    """A paired kiosk, kitchen display or printer. Its secret is stored hashed; revoked means at once."""

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    kind: Mapped[str]
    name: Mapped[str]
    station: Mapped[str] = mapped_column(default="")
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    code_hash: Mapped[str | None] = mapped_column(index=True)
    code_until: Mapped[datetime | None]
    secret_hash: Mapped[str | None] = mapped_column(index=True)
    paired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
