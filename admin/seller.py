"""Who sells, for receipts and invoices, and the rate of tax that the shop's prices contain."""

from typing import Any

from flask import request, url_for

from admin import entries
from shop.documents.seller import Seller, change_seller, rate_at, seller_of
from shop.documents.tax import rate_words, read_rate
from web.access import Made, Session, actor
from web.house import now, this_shop


def seller_shown() -> dict[str, Any]:
    """Return what the settings page shows of the seller."""
    rate = rate_at(this_shop(), now())
    return {"seller": seller_of(this_shop()), "tax_rate": "" if rate is None else rate_words(rate)}


def save_seller(tx: Session) -> Made:
    """Say anew who sells and at which rate of tax; papers that are issued stay as they are."""
    seller = Seller(*(entries.text(name) for name in ("legal_name", "tax_number", "legal_address", "bank")))
    rate = read_rate(request.form.get("rate", "")[:20])
    change_seller(tx, this_shop(), seller, rate, by=actor(), at=now())
    return entries.done(url_for("admin.settings"))
