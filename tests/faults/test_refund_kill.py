"""A refund is sent once, whenever the server dies: kill -9 at every step of the worker, really, one after the other."""

from __future__ import annotations

from signal import SIGKILL

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.ledger.tables import Entry
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments.tables import Refund
from tests import cast, counter
from tests.live_server import process_beside
from tests.shop.payments.conftest import Counter, shop_counter
from web.database import reading, writing
from web.house import now

__all__ = ["shop_counter"]
WORKER = """
import os, signal, sys
from contextlib import contextmanager
from datetime import datetime
import wsgi
from shop.payments.asking import Office, ask_due
from web.database import writing
from web.house import house

def work(at, deadly):
    step = 0

    def here():
        nonlocal step
        step += 1
        if step == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def watched():
        here()  # before the transaction
        with writing() as tx:
            yield tx
            here()  # all is written, nothing is committed
        here()  # it is committed

    class Watched:
        def __init__(self, provider):
            self.provider = provider
        def __getattr__(self, name):
            call = getattr(self.provider, name)
            def watched_call(*args):
                here()  # nothing has been sent
                said = call(*args)
                here()  # it was sent, the answer is not written down
                return said
            return watched_call

    with wsgi.create_app().app_context():
        provider = house().providers.get
        ask_due(Office(watched, lambda key: Watched(provider(key)), house().settings.public_url, lambda: at))

print("ready", flush=True)
for line in sys.stdin:  # it has opened nothing itself: each fork is a worker of its own, without the wait for imports
    at, deadly = line.split()
    worker = os.fork()
    if worker == 0:
        try:
            work(datetime.fromisoformat(at), int(deadly))
        finally:
            os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), flush=True)
"""


def cancelled_order(shop_counter: Counter, method: str) -> tuple[int, int]:
    """A strawberry cake that was paid by phone and cancelled; returns the payment's and the refund's id."""
    order_id, payment = shop_counter.shown(method)
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        progress.cancel(
            tx, shop, tx.get_one(Order, order_id), by=cast.by(tx, "mei"), at=now(), reason="customer"
        )
        refund = tx.scalars(select(Refund).where(Refund.order_id == order_id)).one()
    return payment, refund.id


STEPS, AROUND = range(4, 12), range(6, 9)
"""The worker's first three steps are about payments, of which none is due; then come the eight of a refund. PostgreSQL,
which does the same with more processor time, dies around the call to the provider only."""


@pytest.mark.fault
def test_killed_at_each_step_the_money_goes_back_once(app_both: Flask, shop_counter: Counter) -> None:
    steps = STEPS if app_both.extensions["fairslice"].settings.is_sqlite else AROUND
    workers = process_beside(app_both, WORKER)
    assert workers.stdin and workers.stdout
    for done, deadly in enumerate(steps, 1):
        payment, refund = cancelled_order(shop_counter, "alipay" if deadly % 2 else "wechat")
        workers.stdin.write(f"{now().isoformat()} {deadly}\n")
        workers.stdin.flush()
        assert int(workers.stdout.readline()) == -SIGKILL, f"step {deadly}: it should have died"
        shop_counter.look(minutes=1)
        shop_counter.look(minutes=1)
        assert shop_counter.sent_back(payment) == 26800, f"step {deadly}: not exactly once"
        with reading() as session:
            assert session.get_one(Refund, refund).state == "refunded"
            paid = select(func.count()).select_from(Entry).where(Entry.kind == "refund_paid")
            assert session.scalar(paid) == done, f"step {deadly}: the books say something else"
    workers.communicate()
    assert shop_counter.books() == []
    print(f"\nkilled at {len(steps)} steps: each refund went back once")
