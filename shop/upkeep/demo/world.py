"""The demo shop before its first customer: shop, menu, stations, people, shifts, devices."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.events import record
from shop.menu.tables import (
    Allergen,
    Option,
    OptionGroup,
    Product,
    ProductSize,
    Route,
    RouteStage,
    Size,
    StageKind,
    Station,
)
from shop.people.devices import DeviceKind
from shop.people.passwords import hash_password
from shop.people.shops import Shop
from shop.people.staff import Device, Shift, Staff
from shop.upkeep.demo.areas import deliver
from shop.upkeep.demo.cast import CAST, PASSWORD, WEEK
from shop.upkeep.demo.menu import ALLERGENS, CAKES, KEEPS, OPTIONS, ROUTES, SIZES, STATIONS, w
from shop.upkeep.demo.partners import share_out

YUAN = 100
"""Minor units in a yuan."""

DEVICES = (
    (DeviceKind.KIOSK, "前台点单屏", ""),
    (DeviceKind.KITCHEN, "烤箱屏", "oven"),
    (DeviceKind.KITCHEN, "工作台屏", "bench"),
    (DeviceKind.KITCHEN, "裱花屏", "decorating"),
    (DeviceKind.KITCHEN, "包装屏", "packing"),
    (DeviceKind.PRINTER, "小票打印机", ""),
)


def furnish(tx: Session, *, at: datetime) -> Shop:
    """Found the demo shop with everything but orders; ``at`` is when it opened its books."""
    shop = Shop(
        slug="tangjian",
        names=w("Tangjian", "糖间", "糖間"),
        timezone="Asia/Shanghai",
        currency="CNY",
        opens="08:00",
        closes="22:00",
        phone="+862155501234",
        address=w("88 Yuyuan Road, Shanghai", "上海市静安区愚园路 88 号", "上海市靜安區愚園路 88 號"),
        is_demo=True,
    )
    tx.add(shop)
    tx.flush()
    write_menu(tx, shop, set_up_stations(tx, shop))
    share_out(shop, hire(tx, shop))
    deliver(tx, shop)
    for kind, name, station in DEVICES:
        tx.add(Device(shop_id=shop.id, kind=kind, name=name, station=station))
    tx.flush()
    record(tx, shop.id, "shop_founded", by=SYSTEM, at=at, topics=("menu", "staff"), demo=True)
    return shop


def set_up_stations(tx: Session, shop: Shop) -> Mapping[str, int]:
    """Build the stations and the ways through them; returns the id of each route by its slug."""
    stations: dict[str, int | None] = {}
    for sort, (slug, names, places, units) in enumerate(STATIONS):
        station = Station(shop_id=shop.id, slug=slug, names=names, places=places, units=units, sort=sort)
        tx.add(station)
        tx.flush()
        stations[slug] = station.id
    routes = {}
    for slug, (names, cool, decorate, celsius) in ROUTES.items():
        route = Route(shop_id=shop.id, slug=slug, names=names)
        tx.add(route)
        tx.flush()
        routes[slug] = route.id
        stages = (
            (StageKind.BAKE, stations["oven"], 30, False),
            (StageKind.COOL, None, cool, False),
            (StageKind.BUILD, stations["bench"], 15, True),
            (StageKind.DECORATE, stations["decorating"], decorate, True),
            (StageKind.CHECK, stations["packing"], 3, True),
            (StageKind.BOX, stations["packing"], 5, True),
        )
        for sort, (kind, station_id, minutes, person) in enumerate(stages):
            stage = RouteStage(route_id=route.id, sort=sort, kind=kind, station_id=station_id)
            stage.minutes, stage.needs_person = minutes, person
            stage.celsius, stage.keeps = celsius if kind is StageKind.BAKE else 0, KEEPS.get(kind)
            tx.add(stage)
    return routes


def write_menu(tx: Session, shop: Shop, routes: Mapping[str, int]) -> None:
    for sort, (slug, names) in enumerate(ALLERGENS):
        tx.add(Allergen(shop_id=shop.id, slug=slug, names=names, sort=sort))
    sizes = []
    for inch, pounds, serves, percent, trays, more in SIZES:
        size = Size(shop_id=shop.id, inch=inch, pounds=pounds, serves=serves, trays=trays)
        size.minutes_percent = percent
        sizes.append((size, more))
        tx.add(size)
    tx.flush()
    for sort, cake in enumerate(CAKES):
        product = Product(shop_id=shop.id, slug=cake.slug, names=cake.names, about=cake.about, sort=sort)
        product.route_id, product.allergens = routes[cake.route], cake.contains.split()
        tx.add(product)
        tx.flush()
        for size, more in sizes:
            price = (cake.price + more) * YUAN
            tx.add(ProductSize(product_id=product.id, size_id=size.id, price=price))
    for sort, (slug, names, products, answers) in enumerate(OPTIONS):
        group = OptionGroup(shop_id=shop.id, slug=slug, names=names, products=products.split(), sort=sort)
        tx.add(group)
        tx.flush()
        for place, answer in enumerate(answers):
            option = Option(group_id=group.id, slug=answer.slug, names=answer.names, sort=place)
            option.surcharge, option.minutes = answer.surcharge * YUAN, answer.minutes
            option.min_inch, option.allergens = answer.min_inch, answer.contains.split()
            option.look, option.is_default = dict(answer.look or {}), place == 0
            tx.add(option)


def hire(tx: Session, shop: Shop) -> dict[str, Staff]:
    """Bring in the cast with their shifts; returns them by login."""
    team = {}
    for member in CAST:
        person = Staff(shop_id=shop.id, login=member.login, name=member.name, role=member.role)
        person.skills, person.levels = list(member.skills), dict(member.levels or {})
        person.password_hash = password_hash()
        team[member.login] = person
        tx.add(person)
    tx.flush()
    for login, week in WEEK.items():
        for weekday, (starts, ends) in week.items():
            shift = Shift(shop_id=shop.id, staff_id=team[login].id, weekday=weekday)
            shift.starts, shift.ends = starts, ends
            tx.add(shift)
    return team


@cache
def password_hash() -> str:
    """Return the hash of the demo password, made once: Argon2id is slow on purpose."""
    return hash_password(PASSWORD)
