"""The gateway's post: notifies go out behind the answer, and again until the shop has said that they arrived."""

import heapq
import itertools
import random
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from shop.upkeep.demo.gateway.faults import Control
from shop.upkeep.demo.gateway.letters import Letter
from shop.upkeep.demo.gateway.trades import Trade

AGAIN = (4.0, 15.0, 60.0, 180.0, 600.0)
"""Seconds until the next try, where the shop did not say that it has arrived."""
TIMEOUT = 5.0
KEPT = 2000


class Post:
    """One thread that waits for what is due, and a few that carry it. ``sent`` keeps the last outcomes."""

    def __init__(self, control: Control, write: Callable[[Trade, str], Letter]) -> None:
        self.control, self.write = control, write
        self.sent: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._due: list[tuple[float, int, Trade, str, int]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._ended = False
        self._carriers = ThreadPoolExecutor(8, thread_name_prefix="post")
        # No proxy of this machine, and no question about its own certificate: the shop is on this machine.
        unasked = HTTPSHandler(context=ssl._create_unverified_context())
        self._opener = build_opener(ProxyHandler({}), unasked)
        self._waiter = threading.Thread(target=self._wait, name="post", daemon=True)
        self._waiter.start()

    def put(self, trade: Trade) -> None:
        """Send the notify of a trade as the faults say."""
        faults = self.control.faults
        letters = [faults.forge] if faults.forge else []
        letters += [] if faults.drop else [""] * faults.repeat
        if faults.drop:
            self.sent.append({"method": trade.method, "attempt": trade.attempt, "dropped": True})
        for forge in letters:
            self._put(faults.delay + random.uniform(0, faults.shuffle), trade, forge, 0)

    def put_now(self, trade: Trade, forge: str = "") -> None:
        """Send one now, whatever the faults say."""
        self._put(0.0, trade, forge, 0)

    def _put(self, seconds: float, trade: Trade, forge: str, tries: int) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), trade, forge, tries))
            self._changed.notify()

    def _wait(self) -> None:
        while True:
            with self._changed:
                while not self._ended and (not self._due or self._due[0][0] > time.monotonic()):
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._ended:
                    return
                _, _, trade, forge, tries = heapq.heappop(self._due)
            self._carriers.submit(self._carry, trade, forge, tries)

    def _carry(self, trade: Trade, forge: str, tries: int) -> None:
        status, said = self._send(self.write(trade, forge))
        arrived = (
            status == 200 and said.strip() == b"success" if trade.method == "alipay" else status in (200, 204)
        )
        told = {
            "method": trade.method,
            "attempt": trade.attempt,
            "forge": forge,
            "status": status,
            "ack": arrived,
        }
        self.sent.append(told)
        if not arrived and not forge and tries < len(AGAIN):
            self._put(AGAIN[tries], trade, forge, tries + 1)

    def _send(self, letter: Letter) -> tuple[int, bytes]:
        """Return the shop's answer; 0 where none came."""
        try:
            request = Request(letter.url, letter.body, letter.headers, method="POST")
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.read(10_000)
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read(10_000)
        except (OSError, HTTPException, ValueError):
            return 0, b""

    def stop(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._waiter.join()
        self._carriers.shutdown(wait=False, cancel_futures=True)
