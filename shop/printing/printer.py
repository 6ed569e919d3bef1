"""A network printer (ESC/POS on a TCP port): asked how it is, sent the slip, asked again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded with the first slip, not with the server
    from escpos.printer import Network

CONNECT_SECONDS = 4.0
SEND_SECONDS = 15.0
ANSWER_SECONDS = 0.8
PORT = 9100
# DLE EOT n: 1 how the printer is, 2 why it is offline, 4 the paper sensor.
OFFLINE, COVER_OPEN, NO_PAPER_STOP, NO_PAPER = 0x08, 0x04, 0x20, 0x60


class PrinterTrouble(Exception):
    """The slip did not come out. ``kind`` is ``unreachable``, ``paper``, ``cover``, ``offline`` or ``stopped``."""

    def __init__(self, kind: str, about: str = "") -> None:
        self.kind = kind
        super().__init__(f"{kind}: {about}"[:200] if about else kind)


def print_bytes(settings: Mapping[str, str], data: bytes) -> None:
    """Print ``data`` on the printer of these device settings (``host``, ``port``).

    Raises `PrinterTrouble`. A printer that answers no status request is taken to be well.
    """
    host, port = settings.get("host", ""), settings.get("port", "") or str(PORT)
    if not host or not port.isdecimal():
        raise PrinterTrouble("unreachable", "no address is set")
    from escpos.exceptions import Error as EscposError
    from escpos.printer import Network

    printer = Network(host, int(port), timeout=CONNECT_SECONDS)
    try:
        printer.open()
    except EscposError as problem:
        raise PrinterTrouble(
            "unreachable", str(problem.__cause__ or problem.__context__ or problem)
        ) from None
    try:
        _refuse_unwell(printer)
        printer.device.settimeout(SEND_SECONDS)
        printer._raw(data)
        _refuse_unwell(printer)
    except OSError as problem:
        raise PrinterTrouble("stopped", str(problem)) from None
    finally:
        printer.close()


def _refuse_unwell(printer: "Network") -> None:
    """Raise `PrinterTrouble` when the printer says that it cannot print."""
    state = _ask(printer, 1)
    if state is None:
        return
    paper = _ask(printer, 4) or 0
    if paper & NO_PAPER == NO_PAPER:
        raise PrinterTrouble("paper")
    if state & OFFLINE:
        why = _ask(printer, 2) or 0
        raise PrinterTrouble("cover" if why & COVER_OPEN else "paper" if why & NO_PAPER_STOP else "offline")


def _ask(printer: "Network", question: int) -> int | None:
    """Return the printer's answer to DLE EOT ``question``, or None when it keeps silent."""
    printer.device.settimeout(ANSWER_SECONDS)
    try:
        printer._raw(b"\x10\x04" + bytes([question]))
        answer = printer.device.recv(1)
    except TimeoutError:
        return None
    return answer[0] if answer else None
