"""The team: who is in it, what they are, and who may change that.

A manager looks after the roles below managers; only whoever may manage roles touches the others. Nobody
changes their own role or shuts themselves out, and the last owner stays.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.belonging import found_in
from shop.core.errors import N_, Conflict, Denied, Invalid
from shop.core.events import record
from shop.core.permissions import Permission, Role
from shop.people import passwords
from shop.people.rights import may
from shop.people.shops import Shop, renew
from shop.people.staff import Staff

BELOW_MANAGER = frozenset({Role.CLERK, Role.BAKER, Role.COURIER})
USUAL = 3
"""How well somebody does what nothing is said about."""
LOGIN = re.compile(r"[a-z0-9][a-z0-9.-]{1,31}")


@dataclass(frozen=True)
class StaffForm:
    """What is asked about a person of the team; ``skills`` are kinds of stage, ``levels`` as in `Staff`."""

    name: str
    role: Role
    skills: Sequence[str] = ()
    language: str = ""
    active: bool = True
    levels: Mapping[str, int] = field(default_factory=dict)


def roster(session: Session, shop: Shop) -> list[Staff]:
    """Return everybody of the team: who works here now first, then by role and name."""
    order = {role: place for place, role in enumerate(Role)}
    people = session.scalars(select(Staff).where(Staff.shop_id == shop.id)).all()
    return sorted(people, key=lambda each: (not each.active, order[Role(each.role)], each.id))


def find_member(session: Session, shop: Shop, staff_id: int) -> Staff:
    """Return a person of this shop's team; raises `Missing`."""
    return found_in(session, shop.id, Staff, staff_id)


def roles_for(session: Session, boss: Staff) -> tuple[Role, ...]:
    """Return the roles this person may give and look after."""
    if may(session, boss, Permission.ROLE_MANAGE):
        return tuple(Role)
    if may(session, boss, Permission.STAFF_MANAGE):
        return tuple(role for role in Role if role in BELOW_MANAGER)
    return ()


def make_staff(
    tx: Session, shop: Shop, form: StaffForm, *, login: str, password: str, by: Actor, at: datetime
) -> tuple[Staff, str]:
    """Add a person; returns them with the recovery code, shown once, of a new owner ("" for others).

    Raises `Invalid` (fields ``login``, ``name``, ``password``) and `Denied`.
    """
    login = login.strip().lower()
    _allow(tx, by, form.role)
    if not LOGIN.fullmatch(login):
        raise Invalid(N_("A sign-in name has 2 to 32 small letters, digits, dots or dashes."), field="login")
    _one_at_a_time(tx, shop.id)
    taken = select(Staff.id).where(Staff.shop_id == shop.id, Staff.login == login)
    if tx.scalars(taken).first() is not None:
        raise Invalid(N_("Somebody of the team already has this sign-in name."), field="login")
    passwords.check_choice(shop, login, password)
    person = Staff(shop_id=shop.id, login=login, password_hash=passwords.hash_password(password))
    _fill(person, form)
    code = ""
    if form.role == Role.OWNER:
        code, person.recovery_hash = passwords.new_recovery_code()
    tx.add(person)
    tx.flush()
    renew(tx, shop.id)
    record(tx, shop.id, "staff_added", by=by, at=at, topics=("staff",), staff=person.id, role=form.role.value)
    return person, code


def change_staff(tx: Session, person: Staff, form: StaffForm, *, by: Actor, at: datetime) -> None:
    """Change a person of the team; a new role or an end takes effect with their next request.

    The diary keeps old and new; saved as it was, nothing is written.

    Raises `Invalid` (field ``name``), `Denied` for a role out of reach, `Conflict` for the last owner.
    """
    tx.refresh(person, with_for_update=True)
    was = Role(person.role)
    ends = person.active and not form.active
    if by == Actor.staff(person.id) and (form.role != was or ends):
        raise Denied(N_("Nobody can change their own role or end their own access. Ask another owner."))
    _allow(tx, by, was)
    _allow(tx, by, form.role)
    if was == Role.OWNER and person.active and (form.role != was or ends):
        _keep_an_owner(tx, person)
    before = _known_of(person)
    _fill(person, form)
    changes = [
        {"field": k, "was": before[k], "now": v} for k, v in _known_of(person).items() if v != before[k]
    ]
    if not changes:
        return
    if form.role != Role.OWNER:
        person.recovery_hash = ""
    if ends or form.role != was:
        person.session_version += 1
    renew(tx, person.shop_id)
    record(
        tx,
        person.shop_id,
        "staff_changed",
        by=by,
        at=at,
        topics=("staff",),
        staff=person.id,
        changes=changes,
    )


def look_after(tx: Session, person: Staff, *, by: Actor) -> None:
    """Raise `Denied` unless ``by`` may change this person's access (everybody may change their own password)."""
    if by != Actor.staff(person.id):
        _allow(tx, by, Role(person.role))


def _known_of(person: Staff) -> dict[str, object]:
    """What the diary tells of a person, old and new."""
    return {
        "name": person.name, "role": person.role, "skills": list(person.skills), "levels": dict(person.levels),
        "language": person.language, "active": person.active,
    }  # fmt: skip


def _fill(person: Staff, form: StaffForm) -> None:
    name = form.name.strip()
    if not 1 <= len(name) <= 60:
        raise Invalid(N_("Please write the name the team knows this person by."), field="name")
    person.name, person.role, person.active = name, form.role.value, form.active
    person.skills, person.language = list(form.skills), form.language
    if any(not 1 <= level <= 5 for level in form.levels.values()):
        raise Invalid(N_("Please choose a level from 1 to 5."), field="levels")
    person.levels = {
        skill: form.levels[skill] for skill in form.skills if form.levels.get(skill, USUAL) != USUAL
    }


def _allow(tx: Session, by: Actor, role: Role) -> None:
    if by.kind == ActorKind.SYSTEM:
        return
    boss = tx.get(Staff, by.id) if by.kind == ActorKind.STAFF else None
    if boss is None or role not in roles_for(tx, boss):
        raise Denied(N_("Only an owner can look after people of this role."))


def _keep_an_owner(tx: Session, leaving: Staff) -> None:
    others = select(func.count()).where(
        Staff.shop_id == leaving.shop_id, Staff.role == Role.OWNER, Staff.active, Staff.id != leaving.id
    )
    _one_at_a_time(tx, leaving.shop_id)
    if not tx.scalar(others):
        raise Conflict(N_("This is the last owner. Make another owner first."))


def _one_at_a_time(tx: Session, shop_id: int) -> None:
    tx.scalars(select(Shop.id).where(Shop.id == shop_id).with_for_update()).one()
