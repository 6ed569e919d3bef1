"""What can stand on a cake: everything a baker pipes and the slip prints, and nothing that would become a box."""

import pytest

from shop.core.errors import Invalid
from shop.orders.wording import SCRIPTS, SIGNS, check_words, unwritable
from shop.printing.fonts import can_draw, chinese_face


@pytest.mark.parametrize(
    "text",
    [
        "生日快乐", "祝小明6岁！", "Happy Birthday, Zoë!", "Chúc mừng sinh nhật", "С днём рождения", "おめでとう",
        "생일 축하해", "I ♥ U ★", "50% (^_^)", "3½ €", "x\u202ey\u200b", "e\u0301",
    ],
)  # fmt: skip
def test_what_bakers_write_is_taken(text: str) -> None:
    assert unwritable(text) == ()
    check_words(text)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("🎂生日🎂", ("🎂",)), ("👩\u200d👧", ("👩", "👧")), ("1\ufe0f\u20e3", ("\u20e3",)), ("❤️", ("❤",)),
        ("\ue123", ("\ue123",)), ("\U0010fffe", ("\U0010fffe",)), ("سعيد", ("س", "ع", "ي", "د")), ("𠀀", ("𠀀",)),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_named(text: str, signs: tuple[str, ...]) -> None:
    assert unwritable(text) == signs
    with pytest.raises(Invalid) as refused:
        check_words(text)
    assert refused.value.field == "inscription" and "%(signs)s" in refused.value.message


@pytest.mark.parametrize(("text", "over"), [("祝" * 12, 0), ("祝" * 12 + "a", 1), ("a" * 30, 6)])
def test_too_long_says_by_how_much(text: str, over: int) -> None:
    if not over:
        return check_words(text)
    with pytest.raises(Invalid) as refused:
        check_words(text)
    assert refused.value.params == {"over": over}


def test_everything_that_is_taken_can_be_printed() -> None:
    face = chinese_face("zh_Hans")
    assert face is not None and "NotoSansCJK" in face.path, "bin/check installs fonts-noto-cjk"
    taken = [
        chr(code) for first, last in SCRIPTS for code in range(first, last + 1, 1 if first < 0x3400 else 97)
    ]
    taken = [c for c in [*taken, *SIGNS] if not unwritable("a" + c) and not c.isspace()]
    assert [c for c in taken if c.isprintable() and not can_draw(face, c)] == []
