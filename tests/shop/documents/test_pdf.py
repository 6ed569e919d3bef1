"""The PDF: its words can be read in three languages, it has the same bytes each time, and it says when it cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shop.documents import pdf
from shop.documents.paper import Paper, Part, Row, RowKind
from tests.shop.documents.reading import facts_of, picture_of, words_of

LANGUAGES = {
    "en": ("Receipt", "Strawberry cream"),
    "zh_Hans": ("收据", "草莓奶油 生日快乐"),
    "zh_Hant": ("收據", "草莓鮮奶油 門前骨直"),
}


def paper(language: str = "zh_Hans", rows: int = 1, **more: Any) -> Paper:
    title, cake = LANGUAGES[language]
    items = tuple(Row(f"{cake} {n}", "¥268.00") for n in range(rows))
    made = Paper(
        language=language, title=title, number="A-042", made_at=datetime(2026, 11, 21, 6, 5, tzinfo=UTC),
        seller=("糖间 Tangjian", "上海市徐汇区 1 号"), facts=((title, "A-042"),), notes=("1234: 9f86d081884c7d65",),
        parts=(Part((*items, Row("∑", "¥268.00", RowKind.TOTAL))),),
    )  # fmt: skip
    return replace(made, **more)


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_words_can_be_read_and_copied(language: str) -> None:
    title, cake = LANGUAGES[language]
    made = pdf.drawn(paper(language))
    words = words_of(made)
    for said in (title, cake, "¥268.00", "糖间 Tangjian", "9f86d081884c7d65"):
        assert said in words
    facts = facts_of(made)
    assert facts["Title"] == f"{title} A-042" and facts["Author"] == "糖间 Tangjian"
    assert facts["CreationDate"].startswith("D:20261121060500")
    assert f"/Lang ({language.replace('_', '-')})".encode() in made


def test_a_process_of_its_own_makes_the_same_bytes() -> None:
    here, there = pdf.drawn(paper()), pdf._elsewhere(paper())
    assert here == there and here == pdf.drawn(paper())
    assert here != pdf.drawn(paper(number="A-043"))


def test_the_letters_it_uses_are_in_it_and_no_others() -> None:
    made = pdf.drawn(paper())
    assert len(made) < 120_000 and made.count(b"/FontFile") == 1


def test_something_is_to_be_seen_where_it_should_be() -> None:
    picture = picture_of(pdf.drawn(paper()))
    left, top, right, bottom = picture.point(lambda v: 255 if v < 128 else 0).getbbox() or (0, 0, 0, 0)
    wide, high = picture.size
    assert 0.08 < left / wide < 0.11 and 0.89 < right / wide < 0.92, "the margins of an A4 page"
    assert 0.04 < top / high < 0.10 and bottom / high < 0.5


def ink_of_the_last_line(made: bytes) -> float:
    """Return how much black the lowest line of a page takes."""
    picture = picture_of(made)
    wide, high = picture.size
    black = [sum(255 - v for v in picture.crop((0, y, wide, y + 1)).tobytes()) / 255 for y in range(high)]
    last = max(y for y in range(high) if black[y])
    first = next(y for y in range(last, 0, -1) if not black[y])
    return sum(black[first:])


def test_what_follows_something_bold_is_not_bold_itself() -> None:
    row = (Part((Row("Row", "1", RowKind.SUM),)),)
    plain = ink_of_the_last_line(pdf.drawn(paper(parts=row, title="", seller=())))
    assert ink_of_the_last_line(pdf.drawn(paper(parts=row))) < plain * 1.1


def test_a_long_one_goes_on_on_the_next_page() -> None:
    made = pdf.drawn(paper(rows=80))
    words = words_of(made)
    assert all(f"草莓奶油 生日快乐 {n}" in words for n in (0, 40, 79))
    assert picture_of(made, 1).getbbox()


def test_a_name_that_no_font_knows_breaks_nothing() -> None:
    nasty = "\u202eعيد 👩‍👩‍👧 <b>&\x00\x1b 王"
    words = words_of(pdf.drawn(paper(buyer=("Buyer", nasty))))
    assert "<b>&" in words and "王" in words and "\u202e" not in words


def test_without_a_chinese_font_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "chinese_face", lambda language, bold=False: None)
    with pytest.raises(pdf.NoFont, match="fonts-noto-cjk"):
        pdf.pdf_of(paper())
    assert not pdf.can_be_made("en")


def test_a_process_that_dies_is_no_fault_of_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.sys, "executable", "/bin/false")
    with pytest.raises(pdf.NotDrawn):
        pdf.pdf_of(paper(number="A-999"))


def test_what_names_a_buyer_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_elsewhere", lambda paper: b"%PDF")
    pdf.pdf_of(paper(buyer=("Buyer", "王小明")))
    assert all(not kept.buyer for kept in pdf._kept)
