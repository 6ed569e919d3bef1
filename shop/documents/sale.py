"""What was sold, as plain facts in all languages, and as the rows of a paper in one of them.

A receipt makes the facts anew each time; an invoice keeps those of the moment when it was issued.
"""

from collections.abc import Mapping
from typing import Any

from shop.core.types import say
from shop.documents.paper import Row, RowKind
from shop.documents.tax import rate_words, tax_in
from shop.documents.words import price, said
from shop.orders.finding import OrderSheet
from shop.orders.tables import GIVEN_UP, Line
from shop.printing.slip import DEAD

Facts = Mapping[str, Any]
UNSOLD = (*DEAD, *GIVEN_UP)
"""States of an order that is over and whose cake its customer did not buy; what is kept of the money is no sale."""


def sale_facts(whole: OrderSheet, *, rate: int | None, given_back: int = 0) -> dict[str, Any]:
    """Return lines, delivery, discount, what was given back later, total and tax; amounts in minor units."""
    order = whole.order
    total = order.total - given_back
    return {
        "currency": order.currency, "lines": [_line(each.line) for each in whole.lines], "fee": order.fee,
        "discount": order.discount, "given_back": given_back, "total": total, "rate": rate,
        "tax": tax_in(total, rate) if rate is not None else 0,
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "names": line.names, "inch": line.inch, "quantity": line.quantity, "each": line.unit_price,
        "total": line.total, "parts": [[part["words"], int(part["amount"])] for part in line.parts],
        "options": list(line.option_words), "candles": line.candles,
    }  # fmt: skip


def sale_rows(facts: Facts, language: str) -> tuple[Row, ...]:
    """Return what was bought with its options and surcharges, the delivery, the discount, the total and its tax."""
    currency = facts["currency"]
    rows = [row for line in facts["lines"] for row in _line_rows(line, currency, language)]
    for key, amount in (
        ("delivery", facts["fee"]),
        ("discount", -facts["discount"]),
        ("given_back", -facts["given_back"]),
    ):
        if amount:
            rows.append(Row(said(key, language), price(amount, currency)))
    return (*rows, *total_rows(facts, language))


def total_rows(facts: Facts, language: str, *, sign: int = 1) -> tuple[Row, ...]:
    """Return the total and, where the shop has a rate, the tax in it and what is left without it."""
    total, tax, rate, currency = facts["total"], facts["tax"], facts["rate"], facts["currency"]
    rows = [Row(said("total", language), price(sign * total, currency), RowKind.TOTAL)]
    if rate is not None:
        rows.append(
            Row(said("tax", language, rate=rate_words(rate)), price(sign * tax, currency), RowKind.SUM)
        )
        rows.append(Row(said("net", language), price(sign * (total - tax), currency), RowKind.SUM))
    return tuple(rows)


def _line_rows(line: Facts, currency: str, language: str) -> list[Row]:
    name = f"{say(line['names'], language)} {said('size', language, n=line['inch'])}"
    many = f" × {line['quantity']}" if line["quantity"] > 1 else ""
    rows = [Row(name + many, price(line["total"], currency))]
    if line["quantity"] > 1:
        rows.append(Row(said("each", language, amount=price(line["each"], currency)), kind=RowKind.PART))
    if len(line["parts"]) > 1:
        rows += [
            Row(say(words, language), price(amount, currency), RowKind.PART)
            for words, amount in line["parts"]
        ]
    priced = [words for words, _ in line["parts"]] if len(line["parts"]) > 1 else []
    chosen = [say(option, language) for option in line["options"] if option not in priced]
    if line["candles"]:
        chosen.append(said("candle" if line["candles"] == 1 else "candles", language, n=line["candles"]))
    if any(chosen):
        rows.append(Row(" · ".join(filter(None, chosen)), kind=RowKind.PART))
    return rows
