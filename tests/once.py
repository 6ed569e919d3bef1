"""What is the same in every shop of the tests is made once for a process: addresses, templates, statements.

Only what nobody changes is shared (functions without a memory, and code), so that a test costs what it tests. The
app, its database and all that remembers something are each test's own.
"""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from Cryptodome.PublicKey import RSA
from flask import Flask, has_request_context
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from shop.upkeep.demo.gateway import keyring
from tests.patience import PATIENCE
from web.database import db
from web.front import Front

statements: LRUCache[Any, Any] = LRUCache(5000)


class KnownRule(Rule):
    """An address is taken apart and compiled once; that was nine tenths of making an app."""

    known: dict[object, Any] = {}

    def compile(self) -> None:
        key = (self.rule, self.subdomain, self.host, self.merge_slashes, repr(self.defaults))
        if key not in self.known:
            super().compile()
            built = (self._build.__func__, self._build_unknown.__func__)
            self.known[key] = (self._parts, self._trace, self._converters, set(self.arguments), *built)
            return
        self._parts, self._trace, self._converters, arguments, build, build_unknown = self.known[key]
        self.arguments |= arguments
        self._build, self._build_unknown = build.__get__(self, None), build_unknown.__get__(self, None)


class KnownTemplates(BytecodeCache):
    """The code of templates, by language; a template that was written anew is compiled anew."""

    code: dict[object, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get(self.key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.code[self.key(bucket)] = bucket.code

    @staticmethod
    def key(bucket: Bucket) -> object:
        """Tell code apart by all that `web.tongues` makes it from."""
        environment: Any = bucket.environment
        return bucket.key, bucket.checksum, environment.tongue, environment.auto_reload, has_request_context()


class KnownKeys:
    """The keys of the demo's gateway: to make them costs more than most tests."""

    make = staticmethod(keyring._make)
    written = b""

    @classmethod
    def again(cls, folder: Path) -> None:
        if not cls.written:
            cls.make(folder)
            cls.written = (folder / keyring.FILE).read_bytes()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / keyring.FILE).write_bytes(cls.written)
        (folder / keyring.FILE).chmod(0o600)


def share() -> None:
    """Let every app of this process use them."""
    keyring._make = KnownKeys.again
    RSA.import_key = RSA.importKey = cache(RSA.import_key)
    Front.url_rule_class = KnownRule
    Front.jinja_options = {**Front.jinja_options, "bytecode_cache": KnownTemplates()}
    for dialect in (
        SQLiteDialect_pysqlite,
        PGDialect_psycopg,
    ):  # SQL is kept by dialect: all engines have one
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))


def spare(app: Flask) -> None:
    """Keep the statements of an app with all others'; what it writes need not outlive a power cut, and it can wait."""
    with app.app_context():
        for engine in db.engines.values():
            engine.update_execution_options(compiled_cache=statements)
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engines["write"], "connect", _forget_power_cuts)
        else:
            for engine in db.engines.values():
                event.listen(engine, "connect", _wait_for_others)


def _forget_power_cuts(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _wait_for_others(connection: Any, record: Any) -> None:
    """Fifty who wait for one row may need longer on a busy machine than a shop's own patience is."""
    was, connection.autocommit = connection.autocommit, True
    for what in ("lock_timeout", "statement_timeout"):
        connection.execute(f"SET {what} = '{PATIENCE:.0f}s'")
    connection.autocommit = was


def calm() -> None:
    """What was imported stays: the collector need not look at it again, and looks seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
