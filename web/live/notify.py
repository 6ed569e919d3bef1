"""The bell on PostgreSQL: NOTIFY after the commit, LISTEN on a connection of its own."""

import contextlib
import os
import threading
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

CHANNEL = "fairslice"


class NotifyBell:
    """NOTIFY and LISTEN, each on a connection of its own that is opened again when it breaks."""

    pause = 0.25

    def __init__(self, url: str) -> None:
        self.address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._mouth: psycopg.Connection[Any] | None = None
        self._ear: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def ring(self, heads: Mapping[int, int]) -> None:
        words = " ".join(f"{shop}:{seq}" for shop, seq in heads.items())
        with self._lock:
            if self._pid != os.getpid():
                self._mouth, self._pid = None, os.getpid()  # a connection must not be used after a fork
            for _ in range(2):
                try:
                    if self._mouth is None:
                        self._mouth = psycopg.connect(self.address, autocommit=True, connect_timeout=2)
                    self._mouth.execute("SELECT pg_notify(%s, %s)", (CHANNEL, words))
                    return
                except psycopg.Error:
                    self._mouth = None  # lost: the listeners look by themselves before long

    def listen(self) -> int:
        if self._ear is None:
            try:
                self._ear = psycopg.connect(self.address, autocommit=True, connect_timeout=2)
                self._ear.execute(f"LISTEN {CHANNEL}")
            except psycopg.Error:
                self._ear = None
                return -1
        return self._ear.fileno()

    def answer(self) -> None:
        if self._ear is None:
            return
        try:
            self._ear.pgconn.consume_input()
            while self._ear.pgconn.notifies() is not None:
                pass
        except psycopg.Error:
            with contextlib.suppress(psycopg.Error):
                self._ear.close()
            self._ear = None

    def moved(self) -> bool:
        return True  # the query for the diary's end is itself the look

    def close(self) -> None:
        for connection in (self._ear, self._mouth):
            if connection is not None:
                with contextlib.suppress(psycopg.Error):
                    connection.close()
        self._ear = self._mouth = None
