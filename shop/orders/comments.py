"""What the team writes to each other about an order; a comment for somebody is theirs until it is done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Denied, Invalid, Missing
from shop.core.events import record
from shop.core.keys import Keys
from shop.core.permissions import Permission
from shop.orders.tables import Comment, Order
from shop.people.persons import lock_beside, open_beside
from shop.people.rights import may, roles_that_may
from shop.people.shops import Shop
from shop.people.staff import Person, Staff

LONGEST = 500
FOR_ME_AT_MOST = 20


@dataclass(frozen=True)
class Said:
    """A comment in the clear; ``text`` is empty once its customer was erased. ``to`` is whom it is for."""

    id: int
    order_id: int
    number: str
    text: str
    by_id: int
    by: str
    to_id: int | None
    to: str
    at: datetime
    done_at: datetime | None


def colleagues(session: Session, shop: Shop) -> list[Staff]:
    """Return who reads comments, and can so be given one."""
    roles = roles_that_may(session, shop.id, Permission.ORDER_COMMENT)
    query = select(Staff).where(Staff.shop_id == shop.id, Staff.active, Staff.role.in_(roles))
    return list(session.scalars(query.order_by(Staff.id)))


def comment(
    tx: Session, keys: Keys, shop: Shop, order: Order, text: str, *, by: Actor, at: datetime,
    for_id: int | None = None,
) -> Comment:  # fmt: skip
    """Write a comment on an order, for everybody or for one colleague to see to.

    The diary keeps that it was written, never what. Raises `Invalid` (fields ``text``, ``for_id``).
    """
    text = text.strip()
    if not 1 <= len(text) <= LONGEST:
        raise Invalid(N_("Please write a comment of 1 to %(n)s characters."), field="text", n=LONGEST)
    reader = tx.get(Staff, for_id) if for_id is not None else None
    if for_id is not None and (
        reader is None or reader.shop_id != shop.id or not may(tx, reader, Permission.ORDER_COMMENT)
    ):
        raise Invalid(N_("This person does not read comments. Please choose another."), field="for_id")
    if by.kind is not ActorKind.STAFF or by.id is None:
        raise Denied()
    person = tx.get(Person, order.person_id) if order.person_id else None
    person = person if person is not None and person.key_box else None
    row = Comment(shop_id=shop.id, order_id=order.id, staff_id=by.id, for_id=for_id, box=b"", at=at)
    row.person_id = person.id if person else None
    tx.add(row)
    tx.flush()
    row.box = lock_beside(keys, person, text, about=_about(row.id))
    _note(tx, order, "order_commented", row, by=by, at=at)
    return row


def settle(tx: Session, shop: Shop, comment_id: int, *, by: Actor, at: datetime) -> Comment:
    """Mark a comment as done; once more changes nothing. Its writer and whom it is for may do that."""
    query = select(Comment).where(Comment.id == comment_id, Comment.shop_id == shop.id).with_for_update()
    row = tx.scalars(query).first()
    if row is None or row.for_id is None:
        raise Missing()
    if by.kind is not ActorKind.STAFF or by.id not in (row.for_id, row.staff_id):
        raise Denied(N_("Only whom it is for, or who wrote it, can mark this as done."))
    if row.done_at is None:
        row.done_at = at
        _note(tx, tx.get_one(Order, row.order_id), "comment_settled", row, by=by, at=at)
    return row


def comments_on(session: Session, keys: Keys, order: Order) -> list[Said]:
    """Return the comments on an order, oldest first."""
    return _read(session, keys, _everything().where(Comment.order_id == order.id).order_by(Comment.id))


def waiting_for(session: Session, keys: Keys, shop: Shop, staff: Staff) -> list[Said]:
    """Return what colleagues left for somebody and is not done, oldest first, at most 20."""
    mine = _everything().where(
        Comment.for_id == staff.id, Comment.shop_id == shop.id, Comment.done_at.is_(None)
    )
    return _read(session, keys, mine.order_by(Comment.id).limit(FOR_ME_AT_MOST))


Row = tuple[Comment, Order, Person | None, str, str | None]


def _everything() -> Select[*Row]:
    writer, reader = aliased(Staff), aliased(Staff)
    return (
        select(Comment, Order, Person, writer.name, reader.name)
        .join(Order, Order.id == Comment.order_id)
        .join(writer, writer.id == Comment.staff_id)
        .outerjoin(reader, reader.id == Comment.for_id)
        .outerjoin(Person, Person.id == Comment.person_id)
    )


def _read(session: Session, keys: Keys, query: Select[*Row]) -> list[Said]:
    return [
        Said(
            row.id, order.id, order.number, open_beside(keys, person, row.box, about=_about(row.id)),
            row.staff_id, by, row.for_id, to or "", row.at, row.done_at,
        )
        for row, order, person, by, to in session.execute(query)
    ]  # fmt: skip


def _about(comment_id: int) -> str:
    return f"comment:{comment_id}"


def _note(tx: Session, order: Order, kind: str, row: Comment, *, by: Actor, at: datetime) -> None:
    topics = ("orders", f"order:{order.id}")
    record(
        tx, order.shop_id, kind, by=by, at=at, topics=topics, order_id=order.id, comment=row.id, to=row.for_id
    )
