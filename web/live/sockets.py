"""The loop of a socket: replay what was missed, then each change, and a heartbeat between.

No session lives across a turn of the loop; who stands at the door is asked again when staff or devices
change and with every heartbeat. Each socket has a thread, which hears it, beats and finishes what could not be
sent at once. A change itself is told to all by the hub's thread: fifty threads woken for one change would wait
for each other far longer than the telling takes.
"""

import contextvars
import select
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Flask, g, request

from shop.core.clock import Clock
from shop.core.errors import ShopError
from web.access import DOORS
from web.database import let_go, reader
from web.house import this_app, this_shop
from web.i18n import language
from web.live import presence, wire
from web.live.hub import MOST_LINES, Hub, Line, Watch, lines_after
from web.live.regions import Cache, Key, Region, Rendered, make, max_age, pack
from web.live.wire import Gone, Wire

BEAT = 2.0
AUTHORITY = frozenset(("staff", "devices"))
CAME_BACK, NOT_ALLOWED, FULL = 1012, 1008, 1013
HEARD = select.POLLIN | select.POLLHUP | select.POLLERR

Describe = Callable[[Line], dict[str, Any] | None]


def enter_again() -> None:
    """Ask the door of this socket who stands there; raises what the door raises."""
    g.door = DOORS[str(request.endpoint)]
    g.actor = g.door.who.enter()


def plainly(line: Line) -> dict[str, Any] | None:
    """Tell a screen about a line: its number and kind."""
    return {"seq": line.seq, "kind": line.kind}


def serve_region(
    ws: Any,
    *,
    key: Key,
    topics: Iterable[str],
    render: Callable[[], Region],
    after: int | None = None,
    have: str = "",
    check: Callable[[], None] | None = None,
    describe: Describe = plainly,
) -> None:
    """Keep a screen's region up to date until it leaves.

    ``key`` names the region and the rights; all sockets of one key and language share one rendering.
    ``render`` runs in an app context of its own and reads by `reader()`. ``after`` is the last number the
    screen has seen, ``have`` the hash of what it shows. The door's question is asked again and again, and
    ``check``, which raises a `ShopError` once this screen may no longer watch. ``describe`` says what a screen
    is told about a line; None keeps it quiet.
    """
    app = this_app()
    hub: Hub = app.extensions["live"]
    line = Wire(ws)
    cap = app.extensions["fairslice"].settings.sockets
    shop_id, tongue = this_shop().id, language()
    device = g.device.id if g.get("device") is not None else None
    g.pop("shop", None)
    let_go()
    if not hub.arrive(cap):
        line.close(FULL)
        return
    watch = hub.watch(shop_id, frozenset(topics) | AUTHORITY, group=hash((tongue, *key)))
    screen = Screen(app, hub, line, watch, (tongue, *key), frozenset(topics), render, check, describe)
    try:
        with presence.connected(device):
            screen.run(after, have)
    except Gone:
        line.hang_up()
    except ShopError:
        line.close(NOT_ALLOWED)
    except Exception:
        line.close(FULL)
        raise
    finally:
        screen.close()
        hub.forget(watch)
        hub.depart()


