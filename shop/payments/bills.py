"""Bringing a provider's daily bill into the shop: fetched by the worker, or uploaded by a person.

The file is kept as it came, under its SHA-256; the books say that it came. The same file twice is one, and so is a
line that stands in two files.
"""

import csv
import hashlib
import os
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.store import new_row
from shop.ledger import post
from shop.payments.asking import Office
from shop.payments.bill_tables import OPEN, Bill, BilledLine, Source, Standing
from shop.payments.contract import BillLine, ProviderAway
from shop.payments.matching import bounds, match_open, note_missing, ours_of
from shop.payments.providers import ONLINE
from shop.payments.tables import Payment
from shop.payments.yuan import BEIJING
from shop.people.shops import Shop, only_shop

MOST = 4 * 1024 * 1024
"""Bytes of a file that a person uploads."""
READY = "10:00"
"""When a provider's bill of the day before can be fetched, on the shop's clock."""
PATIENCE = timedelta(hours=24)
"""How long a bill that has nothing of ours in it is taken as not made yet."""
LOOK_BACK = timedelta(days=60)
AT_ONCE = 10
Reading = Callable[[], AbstractContextManager[Session]]


def keep(folder: Path, file: bytes) -> str:
    """Keep a bill's file in ``folder`` under its SHA-256, readable by nobody else; returns that."""
    name = hashlib.sha256(file).hexdigest()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / name).exists():
        new = folder / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(file)
            out.flush()
            os.fsync(out.fileno())
        new.replace(folder / name)
    return name


def read(method: str, day: date, file: bytes, *, at: datetime) -> list[BillLine]:
    """Read a file that a person has; raises `Invalid` naming ``file`` or ``day``."""
    if day >= at.astimezone(BEIJING).date():
        raise Invalid(N_("This day is not over yet for the provider."), field="day")
    if not file:
        raise Invalid(N_("Please choose the file."), field="file")
    if len(file) > MOST:
        raise Invalid(N_("This file is too large: at most 4 MB."), field="file")
    try:
        lines = ONLINE[method].read(file)
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error) as trouble:
        raise Invalid(N_("This is not a bill of this provider."), field="file") from trouble
    if not lines:
        raise Invalid(N_("No payment and no refund stands in this file."), field="file")
    begin, end = bounds(day)
    if any(line.kind == "payment" and not begin <= line.at < end for line in lines):
        raise Invalid(N_("This file is of another day."), field="file")
    return lines


def bring_in(
    tx: Session, shop: Shop, method: str, account: str, day: date, file: bytes, lines: Sequence[BillLine], *,
    source: Source, by: Actor, at: datetime,
) -> Bill:  # fmt: skip
    """Write a bill down, match its lines and note what is missing in it. The same file again changes nothing."""
    doc = hashlib.sha256(file).hexdigest()
    mine = {"shop_id": shop.id, "method": method, "account": account, "day": day, "doc_hash": doc}
    there = select(Bill).filter_by(**mine)
    values = mine | {"size": len(file), "lines": len(lines), "source": source, "at": at, "txid": "",
                     "by_staff": by.id if by.kind is ActorKind.STAFF else None}  # fmt: skip
    new = tx.scalar(new_row(tx, Bill).values(**values).returning(Bill.id))
    bill = tx.scalars(there).one()
    if new is None:
        return bill
    bill.txid = post(
        tx, shop.id, "bill_imported", [], currency=shop.currency, by=by, at=at, document=doc, method=method,
        account=account, day=day.isoformat(), lines=len(lines), source=source.value,
    )  # fmt: skip
    record(tx, shop.id, "bill_imported", by=by, at=at, topics=("money",), bill=bill.id, method=method,
           day=day.isoformat(), lines=len(lines))  # fmt: skip
    match_open(tx, shop, fresh=_write(tx, bill, lines, at), by=by, at=at)
    note_missing(tx, bill, at=at)
    return bill


def _write(tx: Session, bill: Bill, lines: Sequence[BillLine], at: datetime) -> list[int]:
    """Write the lines that no earlier file had, in one order, so that two who bring them in wait in turn."""
    seen: Counter[str] = Counter()
    rows = []
    for line in lines:
        said = (line.kind, line.trade_no, line.attempt, line.refund, str(line.amount), line.currency)
        key = "|".join(said)
        seen[key] += 1
        rows.append({
            "shop_id": bill.shop_id, "bill_id": bill.id, "method": bill.method, "account": bill.account,
            "key": f"{key}|{seen[key]}", "kind": line.kind, "trade_no": line.trade_no, "attempt": line.attempt,
            "refund": line.refund, "amount": line.amount, "fee": line.fee, "gap": line.amount,
            "currency": line.currency, "at": line.at, "seen_at": at, "standing": Standing.UNKNOWN_TO_US,
            "note": "", "salt": "",
        })  # fmt: skip
    written = []
    for row in sorted(rows, key=lambda row: str(row["key"])):
        new = new_row(tx, BilledLine).values(**row).returning(BilledLine.id)
        written.append(tx.scalar(new))
    return [number for number in written if number is not None]


def days_due(session: Session, shop: Shop, method: str, account: str, *, at: datetime) -> list[date]:
    """Return the provider's days whose bill should be here and is not, oldest first, two months back at most."""
    first = session.scalar(
        select(func.min(Payment.made_at)).where(
            Payment.shop_id == shop.id, Payment.account == f"psp:{method}:{account}"
        )
    )
    if first is None:
        return []
    today = at.astimezone(BEIJING).date()
    day, found = max(first.astimezone(BEIJING).date(), today - LOOK_BACK), []
    here = set(session.scalars(select(Bill.day).where(
        Bill.shop_id == shop.id, Bill.method == method, Bill.account == account, Bill.source == Source.FETCHED
    )))  # fmt: skip
    while day < today and at >= shop.moment(day + timedelta(days=1), READY):
        if day not in here:
            found.append(day)
        day += timedelta(days=1)
    return found


def fetch_due(office: Office, reading: Reading, folder: Path) -> int:
    """Fetch every bill that is due, outside of any transaction; returns how many came.

    A provider that is away is asked again at the next look. Lines that waited for a payment are tried once more.
    """
    came = 0
    for method in ONLINE:
        provider = office.provider(method)
        if provider is None:
            continue
        with reading() as session:
            shop = only_shop(session)
            due = days_due(session, shop, method, provider.account, at=office.now()) if shop else []
        for day in due[:AT_ONCE]:
            try:
                file, lines = provider.bill(day)
            except ProviderAway:
                break
            came += _take(office, method, provider.account, day, file, lines, folder)
    _try_again(office, reading)
    return came


def _take(
    office: Office, method: str, account: str, day: date, file: bytes, lines: list[BillLine], folder: Path
) -> int:
    at = office.now()
    keep(folder, file)
    with office.writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        made = shop.moment(day + timedelta(days=1), READY)
        draft = Bill(shop_id=shop.id, method=method, account=account, day=day)
        if not lines and at < made + PATIENCE and ours_of(tx, draft):
            return 0  # there was something that day: the bill is late, not empty
        bring_in(tx, shop, method, account, day, file, lines, source=Source.FETCHED, by=SYSTEM, at=at)
    return 1


def _try_again(office: Office, reading: Reading) -> None:
    """A payment may have been booked after the bill that names it had come."""
    waits = select(BilledLine.id).where(BilledLine.standing.in_(OPEN), BilledLine.explained_at.is_(None))
    with reading() as session:
        if session.scalar(waits.limit(1)) is None:
            return
    with office.writing() as tx:
        shop = only_shop(tx)
        if shop is not None:
            match_open(tx, shop, at=office.now())
