"""What the benchmark of the books moves: sales, bare rows of the same, whole orders, and Node to check them."""

import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy.orm import Session

from bench.servers import ROOT, a_shop
from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.ledger import post
from shop.menu.card import cached_card
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.placing import place
from shop.orders.promise import quote
from shop.people.shops import only_shop
from web.config import Settings
from web.database import writing
from web.house import house

CLERK = Actor(ActorKind.STAFF, 3, 7)
ENTRY = """INSERT INTO ledger_entry (seq, txid, shop_id, kind, business_date, at, actor_kind, actor_id, order_ref, data,
prev_hash, leaf_hash) VALUES (?, ?, 1, 'payment_captured', '2026-11-21', ?, 'staff', 3, ?, ?, ?, ?)"""
POSTING = "INSERT INTO ledger_posting (seq, n, account, currency, amount) VALUES (?, ?, ?, 'CNY', ?)"


def make_shop(data: Path) -> Flask:
    """Make a demo shop that never refuses an order for want of room, and open it."""
    from wsgi import create_app

    data.mkdir()
    a_shop(data)
    return create_app(Settings.model_validate({"FAIRSLICE_DATA": data, "DATABASE_URL": ""}))


def sale(tx: Session, at: datetime, *, handed_over: bool = False) -> str:
    """Post a payment for a cake, or its hand-over: two or three lines, some data, a random order."""
    order, amount = secrets.token_hex(6), 20_000 + secrets.randbelow(20_000)
    if handed_over:
        lines = [
            ("deposits", amount),
            ("revenue:tangjian:cakes", 800 - amount),
            ("revenue:tangjian:delivery", -800),
        ]
        return post(tx, 1, "order_handed_over", lines, currency="CNY", by=CLERK, at=at, order=order, cakes=1)
    lines = [("till:1", amount), ("deposits", -amount)]
    return post(
        tx, 1, "payment_captured", lines, currency="CNY", by=CLERK, at=at, order=order, method="cash", given=40_000,
        attempt=secrets.token_hex(12),
    )  # fmt: skip


def bare_entry(connection: sqlite3.Connection) -> None:
    """Write the rows of a payment into the books, with nothing around them: no hash, no tree."""
    connection.execute("BEGIN IMMEDIATE")
    seq = connection.execute("SELECT size + 1 FROM ledger_head").fetchone()[0]
    connection.executemany(POSTING, [(seq, 0, "till:1", 26800), (seq, 1, "deposits", -26800)])
    data = json.dumps({"attempt": secrets.token_hex(12), "given": 40_000, "method": "cash"})
    now, mark = str(datetime.now(UTC).replace(tzinfo=None)), secrets.token_hex(32)
    connection.execute(ENTRY, (seq, mark[:32], now, mark[:12], data, mark, mark))
    connection.execute(
        "UPDATE ledger_head SET size = ?, last_hash = ?, last_at = ?, edge = ?",
        (seq, mark, now, json.dumps([mark] * 8)),
    )
    connection.execute("COMMIT")


def one_order(app: Flask) -> Any:
    """Place an order for the earliest time by the shop's own verb, without a request around it."""
    with writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        at, card = house().clock.now(), cached_card(tx, shop)
        cart = Cart(lines=[CartLine("strawberry-cream", 8)])
        cart.due_at = quote(tx, shop, card, price_cart(card, cart).lines, at=at).earliest
        return place(tx, house().keys, shop, card, cart, channel="kiosk", by=SYSTEM, at=at, prepaid=False)


def node() -> list[str]:
    """Node, from the wheel that the front-end files are made with."""
    wheel = re.findall(r'^NODE = "(.+)"$', (ROOT / "bin" / "setup.py").read_text(), re.M)[0]
    tools = ROOT / ".venv" / "bin"
    return [
        str(tools / "uv"),
        "tool",
        "run",
        "--quiet",
        "--python",
        str(tools / "python"),
        "--from",
        wheel,
        "node",
    ]
