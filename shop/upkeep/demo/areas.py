"""Where the demo shop is in Shanghai, and where its couriers ride."""

from sqlalchemy.orm import Session

from shop.orders.areas import districts
from shop.orders.cart import Cart
from shop.orders.tables import Area
from shop.people.shops import Shop
from shop.upkeep.demo.menu import w

PLACE = "31.224800, 121.444300"
"""Yuyuan Road, near Jing'an Temple."""
AREAS = (
    ("jingan", w("Jing'an", "静安", "靜安"), 31_229000, 121_448000, 800, None),
    ("changning", w("Changning", "长宁", "長寧"), 31_218600, 121_416600, 1200, None),
    ("xuhui", w("Xuhui", "徐汇", "徐匯"), 31_194900, 121_436500, 1500, None),
    ("hongkou", w("Hongkou", "虹口", "虹口"), 31_270700, 121_479000, 2000, None),
    ("lujiazui", w("Lujiazui", "陆家嘴", "陸家嘴"), 31_239700, 121_499800, 2500, 40),  # over the river
)
"""Slug, names, middle in millionths of a degree, fee in fen, and minutes where the straight line is wrong."""

EVERY = 6
"""Of so many who order in the demo's play, one lets it be brought."""
DOORS = (
    "愚园路 218 号 9 楼", "长宁路 1018 号 2 单元 502 室", "漕溪北路 88 号 1203 室", "四川北路 1666 号 3 楼",
    "世纪大道 100 号 38 层",
)  # fmt: skip


def bring(tx: Session, shop: Shop, cart: Cart, number: int) -> None:
    """Let an invented customer's order be brought to a door, where the shop delivers."""
    known = list(districts(tx, shop))
    if known:
        cart.fulfilment, cart.area = "delivery", known[number % len(known)]
        cart.address = DOORS[number % len(DOORS)]


def deliver(tx: Session, shop: Shop) -> None:
    """Let the shop deliver."""
    shop.settings = {**shop.settings, "place": PLACE, "handling_minutes": 10}
    for sort, (slug, names, lat, lng, fee, minutes) in enumerate(AREAS):
        area = Area(shop_id=shop.id, slug=slug, names=names, lat=lat, lng=lng, fee=fee, sort=sort)
        area.minutes = minutes
        tx.add(area)
