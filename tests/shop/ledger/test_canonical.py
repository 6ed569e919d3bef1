"""What is hashed of an entry: written the same for ever, on every machine and in every language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.ledger.canonical import MOST, VERSION, canonical, leaf_text
from shop.ledger.tree import leaf_hash

ENTRY: tuple[Any, ...] = (
    [("till:1", "CNY", 26800), ("deposits", "CNY", -26800)], 3, "00112233445566778899aabbccddeeff", 1,
    "payment_captured", "2026-11-28", "2026-11-28T02:00:00.000000Z", "staff", 3, None, "K7Q2M4ZX9B3D", None, None,
    '{"method":"cash"}', "0" * 64,
)  # fmt: skip
TEXT = (
    '{"at":"2026-11-28T02:00:00.000000Z","by":["staff",3,null],"data":{"method":"cash"},"date":"2026-11-28",'
    '"doc":null,"kind":"payment_captured","order":"K7Q2M4ZX9B3D",'
    '"postings":[["till:1","CNY",26800],["deposits","CNY",-26800]],'
    '"prev":"0000000000000000000000000000000000000000000000000000000000000000","rules":null,"seq":3,"shop":1,'
    '"txid":"00112233445566778899aabbccddeeff","v":"cakeledger/entry/v1"}'
)
HASH = "0d04dba64198d8460b0d3f8a5d8075572c3f295e7db2bf8986357151cc23b7ad"

texts = st.text(st.characters(codec="utf-8"))
wholes = st.integers(-MOST, MOST)
values = st.recursive(
    st.none() | st.booleans() | wholes | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=8,
)


def test_a_leaf_is_written_and_hashed_the_same_for_ever() -> None:
    assert leaf_text(*ENTRY) == TEXT
    assert leaf_hash(TEXT.encode()).hex() == HASH


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(texts, texts, wholes), max_size=3), st.tuples(wholes, texts, wholes, texts, texts, texts),
    texts, st.none() | wholes, st.none() | wholes, st.none() | texts, st.none() | texts, st.none() | texts,
    st.dictionaries(st.text(st.characters(codec="ascii")), values), texts,
)  # fmt: skip
def test_what_is_put_together_by_hand_is_canonical(
    postings: Any, first: Any, kind: str, actor: Any, device: Any, order: Any, doc: Any, rules: Any, data: Any,
    prev: str,
) -> None:  # fmt: skip
    """The quick way must write exactly what the plain one does."""
    seq, txid, shop, what, date, at = first
    put = leaf_text(postings, *first, kind, actor, device, order, doc, rules, canonical(data).decode(), prev)
    whole = {
        "v": VERSION, "seq": seq, "txid": txid, "shop": shop, "kind": what, "date": date, "at": at,
        "by": [kind, actor, device], "order": order, "doc": doc, "rules": rules, "data": data, "prev": prev,
        "postings": [list(posting) for posting in postings],
    }  # fmt: skip
    assert put.encode() == canonical(whole) == canonical(json.loads(put))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"words": "“蛋糕”\n\t\"\\/\x08\x0c\r\x1f\x7f🎂"}, '{"words":"“蛋糕”\\n\\t\\"\\\\/\\b\\f\\r\\u001f\x7f🎂"}'),
        ({"n": -(2**53) + 1}, '{"n":-9007199254740991}'),
    ],
)  # fmt: skip
def test_the_canonical_form(value: Any, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize("value", [1.5, 2**53, {"ä": 1}, {1: 2}, b"x", {"a": [{"b": 0.1}]}, "\ud800"])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize(("place", "value"), [
    (0, [("till:1", "CNY", 1.0)]), (0, [("till:1", "CNY", 2**53)]), (0, [(None, "CNY", 1)]), (1, "3"), (1, 3.0),
    (2, None), (8, "3"), (10, 7), (14, b"x"),
])  # fmt: skip
def test_what_is_no_entry(place: int, value: Any) -> None:
    wrong = [*ENTRY]
    wrong[place] = value
    with pytest.raises((TypeError, ValueError)):
        leaf_text(*wrong)
