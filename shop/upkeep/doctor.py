"""The doctor: looks at everything a shop stands on, and says in one line what is wrong and how to mend it."""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shop.core.clock import Clock
from shop.core.days import zone
from shop.core.events import Event
from shop.core.keys import Keys
from shop.core.store import UnsafeStore, refuse_unsafe_sqlite
from shop.ledger.checkpoints import key_of, newest
from shop.ledger.signing import BadNote, Seal, read_note
from shop.ledger.tables import Head
from shop.ledger.verifying import verify
from shop.payments.providers import ONLINE, Providers
from shop.people.devices import DeviceKind
from shop.people.persons import reveal
from shop.people.shops import Shop
from shop.people.staff import Device, Person
from shop.printing import fonts
from shop.printing.printer import PORT

LITTLE, ENOUGH = 500 * 2**20, 2 * 2**30
"""Bytes of disk below which orders may soon be refused, and above which all is well."""
AT_A_GLANCE = 100_000
"""Entries of the books that the doctor reads all at once."""
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No machine's clock is right that shows an earlier day."""


class Health(StrEnum):
    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What one look has found; ``mend`` says what to do where something is not well."""

    about: str
    health: Health
    says: str
    mend: str = ""


def well(about: str, says: str) -> Finding:
    return Finding(about, Health.WELL, says)


def note(about: str, says: str, mend: str) -> Finding:
    return Finding(about, Health.NOTE, says, mend)


def wrong(about: str, says: str, mend: str) -> Finding:
    return Finding(about, Health.WRONG, says, mend)


def look_at_sqlite(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> Finding:
    """Whether this SQLite can be trusted with orders."""
    try:
        refuse_unsafe_sqlite(version)
    except UnsafeStore as trouble:
        return wrong("SQLite", str(trouble), "delete .venv and run bin/serve: set-up installs the right one")
    return well("SQLite", ".".join(map(str, version)))


def look_at_database(session: Session) -> Iterator[Finding]:
    """Whether the database is whole, safe against a power cut, and its diary without a gap."""
    if session.get_bind().dialect.name == "sqlite":
        answer = session.scalar(text("PRAGMA quick_check"))
        if answer != "ok":
            yield wrong("database", f"is damaged: {answer}", "stop the shop and restore the newest backup")
            return
        mode, sync = session.scalar(text("PRAGMA journal_mode")), session.scalar(text("PRAGMA synchronous"))
        if (mode, sync) != ("wal", 2):
            mend = "nothing but Fairslice may open this file: no other program, no network disk"
            yield wrong(
                "database", f"journal {mode}, synchronous {sync}: a power cut could lose orders", mend
            )
            return
        yield well("database", "SQLite file whole, write-ahead log, every commit on disk")
    else:
        version = session.scalar(text("SHOW server_version"))
        if session.scalar(text("SHOW fsync")) != "on":
            yield wrong("database", "PostgreSQL runs with fsync off", "set fsync = on in postgresql.conf")
            return
        yield well("database", f"PostgreSQL {version} answers, every commit on disk")


def look_at_diary(session: Session, shop: Shop) -> Finding:
    """Whether the diary counts without a gap: a row that is missing was taken out by somebody."""
    query = select(func.count(), func.max(Event.seq)).where(Event.shop_id == shop.id)
    lines, last = session.execute(query).one()
    if lines != (last or 0) or (last or 0) != shop.event_seq:
        says = f"{lines} lines, the last is number {last}, the shop counts {shop.event_seq}"
        return wrong("diary", says, "somebody changed the database by hand: restore the newest backup")
    return well("diary", f"{lines} lines without a gap")


def look_at_books(session: Session, seal: Seal) -> Finding:
    """Whether the books are as they were written, and this is the key that signs them."""
    last, seal = newest(session), key_of(session, seal)
    try:
        if last is not None:
            read_note(last.note, seal.public)
    except BadNote as trouble:
        mend = (
            "put back the ledger.key that belongs to this database; a kept checkpoint tells who changed what"
        )
        return wrong("books", f"the last checkpoint {trouble}", mend)
    size = session.scalar(select(Head.size)) or 0
    if size > AT_A_GLANCE:
        mend = "bin/shop ledger verify reads them all, a million in some twenty seconds"
        return note("books", f"{size} entries, {last.size if last else 0} of them signed, not read now", mend)
    books = verify(session, seal.public)
    if not books.well:
        mend = "somebody changed the database by hand: compare with a kept export, then restore a backup"
        return wrong("books", books.says, mend)
    return well("books", f"{size} entries as they were written, {books.checkpoints} times signed")


def look_at_disk(folder: Path) -> Finding:
    """Whether there is room, and whether we may write."""
    if not os.access(folder, os.W_OK):
        return wrong(
            "disk", f"{folder.name} cannot be written", f"give this user the folder: chown -R $USER {folder}"
        )
    free = shutil.disk_usage(folder).free
    says = f"{free / 2**30:.1f} GB free"
    if free < LITTLE:
        return wrong("disk", says, "make room now: a full disk refuses every order")
    return well("disk", says) if free >= ENOUGH else note("disk", says, "make room soon")


def look_at_clock(session: Session, shop: Shop | None, clock: Clock, machine: datetime) -> Iterator[Finding]:
    """Whether the machine's time can be right, and how the demo's runs."""
    if machine < BUILT:
        yield wrong("clock", f"shows {machine:%Y-%m-%d}", "set the machine's time: timedatectl set-ntp true")
        return
    zone(shop.timezone if shop else "Asia/Shanghai")
    now, pace = clock.now(), clock.pace()
    if shop is not None and pace.speed == 1 and not pace.shop:
        last = session.scalar(select(func.max(Event.at)).where(Event.shop_id == shop.id))
        if last is not None and last > now + timedelta(minutes=2):
            mend = "set the machine's time: timedatectl set-ntp true; in the demo shop: bin/shop demo reset"
            yield wrong(
                "clock", f"shows {now:%Y-%m-%d %H:%M} UTC, but the diary knows {last:%Y-%m-%d %H:%M}", mend
            )
            return
    if pace.shop:
        yield note(
            "clock", f"the demo plays: {now:%Y-%m-%d %H:%M} UTC", "real time again: bin/shop demo clock real"
        )
    else:
        yield well("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def look_at_keys(session: Session, keys: Keys, files: list[Path]) -> Iterator[Finding]:
    """Whether the key files are for this user only, and open what they locked."""
    for file in files:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield wrong("keys", f"{file.name} can be read by others", f"chmod 600 {file}")
            return
    person = session.scalars(select(Person).where(Person.key_box.is_not(None)).limit(1)).first()
    if person is not None:
        try:
            reveal(keys, person)
        except InvalidTag:
            mend = "put back the personal.key that belongs to this database; without it names stay locked"
            yield wrong("keys", "do not open the customers' names and phones", mend)
            return
    yield well(
        "keys", f"{len(files)} files, for this user only" + (", they open what they locked" if person else "")
    )


def look_at_printers(session: Session, shop: Shop | None) -> Iterator[Finding]:
    """Whether each printer that has an address answers there."""
    query = select(Device).where(Device.kind == DeviceKind.PRINTER, Device.revoked_at.is_(None))
    printers = [d for d in session.scalars(query) if d.settings.get("host")] if shop else []
    if not printers:
        mend = "give it an address in admin, Devices; until then slips are shown on the screen"
        yield note("printer", "none is set up", mend)
    if fonts.chinese_face("zh_Hans") is None:
        yield note("letters", fonts.MISSING, fonts.HOW_TO_MEND)
    for device in printers:
        host, port = device.settings["host"], int(device.settings.get("port") or PORT)
        try:
            socket.create_connection((host, port), timeout=2).close()
        except OSError as trouble:
            mend = "switch it on, check its cable and its address in admin, Devices"
            yield wrong(
                "printer", f"{device.name} at {host}:{port} does not answer ({trouble.strerror})", mend
            )
        else:
            yield well("printer", f"{device.name} answers at {host}:{port}")


def look_at_address(address: str, local: bool) -> Finding:
    """Whether the QR codes lead to where a customer's phone can go."""
    if local:
        mend = "set PUBLIC_URL to an address that phones can reach; docs/operations.md says how"
        return note("public address", f"{address}: customers' phones cannot open the slip's QR code", mend)
    return well("public address", address)


def look_at_accounts(providers: Providers) -> Iterator[Finding]:
    """Whether the accounts for online payments can be used; nothing is said where there are none."""
    for method in ONLINE:
        try:
            provider = providers.get(method)
        except ValueError as trouble:
            yield wrong(
                "payments",
                str(trouble),
                "docs/operations.md says what stands in it; until then it is not offered",
            )
            continue
        if provider is not None:
            yield well("payments", f"{method}: account {provider.account}")
