"""Money at random (trust.md T14): so many of the shop's own verbs in any order, and every account agrees to the cent.

The short form prints the size it ran; ``FAIRSLICE_LONG=1`` does 100,000 things on each database.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.ledger.verifying import verify
from shop.menu.tables import RouteStage, Station
from shop.orders import changing, unfetched
from shop.payments import asking, books, coupons, discounts, hidden, off, owed, rules, till
from shop.payments.contract import Answer, Said
from shop.payments.till_tables import LineKind
from shop.people.shops import Shop
from shop.upkeep.invariants import breaches
from tests.shop.payments.closing import RandomShop
from web.database import reading, writing
from web.house import house

STEPS = int(os.environ.get("FAIRSLICE_STEPS", 100_000 if os.environ.get("FAIRSLICE_LONG") else 1_500))
SEED = int(os.environ.get("FAIRSLICE_SEED", 14))


def roomy_shop() -> RandomShop:
    """A kitchen that never refuses an order: only the money matters here."""
    with writing() as tx:
        tx.execute(update(Station).values(places=1_000_000))
        tx.execute(update(RouteStage).values(needs_person=False))
        tx.execute(update(Shop).values(menu_version=Shop.menu_version + 1))
    return RandomShop(SEED)


WRITTEN = books.post


def cent_astray(tx: Session, shop_id: int, kind: str, lines: list[tuple[str, int]], **more: Any) -> str:
    """Write an entry, a cent of a discount as if it had been paid."""
    if dict(lines).get("discount"):
        off = {"discount": -1, "deposits": 1}
        lines = [(account, amount + off.get(account, 0)) for account, amount in lines]
    return WRITTEN(tx, shop_id, kind, lines, **more)


CANCELLED = books.cancelled


def platform_keeps_it(*about: Any, kept: int, waived: int = 0, **more: Any) -> str:
    """Keep what a platform was paid, where some was paid here too."""
    mixed = waived if about[2] else 0
    return CANCELLED(*about, kept=kept + mixed, waived=waived - mixed, **more)


FAULTS: dict[str, tuple[object, str, object]] = {
    "a refund of a cent too little": (
        rules, "share", lambda amount, percent: max(0, amount * percent // 100 - 1),
    ),
    "a sale under another name": (books, "revenue", lambda shop, group: f"revenue:{shop.slug}:cakes"),
    "a discount rounded down": (off, "share", lambda amount, percent: amount * percent // 100),
    "a discount of a cent too little in the books": (books, "post", cent_astray),
    "a cap that does not hold": (discounts, "alone", lambda *_: 10**9),
    "a coupon without an end": (coupons, "used", lambda *_: coupons.Used()),
    "hidden cash as the shop's own": (
        till, "HOW", {**till.HOW, LineKind.HIDDEN_TAKEN: till.How("hidden_cash_taken", 1, "over-short")},
    ),
    "hidden cash that is not handed over": (hidden, "give", lambda *_, **__: None),
    "an envelope that comes back by itself": (hidden, "take_out", lambda *_, **__: None),
    "hidden cash that stays in its drawer": (hidden, "_drawers", lambda *_: []),
    "a code that is over here and not at its provider": (
        asking, "_ask_of_code", lambda provider, charge, over: Answer(Said.CLOSED),
    ),
    "a deposit that stays when the price changes": (
        discounts, "deposit_of", lambda order, total: order.deposit,
    ),
    "an order changed while it is paid": (changing, "check_nobody_pays", lambda *_: None),
    "a platform's money that is kept": (books, "cancelled", platform_keeps_it),
    "money paid back that a bank holds back": (owed, "_held_back", lambda *_: 0),
    "a dispute that is no loss": (books, "LOST", "forfeit"),
    "a cake given up that costs the customer all": (unfetched, "back_for", lambda order, at: 0),
}  # fmt: skip
OFTEN = {
    "a platform's money that is kept": ("make_dearer", "cash", "cancel"),
    "a cake given up that costs the customer all": ("wait", "mark", "give_up"),
}
"""What such a fault needs and seldom comes together by itself."""
SEEN = "in the world|went through|was refused|another|can still be paid|was not wanted"


@pytest.mark.fault
@pytest.mark.parametrize("wrong", FAULTS)
def test_a_cent_that_goes_astray_is_seen(app: Flask, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The teeth of the test below."""
    monkeypatch.setattr(*FAULTS[wrong])
    with app.app_context():
        play = roomy_shop()
        play.acts = [(act, n * (4 if act.__name__ in OFTEN.get(wrong, ()) else 1)) for act, n in play.acts]
        with pytest.raises(AssertionError, match=SEEN):
            play.run(8_000)  # the rare ones take their time; each ends where it is seen


@pytest.mark.fault
def test_every_account_agrees_whatever_happens(app_both: Flask) -> None:
    begun, long = time.monotonic(), "FAIRSLICE_LONG" in os.environ or "FAIRSLICE_STEPS" in os.environ
    lite = app_both.extensions["fairslice"].settings.is_sqlite
    steps = STEPS if lite or long else STEPS // 3  # the same verbs, with more processor time
    with app_both.app_context():
        play = roomy_shop()
        play.run(steps)
        with reading() as session:
            assert breaches(session) == []
            verdict = verify(session, house().seal.public)
            assert verdict.well, verdict
        accounts = len(play.books())
    assert play.world.accounts.total() == 0
    seconds, done = time.monotonic() - begun, play.did.total()
    print(
        f"\n{steps} random steps (seed {SEED}) on {app_both.extensions['fairslice'].settings.database_url[:6]} in "
        f"{seconds:.0f} s: {done} went through, {play.refused.total()} were refused as they should, "
        f"{verdict.size} entries, {accounts} accounts to the cent"
    )
    print(f"went through: {dict(sorted(play.did.items()))}")
