"""A printer on a real TCP port that keeps what it was sent, says how it is, and gives the paper back as a picture."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import zxingcpp
from PIL import Image

from tests.patience import PATIENCE

WELL, NO_PAPER, COVER, SILENT = "well", "paper", "cover", "silent"
ANSWERS = {
    WELL: {1: 0x12, 2: 0x12, 4: 0x12},
    NO_PAPER: {1: 0x1A, 2: 0x32, 4: 0x72},
    COVER: {1: 0x1A, 2: 0x16, 4: 0x12},
    SILENT: {},
}


class FakePrinter:
    """``mood`` is how it is; ``jobs`` is what each connection that printed something sent."""

    def __init__(self) -> None:
        self.mood = WELL
        self.jobs: list[bytes] = []
        self.connections = 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        return {"host": "127.0.0.1", "port": str(self.port)}

    def printed(self, count: int) -> list[bytes]:
        """Return what came out, as soon as ``count`` jobs are through (the sender is gone before the paper is)."""
        until = time.monotonic() + PATIENCE
        while len(self.jobs) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.jobs) == count
        return self.jobs

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            self.connections += 1
            with line:
                self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        data = b""
        while chunk := line.recv(65536):
            # Status questions come alone: the sender waits for each answer.
            if len(chunk) == 3 and chunk[:2] == b"\x10\x04":
                answer = ANSWERS[self.mood].get(chunk[2])
                if answer is not None:
                    line.sendall(bytes([answer]))
                continue
            data += chunk
        if data:
            self.jobs.append(data)


@contextmanager
def fake_printer() -> Iterator[FakePrinter]:
    printer = FakePrinter()
    try:
        yield printer
    finally:
        printer.door.close()


def paper(data: bytes) -> list[Image.Image]:
    """Turn ESC/POS back into the pieces of paper that would come out: GS v 0 pictures, cut by GS V."""
    pieces: list[Image.Image] = []
    strips: list[Image.Image] = []
    at = 0
    while at < len(data):
        if data[at : at + 4] == b"\x1dv0\x00":
            wide = int.from_bytes(data[at + 4 : at + 6], "little")
            tall = int.from_bytes(data[at + 6 : at + 8], "little")
            bits = data[at + 8 : at + 8 + wide * tall]
            strips.append(Image.frombytes("1", (wide * 8, tall), bytes(255 - b for b in bits)))
            at += 8 + wide * tall
        elif data[at : at + 2] == b"\x1dV":
            pieces.append(_join(strips))
            strips, at = [], at + 3
        else:
            at += 1
    return pieces


def _join(strips: list[Image.Image]) -> Image.Image:
    whole = Image.new("L", (max(s.width for s in strips), sum(s.height for s in strips)), 255)
    y = 0
    for strip in strips:
        whole.paste(strip.convert("L"), (0, y))
        y += strip.height
    return whole


def codes(picture: Image.Image) -> list[str]:
    """Read the codes on a piece of paper."""
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
