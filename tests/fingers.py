"""Keys and taps at a hand's own pace, however slow the machine is: the browser is told when each of them happened.

What a script makes of the time between two keys (a scanner or a person, one tap or two) must not depend on how long
the test takes to send them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import CDPSession, Page


@contextmanager
def hand_on(page: Page) -> Iterator[CDPSession]:
    """What the browser itself takes for a keyboard and a mouse."""
    hand = page.context.new_cdp_session(page)
    yield hand
    hand.detach()


def type_keys(page: Page, text: str, apart: float, *, after: float = 0.0, enter: bool = False) -> None:
    """Type, with ``apart`` seconds from one key to the next, the first in ``after`` seconds; then Enter.

    Nothing is ever earlier than now: what was before the page began is for the browser no time at all.
    """
    at = time.time() + after
    with hand_on(page) as hand:
        for n, sign in enumerate([*text, "\r"] if enter else text):
            key: dict[str, Any] = {"key": sign, "timestamp": at + n * apart}
            if sign == "\r":
                key |= {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
            hand.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": sign, **key})
            hand.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def tap_twice(page: Page, x: float, y: float, apart: float) -> None:
    """Click twice at one place, ``apart`` seconds one after the other."""
    at = time.time()
    with hand_on(page) as hand:
        for n in range(2):
            for what, moment in (("mousePressed", at + n * apart), ("mouseReleased", at + (n + 0.5) * apart)):
                click = {"x": x, "y": y, "button": "left", "clickCount": n + 1, "timestamp": moment}
                hand.send("Input.dispatchMouseEvent", {"type": what, **click})
