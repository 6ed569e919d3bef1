"""``doctor``: what is wrong with this installation, one line each, and how to mend it."""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from shop.people.shops import only_shop
from shop.upkeep import doctor
from shop.upkeep.doctor import Finding, Health
from web.commands import Command
from web.config import ROOT, Settings

NewApp = Callable[[Settings], Flask]
MARKS = {Health.WELL: "ok  ", Health.NOTE: "note", Health.WRONG: "BAD "}


def examine(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Look at everything; the exit code is 1 when something is wrong."""
    return [vars(finding) | {"health": finding.health.value} for finding in findings(options.new_app)]


def findings(new_app: NewApp) -> Iterator[Finding]:
    """Look at one thing after the other; what needs the database comes once it answers."""
    try:
        settings = Settings()
    except ValidationError as trouble:
        first = trouble.errors()[0]
        says = f"{first['loc'][0]} {first['msg'].removeprefix('Value error, ')}"
        yield doctor.wrong("settings", says, "correct this environment variable and start again")
        return
    yield doctor.well("settings", f"database {'SQLite' if settings.is_sqlite else 'PostgreSQL'}")
    if settings.is_sqlite:
        yield doctor.look_at_sqlite()
    if not settings.data.is_dir():
        yield doctor.note("data", f"{settings.data.name} is not there yet", "run bin/serve once")
        return
    yield doctor.look_at_disk(settings.data)
    if not (ROOT / "static" / "vendor" / "manifest.json").is_file():
        yield doctor.wrong(
            "front end", "its libraries are missing", "run bin/serve once: set-up fetches them"
        )
    yield from _with_the_app(settings, new_app)


def _with_the_app(settings: Settings, new_app: NewApp) -> Iterator[Finding]:
    try:
        app = new_app(settings)
    except (OSError, ValueError, RuntimeError) as trouble:
        yield doctor.wrong("keys", str(trouble), "put the right key file back; bin/shop doctor looks again")
        return
    with app.app_context():
        try:
            yield from _with_the_database(settings)
        except (SQLAlchemyError, OSError) as trouble:
            words = " ".join(str(getattr(trouble, "orig", None) or trouble).split())
            yield doctor.wrong("database", words, "check DATABASE_URL, and that the server runs")


def _with_the_database(settings: Settings) -> Iterator[Finding]:
    from web.database import reading
    from web.house import house
    from web.upgrade import at_head, head, revision

    if not revision():
        yield doctor.note("migrations", "the database is empty", "run bin/serve once: it makes the tables")
        return
    if not at_head():
        says = f"the database is at {revision()}, this program at {head()}"
        yield doctor.wrong("migrations", says, "run bin/serve once: it brings the tables up to date")
        return
    yield doctor.well("migrations", f"at the newest, {head()}")
    files = [file for file in (settings.secret_file, settings.keys_file, settings.ledger_key_file) if file]
    with reading() as session:
        shop = only_shop(session)
        yield from doctor.look_at_database(session)
        if shop is not None:
            yield doctor.look_at_diary(session, shop)
        yield doctor.look_at_books(session, house().seal)
        yield from doctor.look_at_clock(session, shop, house().clock, datetime.now(UTC))
        yield from doctor.look_at_keys(session, house().keys, files)
        yield from doctor.look_at_printers(session, shop)
    yield from doctor.look_at_accounts(house().providers)
    yield doctor.look_at_address(settings.public_url, settings.public_is_local)


def show(rows: list[dict[str, Any]]) -> str:
    """One line for each finding, the remedy behind it."""
    return "\n".join(
        f"{MARKS[Health(row['health'])]}  {row['about']}: {row['says']}"
        + (f". {row['mend']}" if row["mend"] else "")
        for row in rows
    )


def verdict(rows: list[dict[str, Any]]) -> int:
    """Return 1 when something is wrong."""
    return int(any(row["health"] == Health.WRONG for row in rows))


COMMANDS = [
    Command(
        "doctor", "what is wrong here, and how to mend it", examine, show=show, exit_code=verdict, bare=True
    )
]
