"""Who sells, as the law wants it on papers, and the rate of tax that the shop's prices contain.

Rates are kept with the moment from which they hold, so that an old paper never changes with a new rate.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.types import say
from shop.documents.words import said
from shop.ledger import post
from shop.ledger.canonical import stamp
from shop.people.shops import Shop
from shop.printing.slip import readable_phone

LONGEST = 200


@dataclass(frozen=True)
class Seller:
    """What the shop has said of itself; everything may be empty."""

    name: str = ""
    tax_number: str = ""
    address: str = ""
    bank: str = ""


def seller_of(shop: Shop) -> Seller:
    """Return what papers say of the seller beside the shop's own name and address."""
    return Seller(**(shop.settings.get("seller") or {}))


def rate_at(shop: Shop, at: datetime) -> int | None:
    """Return the rate of tax (basis points) that prices contained at a moment, None before the shop named one."""
    then = [rate for since, rate in shop.settings.get("tax_rates", []) if since <= stamp(at)]
    return then[-1] if then else None


def change_seller(
    tx: Session, shop: Shop, seller: Seller, rate: int | None, *, by: Actor, at: datetime
) -> None:
    """Say anew who sells and at which rate from now on; papers that are issued stay as they are.

    A new rate is an entry of the books. Raises `Invalid` naming ``tax_number``, ``name``, ``address`` or ``bank``.
    """
    seller = Seller(**{field: text.strip() for field, text in asdict(seller).items()})
    for field, text in asdict(seller).items():
        if len(text) > LONGEST or not text.isprintable():
            raise Invalid(N_("Please keep this under %(n)s characters."), field=field, n=LONGEST)
    row = tx.get(Shop, shop.id, with_for_update=True)
    assert row is not None
    was, rates = seller_of(row), list(row.settings.get("tax_rates", []))
    before = rates[-1][1] if rates else None
    if (seller, rate) == (was, before):
        return
    if rate != before:
        rates.append([stamp(at), rate])
        post(tx, shop.id, "tax_rate_changed", [], currency=shop.currency, by=by, at=at, was=before, now=rate)
    row.settings = {**row.settings, "seller": asdict(seller), "tax_rates": rates}
    record(tx, shop.id, "seller_changed", by=by, at=at, topics=("menu", "money"),
           before={**asdict(was), "rate": before}, after={**asdict(seller), "rate": rate})  # fmt: skip


def seller_facts(shop: Shop) -> dict[str, object]:
    """Return who sells, in all languages, as a document keeps it."""
    return {"names": shop.names, "address": shop.address, "phone": shop.phone, **{
        f"legal_{field}": text for field, text in asdict(seller_of(shop)).items()
    }}  # fmt: skip


def seller_lines(facts: dict[str, object], language: str) -> tuple[str, ...]:
    """Return who sells as it stands on paper, from `seller_facts`: the shop's name first."""
    names, address = facts["names"], facts["address"]
    assert isinstance(names, dict) and isinstance(address, dict)
    name, legal = say(names, language), str(facts["legal_name"])
    where = str(facts["legal_address"]) or say(address, language)
    lines = [
        name,
        legal if legal != name else "",
        where,
        _told("phone", readable_phone(str(facts["phone"])), language),
        _told("tax_number", str(facts["legal_tax_number"]), language),
        _told("bank", str(facts["legal_bank"]), language),
    ]
    return tuple(filter(None, lines))


def _told(key: str, what: str, language: str) -> str:
    return said(key, language, what=what) if what else ""