class Screen:
    """One socket's state. Its own thread and the hub's share it: whoever uses it has the ``turn``."""

    def __init__(
        self, app: Flask, hub: Hub, line: Wire, watch: Watch, key: Key, topics: frozenset[str],
        render: Callable[[], Region], check: Callable[[], None] | None, describe: Describe,
    ) -> None:  # fmt: skip
        self.app, self.hub, self.line, self.watch = app, hub, line, watch
        self.key, self.topics, self.render, self.check, self.describe = key, topics, render, check, describe
        self.seq = 0
        self.shown = ""
        self.count: int | None = None
        self.cache: Cache = app.extensions["live_regions"]
        self.clock: Clock = app.extensions["fairslice"].clock
        self.turn = threading.Lock()
        self.open = True
        self.context = contextvars.copy_context()

    def run(self, after: int | None, have: str) -> None:
        """Serve until the screen leaves (`Gone`), may not watch (`ShopError`) or the process stops."""
        self.shown = have
        self.welcome(after)
        self.watch.at_once = self.at_once
        turns = select.poll()
        turns.register(self.watch, select.POLLIN)
        next_beat = time.monotonic() + BEAT
        while not self.hub.leaving:
            turns.register(self.line, select.POLLIN | (select.POLLOUT if self.line.waiting else 0))
            ready = turns.poll(max(0.0, next_beat - time.monotonic()) * 1000)
            with self.turn:
                self.watch.calm()
                if any(what & HEARD for fileno, what in ready if fileno != self.watch.fileno()):
                    self.line.read()
                self.line.flush()
                if not self.line.waiting:
                    lines, gap = self.watch.take()
                    self.tell(lines, gap=gap)
                if time.monotonic() >= next_beat:
                    self.line.check_patience()
                    self.beat()
                    next_beat = time.monotonic() + BEAT
        with self.turn:
            self.line.close(CAME_BACK)

    def at_once(self, lines: Sequence[Line]) -> bool:
        """Tell it in the hub's thread. False leaves it to the own thread, which also meets whatever went wrong."""
        if not self.turn.acquire(blocking=False):
            return False
        try:
            if not self.open or self.line.waiting or any(line.topics & AUTHORITY for line in lines):
                return False
            self.tell(lines, gap=False)
            if self.line.waiting:
                self.watch.wake()
            return True
        except Exception:
            return False
        finally:
            self.turn.release()

    def close(self) -> None:
        """Let nothing be sent any more: the socket's number may soon be another's."""
        with self.turn:
            self.open = False

    def welcome(self, after: int | None) -> None:
        """Send what the screen has missed since ``after``; too much of it is a gap."""
        with self.app.app_context():
            head = this_shop().event_seq
            known = after is not None and 0 <= after <= head
            lines: list[Line] = []
            if known and after is not None and after < head:
                lines = lines_after(reader(), self.watch.shop_id, after, limit=MOST_LINES + 1)
        gap = not known or len(lines) > MOST_LINES
        self.seq = head if gap or not lines else lines[-1].seq
        self.tell([] if gap else lines, gap=gap, checked=True, anyway=True)

    def tell(self, lines: Sequence[Line], *, gap: bool, checked: bool = False, anyway: bool = False) -> None:
        """Send the events, and the region where it has changed."""
        lines = [n for n in lines if n.seq > self.seq or anyway]
        if not checked and (gap or any(n.topics & AUTHORITY for n in lines)):
            self.ask()
        mine = [n for n in lines if n.topics & self.topics]
        if not (mine or gap or anyway):
            return
        last = max([self.seq, *(n.seq for n in lines)])
        made = self.rendered(last)
        self.seq = last
        whole = gap or made.hash != self.shown
        numbers = (mine[0].seq, mine[-1].seq, len(mine)) if mine else ()
        name = (self.seq, numbers, whole, gap)
        frame = made.frames.get(name)
        if frame is None:
            frame = made.frames[name] = self.compose(made, mine, whole, gap)
        self.shown, self.count = made.hash, made.count
        self.line.push(frame)

    def compose(self, made: Rendered, lines: Sequence[Line], whole: bool, gap: bool) -> bytes:
        """Write the message; everybody who is told the same gets the same bytes."""
        told = [t for t in map(self.describe, lines) if t is not None]
        message: dict[str, Any] = {"seq": self.seq, "events": told, "count": made.count, "hash": made.hash}
        if gap:
            message["gap"] = True
        if whole:
            message["html"] = made.html
        return wire.text(pack(message, self.clock.now()))

    def beat(self) -> None:
        """Show that the line lives, that the screen may still watch, and that nothing was missed."""
        self.ask()
        if self.line.waiting:
            return
        made = self.rendered(self.seq)
        if made.hash != self.shown:
            self.shown, self.count = made.hash, made.count
            self.line.push(self.compose(made, (), True, False))
        beat = pack({"beat": self.seq, "count": self.count, "hash": self.shown}, self.clock.now())
        self.line.push(wire.text(beat) + wire.PING)

    def ask(self) -> None:
        """Ask again who watches; raises what the door raises."""
        with self.app.app_context():
            g.language = self.key[0]
            enter_again()
            if self.check is not None:
                self.check()

    def rendered(self, at_least: int) -> Rendered:
        """Return the shared rendering that knows the diary up to ``at_least``; made as in this screen's request."""
        tongue = str(self.key[0])

        def anew() -> Rendered:
            return self.context.copy().run(make, self.app, tongue, self.render)

        return self.cache.get(self.key, at_least, anew, max_age(self.clock))
