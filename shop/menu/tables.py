"""The rows behind the menu. Everything here is edited in admin; reading goes through `shop.menu.card`."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class StageKind(StrEnum):
    """The kinds of stage a cake goes through; fixed, in this order."""

    BAKE = "bake"
    COOL = "cool"
    BUILD = "build"
    DECORATE = "decorate"
    CHECK = "check"
    BOX = "box"


class Station(Base):
    """A place with capacity: ``places`` is how many cakes (trays, for the oven) fit at once, in all.

    ``units`` are equal parts of it that have one heat each (two ovens). ``gates`` keeps hours for work with an
    allergen: ``{"nuts": [["06:30", "09:00"]]}``; all other hours are for work without it.
    """

    __tablename__ = "station"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    places: Mapped[int]
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    units: Mapped[int] = mapped_column(default=1, server_default="1")
    gates: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class Route(Base):
    """The way a kind of cake takes through the kitchen."""

    __tablename__ = "route"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]


class RouteStage(Base):
    """One stage: ``minutes`` for an 8-inch cake; no station means no place is taken (cooling).

    ``celsius`` is the heat it needs (0: no matter); ``keeps`` the minutes a cake may wait for it after the stage
    before (None: as long as it likes).
    """

    __tablename__ = "route_stage"
    __table_args__ = (UniqueConstraint("route_id", "kind"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"))
    sort: Mapped[int]
    kind: Mapped[str]
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    minutes: Mapped[int]
    needs_person: Mapped[bool] = mapped_column(default=True)
    celsius: Mapped[int] = mapped_column(default=0, server_default="0")
    keeps: Mapped[int | None]


class Size(Base):
    """A diameter. ``minutes_percent`` scales a route's minutes, ``trays`` is its room in the oven."""

    __tablename__ = "size"
    __table_args__ = (UniqueConstraint("shop_id", "inch"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    inch: Mapped[int]
    pounds: Mapped[int]
    serves: Mapped[str] = mapped_column(default="")
    minutes_percent: Mapped[int] = mapped_column(default=100)
    trays: Mapped[int] = mapped_column(default=1)


class Product(Base):
    """A cake on the menu. ``look`` overrides its drawing; ``off_on`` is the day it is switched off for."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    about: Mapped[dict[str, str]] = mapped_column(default=dict)
    allergens: Mapped[list[str]] = mapped_column(default=list)
    look: Mapped[dict[str, str]] = mapped_column(default=dict)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"))
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    off_on: Mapped[date | None]


class ProductSize(Base):
    """What a product costs in a size, tax included, minor units; ``off_on`` as for the product."""

    __tablename__ = "product_size"
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    price: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    off_on: Mapped[date | None]


class OptionGroup(Base):
    """A question about a cake with one answer (sweetness, filling, tiers). Empty ``products`` means all."""

    __tablename__ = "option_group"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    products: Mapped[list[str]] = mapped_column(default=list)
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Option(Base):
    """One answer. ``surcharge`` in minor units; ``look`` changes the drawing; ``minutes`` adds to decorating."""

    __tablename__ = "option"
    __table_args__ = (UniqueConstraint("group_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("option_group.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    surcharge: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0)
    min_inch: Mapped[int] = mapped_column(default=0)
    allergens: Mapped[list[str]] = mapped_column(default=list)
    look: Mapped[dict[str, str]] = mapped_column(default=dict)
    is_default: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Allergen(Base):
    """Something a guest may not tolerate; products and options name it by slug."""

    __tablename__ = "allergen"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    sort: Mapped[int] = mapped_column(default=0)
