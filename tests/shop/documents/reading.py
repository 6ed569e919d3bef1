"""Reading a PDF as a person would: its words page by page, and how it looks."""

from __future__ import annotations

from typing import Any

import pypdfium2
from PIL import Image


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF, as a reader copies them out of it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "\n")
    finally:
        document.close()


def facts_of(pdf: bytes) -> dict[str, str]:
    """Return what the file says of itself: title, author, when it was made."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: dict[str, str] = document.get_metadata_dict()
        return found
    finally:
        document.close()


def picture_of(pdf: bytes, page: int = 0) -> Image.Image:
    """Return a page as it is printed."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn: Any = document[page].render(scale=2)
        image: Image.Image = drawn.to_pil().convert("L")
        return image
    finally:
        document.close()
