"""A process of its own that thinks: it is asked in lines of JSON, and may be killed or hang without harm."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from typing import Any

import structlog

from web.config import ROOT

log = structlog.get_logger()
PATIENCE = 15.0
"""A child that has not answered so many seconds after its thinking time is ended."""


class Child:
    """Starts with the first question; ends by itself when nobody has asked for a while, and with its parent."""

    def __init__(
        self, name: str, *, patience: float = PATIENCE, module: str = "", idle: float | None = None
    ) -> None:
        self.name, self.patience = name, patience
        self.command = [sys.executable, "-m", module or "shop.planning.child"]
        if idle is not None:
            self.command.append(str(idle))
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Any, thinks: float) -> Any:
        """Return the answer; None if the child died or took too long: the next question starts another."""
        words = json.dumps(question).encode() + b"\n"
        try:
            return self._talk(words, time.monotonic() + thinks + self.patience)
        except (OSError, ValueError) as trouble:
            self.lose(trouble)
            return None

    def lose(self, trouble: Exception) -> None:
        """End a child that does not make sense."""
        log.warning(f"{self.name}_lost", trouble=str(trouble) or type(trouble).__name__)
        self.stop()

    def _talk(self, words: bytes, until: float) -> Any:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self.process.stdin and self.process.stdout
        into, out = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(into, False)
        turns, answer = select.poll(), b""
        turns.register(out, select.POLLIN)
        turns.register(into, select.POLLOUT)
        while not answer.endswith(b"\n"):
            left = until - time.monotonic()
            heard = dict(turns.poll(1000 * max(0.0, left)))
            if left <= 0:
                raise TimeoutError("no answer in time")
            if into in heard:
                words = words[os.write(into, words[:65536]) :]
                if not words:
                    turns.unregister(into)
            if out in heard:
                piece = os.read(out, 1 << 20)
                if not piece:
                    raise OSError("it has ended")
                answer += piece
        return json.loads(answer)

    def let_go(self) -> None:
        """Forget a child that has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            self.stop()

    def stop(self) -> None:
        """End the child, whatever it is doing."""
        child, self.process = self.process, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
