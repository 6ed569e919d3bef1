"""What all edits of the menu share: checks that name their field, and the note of old and new."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid, Missing
from shop.core.events import record
from shop.core.tables import Base
from shop.core.types import LOCALES, Words
from shop.menu.tables import Allergen
from shop.people.shops import Shop

Row = TypeVar("Row", bound=Base)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class Changes:
    """What an edit changes, field by field."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def put(self, row: Base, field: str, value: Any, name: str = "") -> None:
        """Set ``row.field`` and remember old and new if they differ; ``name`` is the field's name outside."""
        was = getattr(row, field)
        if was != value:
            setattr(row, field, value)
            self.note(name or field, _plain(was), _plain(value))

    def note(self, field: str, was: Any, now: Any) -> None:
        """Remember old and new of something that was set already, if they differ."""
        if was != now:
            self.lines.append({"field": field, "was": was, "now": now})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def note(tx: Session, shop: Shop, changes: Changes, *, of: str, slug: str, by: Actor, at: datetime) -> None:
    """Bump the menu's version and write the diary; nothing at all where nothing changed."""
    if not changes.lines:
        return
    tx.flush()
    tx.execute(update(Shop).where(Shop.id == shop.id).values(menu_version=Shop.menu_version + 1))
    topics = ("menu", "kitchen")
    record(tx, shop.id, "menu_changed", by=by, at=at, topics=topics, of=of, slug=slug, changes=changes.lines)


def mine(tx: Session, shop: Shop, table: type[Row], row_id: int) -> Row:
    """Return the shop's own row, locked for the edit; raises `Missing`."""
    row = tx.get(table, row_id, with_for_update=True)
    if row is None or getattr(row, "shop_id", shop.id) != shop.id:
        raise Missing()
    return row


def clean_slug(tx: Session, shop: Shop, table: type[Base], slug: str) -> str:
    """Return a new row's short name; raises `Invalid` for one that is malformed or taken."""
    slug = slug.strip().lower()
    if not _SLUG.match(slug) or len(slug) > 40:
        raise Invalid(N_("Use small letters, digits and hyphens, such as lemon-tart."), field="slug")
    columns: Any = table
    if tx.scalar(select(columns.id).where(columns.shop_id == shop.id, columns.slug == slug)):
        raise Invalid(N_("This short name is already used. Please choose another one."), field="slug")
    return slug


def clean_words(words: Mapping[str, str], *, field: str, longest: int = 40, needed: bool = True) -> Words:
    """Return trimmed catalogue words; one language is enough, `say` falls back to it."""
    kept = {key: " ".join(words.get(key, "").split()) for key in LOCALES}
    for key, text in kept.items():
        if len(text) > longest:
            raise Invalid(N_("Please keep this under %(n)s characters."), field=f"{field}.{key}", n=longest)
    kept = {key: text for key, text in kept.items() if text}
    if needed and not kept:
        raise Invalid(N_("Please write the name in at least one language."), field=f"{field}.{LOCALES[0]}")
    return kept


def clean_number(value: int, low: int, high: int, *, field: str) -> int:
    """Return a number within its bounds; raises `Invalid` naming both."""
    if not low <= value <= high:
        raise Invalid(N_("Please enter a number from %(low)s to %(high)s."), field=field, low=low, high=high)
    return value


def clean_allergens(
    tx: Session, shop: Shop, slugs: Collection[str], *, field: str = "allergens"
) -> list[str]:
    """Return known allergens in the shop's order; an unknown one is refused, never dropped."""
    known = list(tx.scalars(select(Allergen.slug).where(Allergen.shop_id == shop.id).order_by(Allergen.sort)))
    if set(slugs) - set(known):
        raise Invalid(N_("This allergen is not on the shop's list. Please reload the page."), field=field)
    return [slug for slug in known if slug in slugs]
