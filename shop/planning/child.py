"""A process that thinks: questions come in and answers go out as lines of JSON.

It stands back behind the shop (`os.nice`). It ends when nobody has asked for a while, and with its parent: their
pipe closes, and nothing is thought to the end that nobody waits for.
"""

import json
import os
import sys
import threading
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

from shop.planning.kitchen import talk
from shop.planning.reservations import exact

IDLE = 1.0
"""Seconds; the next question comes much later, and the solver takes more memory than the shop."""
NICE = 10


def listen(questions: "Queue[str]") -> None:
    """Take questions until the parent is gone; then end at once, even in the middle of a thought."""
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Think over the kitchen's plan, or how soon some cakes can be done (``corner``)."""
    return exact.answer(question) if "corner" in question else talk.answer(question)


def main(idle: float = IDLE) -> None:
    """Answer one question after the other."""
    with suppress(OSError):
        os.nice(NICE)
    questions: Queue[str] = Queue()
    threading.Thread(target=listen, args=(questions,), daemon=True).start()
    with suppress(Empty, BrokenPipeError):
        while True:
            print(json.dumps(answer(json.loads(questions.get(timeout=idle)))), flush=True)
    os._exit(0)  # whoever listens is still there


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else IDLE)
