"""Money at random (trust.md T14): so many of the shop's own verbs in any order, and every account agrees to the cent.

The short form prints the size it ran; ``FAIRSLICE_LONG=1`` does 100,000 things on each database.
"""

from __future__ import annotations

import os
import time

import pytest
from flask import Flask
from sqlalchemy import update

from shop.ledger.verifying import verify
from shop.menu.tables import RouteStage, Station
from shop.payments import books, rules
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


@pytest.mark.fault
@pytest.mark.parametrize("wrong", ["a refund of a cent too little", "a sale under another name"])
def test_a_cent_that_goes_astray_is_seen(app: Flask, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The teeth of the test below."""
    if wrong.startswith("a refund"):
        monkeypatch.setattr(rules, "share", lambda amount, percent: max(0, amount * percent // 100 - 1))
    else:
        monkeypatch.setattr(books, "revenue", lambda shop, group: f"revenue:{shop.slug}:cakes")
    with app.app_context():
        play = roomy_shop()
        with pytest.raises(
            AssertionError, match=r"owed back than in the world|in the world and in the books"
        ):
            play.run(600)


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
