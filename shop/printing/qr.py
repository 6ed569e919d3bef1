"""QR codes as one SVG path: white ground, quiet zone of four modules, no style and no id."""

from functools import lru_cache

import qrcode
from markupsafe import escape

BORDER = 4


@lru_cache(maxsize=2048)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the code for ``text`` with its quiet zone; True is black. Correction level M."""
    code = qrcode.QRCode(border=BORDER, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())


@lru_cache(maxsize=512)
def qr_svg(text: str, title: str = "") -> str:
    """Return the code for ``text`` as SVG; ``title`` is said by screen readers, none makes it decoration."""
    rows = matrix(text)
    size = len(rows)
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for y, row in enumerate(rows) for x, n in _runs(row))
    label = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" {label}>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Return where black starts and how many modules it lasts."""
    runs: list[tuple[int, int]] = []
    for x, black in enumerate(row):
        if black and x and row[x - 1]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif black:
            runs.append((x, 1))
    return runs
