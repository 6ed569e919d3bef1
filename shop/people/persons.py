"""Personal data of customers: kept in boxes only, searched blind, shown on purpose, erased for good.

Each person has a key of their own, wrapped by the master key; every box is bound to its person and field.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Invalid
from shop.core.events import record
from shop.core.keys import Keys
from shop.ledger.canonical import canonical
from shop.people import names
from shop.people.shops import Shop
from shop.people.staff import Person, PersonWord

FOUND_AT_MOST = 50
FIELDS = ("name", "phone", "address", "note", "place", "tax_number")


@dataclass(frozen=True)
class Contact:
    """What a customer told us, in the clear; ``phone`` is E.164, ``place`` north and east in degrees.

    ``tax_number`` is that of a buyer whom an invoice is for: a person beside the customer of the order.

    Empty after the person was erased.
    """

    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    place: str = ""
    tax_number: str = ""


def keep_person(
    tx: Session,
    keys: Keys,
    shop: Shop,
    *,
    name: str,
    phone: str,
    address: str = "",
    note: str = "",
    place: str = "",
    tax_number: str = "",
    at: datetime,
) -> Person | None:
    """Lock away what a customer told us; None when that was nothing.

    Raises `Invalid` (field ``phone``) for an impossible number.
    """
    told = Contact(*(text.strip() for text in (name, phone, address, note, place, tax_number)))
    if told == Contact():
        return None
    number = names.phone_e164(shop, told.phone) if told.phone else ""
    person = Person(shop_id=shop.id, uid=secrets.token_hex(16), made_at=at)
    person.key_box = keys.new_person_key(person.uid)
    key = keys.person_key(person.key_box, person.uid)
    for field, text in asdict(replace(told, phone=number)).items():
        box = keys.lock(text, about=f"{person.uid}:{field}", key=key) if text else None
        setattr(person, f"{field}_box", box)
    if number:
        person.phone_index = keys.index("phone", number)
        person.phone_last4_index = keys.index("last4", number[-4:])
    tx.add(person)
    tx.flush()
    words = {keys.index("word", word) for word in names.name_words(told.name)}
    tx.add_all(PersonWord(person_id=person.id, word=word) for word in sorted(words))
    return person


def reveal(keys: Keys, person: Person) -> Contact:
    """Open the boxes. Whoever shows this to somebody notes it in the diary."""
    if person.key_box is None:
        return Contact()
    key = keys.person_key(person.key_box, person.uid)
    boxes = {field: getattr(person, f"{field}_box") for field in FIELDS}
    return Contact(
        **{
            field: keys.unlock(box, about=f"{person.uid}:{field}", key=key)
            for field, box in boxes.items()
            if box
        }
    )


def fingerprint(keys: Keys, person: Person | None) -> str | None:
    """Return what a document keeps of a person instead of their data, None for nobody or somebody erased.

    It is the SHA-256 of a salt and the canonical JSON of what they told. The salt comes from their own key, so that
    nobody can make the fingerprint again, or try names for it, once the person is erased.
    """
    if person is None or person.key_box is None:
        return None
    salt = hmac.digest(keys.person_key(person.key_box, person.uid), b"fingerprint", "sha256")
    return hashlib.sha256(salt + canonical(asdict(reveal(keys, person)))).hexdigest()


def lock_beside(keys: Keys, person: Person | None, text: str, *, about: str) -> bytes:
    """Lock a text that may speak of a customer: with their key, so that it is erased with them."""
    key = keys.person_key(person.key_box, person.uid) if person is not None and person.key_box else None
    return keys.lock(text, about=about, key=key)


def open_beside(keys: Keys, person: Person | None, box: bytes, *, about: str) -> str:
    """Open what `lock_beside` locked; "" once the person was erased."""
    if person is None:
        return keys.unlock(box, about=about)
    if person.key_box is None:
        return ""
    return keys.unlock(box, about=about, key=keys.person_key(person.key_box, person.uid))


def masked(contact: Contact) -> Contact:
    """Return enough to tell people apart by (王*士, +86 138****5678), and no more."""
    return Contact(names.mask_name(contact.name), names.mask_phone(contact.phone))


def note_revealed(
    tx: Session, person: Person, *, by: Actor, at: datetime, order_id: int | None = None
) -> None:
    """Write into the diary that somebody looked at a customer's name and phone."""
    record(
        tx,
        person.shop_id,
        "person_revealed",
        by=by,
        at=at,
        topics=("staff",),
        order_id=order_id,
        person=person.id,
    )


def erase(tx: Session, person: Person, by: Actor, at: datetime) -> None:
    """Destroy the person's key and boxes; orders and money stay, without a name."""
    for field in ("key", *FIELDS):
        setattr(person, f"{field}_box", None)
    person.phone_index = person.phone_last4_index = None
    tx.execute(delete(PersonWord).where(PersonWord.person_id == person.id))
    record(tx, person.shop_id, "person_erased", by=by, at=at, topics=("orders",), person=person.id)


def find_persons(session: Session, keys: Keys, shop: Shop, text: str) -> Sequence[Person]:
    """Find people by whole phone, its last four digits, name, part of a Chinese name, or pinyin initials.

    Newest first, at most 50; nobody for an empty text.
    """
    query = select(Person).where(Person.shop_id == shop.id).order_by(Person.id.desc()).limit(FOUND_AT_MOST)
    digits = re.sub(r"\D", "", names.plain(text))
    if len(digits) == 4:
        return session.scalars(query.where(Person.phone_last4_index == keys.index("last4", digits))).all()
    if len(digits) > 4:
        try:
            number = names.phone_e164(shop, names.plain(text))
        except Invalid:
            return []
        return session.scalars(query.where(Person.phone_index == keys.index("phone", number))).all()
    words = {keys.index("word", word) for word in names.asked_words(text)}
    if not words:
        return []
    having_all = (
        select(PersonWord.person_id)
        .where(PersonWord.word.in_(words))
        .group_by(PersonWord.person_id)
        .having(func.count() == len(words))
    )
    return session.scalars(query.where(Person.id.in_(having_all))).all()
