"""Personal data: nothing in the clear, found all the same, gone when erased (T32)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Invalid
from shop.people import names, persons
from shop.people.shops import Shop, only_shop
from shop.people.staff import Person, PersonWord
from tests.cast import SATURDAY, by
from web.database import reading, writing
from web.house import house, keys

NAME, PHONE = "王小士", "138 1234 5678"


def the_shop(session: Session) -> Shop:
    shop = only_shop(session)
    assert shop is not None
    return shop


def keep(app: Flask, name: str = NAME, phone: str = PHONE, **more: str) -> int:
    """Keep somebody and return their id."""
    with app.app_context(), writing() as tx:
        person = persons.keep_person(tx, keys(), the_shop(tx), name=name, phone=phone, at=SATURDAY, **more)
        assert person is not None
        return person.id


def found(app: Flask, text: str) -> list[str]:
    """Return the names that a search finds."""
    with app.app_context(), reading() as session:
        people = persons.find_persons(session, keys(), the_shop(session), text)
        return [persons.reveal(keys(), person).name for person in people]


def test_what_goes_in_comes_out(app: Flask) -> None:
    number = keep(app, address="愚园路 88 号", note="no nuts \N{PEANUTS}\u202e")
    with app.app_context(), reading() as session:
        contact = persons.reveal(keys(), session.get_one(Person, number))
    assert contact == persons.Contact(NAME, "+8613812345678", "愚园路 88 号", "no nuts \N{PEANUTS}\u202e")


def test_nothing_is_in_the_clear_in_the_files(app: Flask) -> None:
    keep(app, name="Quetzalcoatl", phone="+8613987654321", address="Xochimilco 7", note="Zwetschgendatschi")
    folder: Path = app.extensions["fairslice"].settings.data
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("shop.db"))
    for word in ("Quetzalcoatl", "quetzalcoatl", "13987654321", "4321", "Xochimilco", "Zwetschgendatschi"):
        assert word.encode() not in raw, word


def test_nobody_is_kept_for_an_empty_form(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        assert persons.keep_person(tx, keys(), the_shop(tx), name=" ", phone="", at=SATURDAY) is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("１３８１２３４５６７８", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("021 5550 1234", "+862155501234"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_phones_are_written_one_way(app: Flask, typed: str, stored: str) -> None:
    with app.app_context(), reading() as session:
        assert names.phone_e164(the_shop(session), typed) == stored


@pytest.mark.parametrize("typed", ["12345", "abc", "1381234567", "138123456789", "+999 1", "\x00", "１２"])
def test_impossible_phones_name_their_field(app: Flask, typed: str) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Invalid) as refused:
        persons.keep_person(tx, keys(), the_shop(tx), name=NAME, phone=typed, at=SATURDAY)
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    "text", ["13812345678", "+86 138 1234 5678", "5678", "王", "小士", "王小士", "WXS", "wxs", "王 士"]
)
def test_search_finds(app: Flask, text: str) -> None:
    keep(app)
    keep(app, name="李雷", phone="13900001111")
    assert found(app, text) == [NAME]


@pytest.mark.parametrize("text", ["", "  ", "1381234567", "9999", "王大士", "wx", "mei", "%", "'"])
def test_search_does_not_find(app: Flask, text: str) -> None:
    keep(app)
    assert found(app, text) == []


def test_search_finds_latin_names_by_word(app: Flask) -> None:
    keep(app, name="José Müller-Wang", phone="")
    assert found(app, "müller") == found(app, "JOSÉ wang") == ["José Müller-Wang"]


def test_search_stays_in_its_shop(app: Flask) -> None:
    keep(app)
    with app.app_context(), writing() as tx:
        tx.add(Shop(slug="other", names={"en": "Other"}))
        tx.flush()
        other = tx.scalars(select(Shop).where(Shop.slug == "other")).one()
        assert persons.find_persons(tx, keys(), other, "王") == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小士", "王*士"),
        ("王士", "王*"),
        ("王", "王*"),
        ("John Smith", "J*** S****"),
        ("欧阳金丝雀", "欧***雀"),
        ("", ""),
    ],
)
def test_names_are_masked(name: str, shown: str) -> None:
    assert names.mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613812345678", "+86 138****5678"), ("+442079460958", "+44 207****0958"), ("", "")],
)
def test_phones_are_masked(phone: str, shown: str) -> None:
    assert names.mask_phone(phone) == shown


def test_erased_is_gone(app: Flask) -> None:
    number = keep(app)
    with app.app_context():
        with reading() as session:
            old = session.get_one(Person, number)
            box, wrapped, uid = old.name_box, old.key_box, old.uid
        with writing() as tx:
            persons.erase(tx, tx.get_one(Person, number), by(tx, "chen"), SATURDAY)
        with reading() as session:
            person = session.get_one(Person, number)
            assert persons.reveal(keys(), person) == persons.Contact()
            assert session.scalars(select(PersonWord)).all() == []
            assert person.phone_index is None and person.key_box is None
        assert box and wrapped
        key = keys().person_key(wrapped, uid)
        assert keys().unlock(box, about=f"{uid}:name", key=key) == NAME, "only the destroyed key kept it"
    assert found(app, "王") == found(app, "5678") == []


def test_a_box_cannot_be_moved_to_another_person_or_field(app: Flask) -> None:
    one, two = keep(app), keep(app, name="李雷", phone="13900001111")
    with app.app_context(), writing() as tx:
        a, b = tx.get_one(Person, one), tx.get_one(Person, two)
        b.name_box = a.name_box
        a.note_box = a.phone_box
        for person in (a, b):
            with pytest.raises(InvalidTag):
                persons.reveal(house().keys, person)
        tx.rollback()
