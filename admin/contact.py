"""The customer's contact: masked on the sheet, shown on purpose, and each look is written down."""

from flask import Response

from admin.around import allowed
from shop.orders.finding import by_id
from shop.orders.tables import Order
from shop.people.persons import Contact, masked, note_revealed, reveal
from shop.people.staff import Person
from web.access import Made, Session, actor
from web.database import reader
from web.front import swapping
from web.house import keys, now, this_shop
from web.pages import page


def contact_of(row: Order) -> Contact | None:
    """Return the customer's contact, masked, for those who may see it at all."""
    if row.person_id is None or not allowed("person:see"):
        return None
    person = reader().get(Person, row.person_id)
    return masked(reveal(keys(), person)) if person else None


def reveal_contact(tx: Session, order_id: int) -> Made:
    """Note in the diary that somebody looks; what they see is stored nowhere."""
    row = by_id(tx, this_shop(), order_id)
    person = tx.get(Person, row.person_id) if row.person_id else None
    if person is not None:
        note_revealed(tx, person, by=actor(), at=now(), order_id=order_id)
    return {"order": order_id}


def contact_shown(made: Made, order_id: int) -> Response:
    """Show name, phone, note and the slip's PIN: as a part of the sheet, or as a page of its own."""
    row = by_id(reader(), this_shop(), order_id)
    person = reader().get(Person, row.person_id) if row.person_id else None
    contact = reveal(keys(), person) if person else Contact()
    name = "admin/_contact.html" if swapping() else "admin/contact.html"
    return page(name, order=row, contact=contact, shown=True)
