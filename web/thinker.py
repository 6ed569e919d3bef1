"""Second thoughts in the background: what was answered at once is looked at by a child, until it is asked again.

Every process that serves has one, because what it finds is kept in that process's memory (`shop.orders.afterthought`).
"""

import threading
import time

from shop.orders import afterthought
from shop.planning.reservations.certified import certified
from shop.planning.reservations.corner import corner
from shop.planning.reservations.exact import SECONDS, understood
from web.child import PATIENCE, Child

IDLE = 20.0
"""Seconds for which the child waits for the next question; the solver takes more memory than the shop."""
LOOKS = 1.0


class Thinker:
    """One process's second thoughts. ``done`` counts what they came to."""

    def __init__(self, *, thinks: float = SECONDS, patience: float = PATIENCE, module: str = "") -> None:
        self.thinks = thinks
        self.child = Child("thinker", patience=patience, module=module, idle=IDLE)
        self.done: dict[str, int] = {}
        self._asked, self._stop = threading.Event(), threading.Event()

    def start(self) -> None:
        """Listen for questions, and think in a thread of its own."""
        afterthought.listen(self._asked.set)
        threading.Thread(target=self._run, name="thinker", daemon=True).start()

    def stop(self) -> None:
        """Stop thinking, in the middle of a thought too."""
        self._stop.set()
        afterthought.listen(None)
        self.child.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._asked.wait(LOOKS):
                self.child.let_go()
                continue
            self._asked.clear()
            began = time.monotonic()
            while not self._stop.is_set() and self.look() != "nothing":
                self._stop.wait(time.monotonic() - began)  # half of the time belongs to others
                began = time.monotonic()

    def look(self) -> str:
        """Think over the question that was asked last; says what came of it: nothing, fine, sooner, same or failed."""
        question = afterthought.next_question()
        if question is None:
            return "nothing"
        try:
            came = self._think(question)
        finally:
            afterthought.settled(question)
        self.done[came] = self.done.get(came, 0) + 1
        return came

    def _think(self, question: afterthought.Question) -> str:
        book, jobs, found = question
        asked = corner(book, jobs, found)
        if asked is None:
            return "fine"
        said = self.child.ask({"corner": asked, "seconds": self.thinks}, 2 * self.thinks)
        if said is None:
            return "failed"
        places = understood(said)
        better = certified(book, jobs, asked, places) if places else None
        if better is None or better.end >= found.end:
            return "same"
        afterthought.learn(question, better)
        return "sooner"
