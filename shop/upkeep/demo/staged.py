"""What is going on right now, at whatever hour the demo is opened: a cake at every stage, one order unpaid."""

from datetime import datetime, timedelta

from shop.core.types import to_minute
from shop.menu.card import MenuCard
from shop.orders.cart import CartLine, price_line
from shop.orders.planned import SPARE_MINUTES, back_to_back
from shop.orders.promise import cakes_of
from shop.people.shops import Shop
from shop.upkeep.demo.making import Made, Step
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.wishes import Wish

BEHIND, SOON = -6, 12
"""Minutes of slack: a cake that is late already, and one to see to now. The others have what two bakers need."""
IN_TURN = 25
"""Minutes that the first bakers need for each cake, in the morning."""

SCENE: tuple[tuple[str, int, str, int, bool, int, dict[str, object]], ...] = (
    # product, inch, writing, stage it is at (0 bake ... 5 box, 6 ready), begun?, minutes of slack, more
    ("strawberry-cream", 8, "妈妈生日快乐", 3, True, SOON, {"candles": 6}),
    ("durian-mille", 8, "", 3, False, BEHIND, {"urgent": True}),
    ("red-velvet", 6, "生日快乐🎂", 3, False, 75, {}),
    ("chocolate-fudge", 10, "Happy 30th, Lily!", 2, True, 100, {"candles": 3}),
    ("taro", 8, "<b>妈妈</b> & 爸爸", 2, False, 80, {"allergies": ["nuts"]}),
    ("mango-mousse", 8, "", 1, True, 110, {}),
    ("fruit", 12, "百年好合", 0, True, 90, {"tiers": "two"}),
    ("oreo", 6, "宝贝一岁啦", 0, False, 150, {"candles": 1}),
    ("tiramisu", 8, "", 4, False, 30, {"private": True}),
    ("black-forest", 8, "祝爷爷福如东海", 5, True, BEHIND, {}),
    ("cheesecake", 6, "", 6, False, SOON, {}),
    ("mango-mousse", 6, "", 6, False, SOON, {}),  # a courier has it
)


def staged(shop: Shop, card: MenuCard, rota: Rota, *, at: datetime) -> list[Made]:
    """Return the orders of the scene at ``at``; at night they are for the hour of opening."""
    at = at.replace(microsecond=0)
    found = [_order(shop, card, rota, at, number, *row) for number, row in enumerate(SCENE)]
    unpaid = _wish(card, "matcha-redbean", 8, "生日快樂", at - timedelta(minutes=4), {"language": "zh_Hant"})
    wanted = at + timedelta(hours=4)
    unpaid.due_at = _open_time(shop, wanted)
    if unpaid.due_at > wanted:
        unpaid.due_at += timedelta(hours=4)
    unpaid.fate = "unpaid"
    return [*found, Made(unpaid, [back_to_back(w, _by(unpaid)) for w in cakes_of(unpaid.lines)])]


def _order(
    shop: Shop, card: MenuCard, rota: Rota, at: datetime, number: int, product: str, inch: int, writing: str,
    stage: int, begun: bool, slack: int, more: dict[str, object],
) -> Made:  # fmt: skip
    wish = _wish(card, product, inch, writing, at - timedelta(hours=5, minutes=7 * number), more)
    wish.guest, wish.fate = number + 1, "waiting"
    works = cakes_of(wish.lines)[0]
    ago = min(6, works[stage].minutes // 2) if begun else 0
    left = sum(work.minutes for work in works[stage:]) - ago
    wish.due_at = _open_time(shop, at + timedelta(minutes=left + slack))
    if wish.due_at != (at + timedelta(minutes=left + slack)).replace(second=0):
        # At night nobody works: they are for the morning, one after the other as the first bakers can make them.
        wish.due_at += timedelta(minutes=left + max(slack, SOON) + IN_TURN * number)
    made = Made(wish, [back_to_back(works, _by(wish))])
    steps, moment = [], at - timedelta(minutes=ago or 2)
    for place, p in reversed(list(enumerate(made.plans[0][: stage + begun]))):
        length = timedelta(minutes=p.end - p.start)
        by = None if p.station_id is None else rota.nth_baker(number + place).id
        if place == stage:
            steps.append(Step(p, moment, moment + length, by))
            continue
        steps.append(Step(p, moment - length, moment, by))
        moment -= length + timedelta(seconds=0 if p.station_id is None else 50)
    steps.reverse()
    for p in made.plans[0][stage + begun :]:
        steps.append(Step(p, at + timedelta(days=1), at + timedelta(days=2), None))
    made.cakes = [steps]
    return made


def _wish(
    card: MenuCard, product: str, inch: int, writing: str, at: datetime, more: dict[str, object]
) -> Wish:
    more = dict(more)
    tiers = {"tiers": str(more.pop("tiers"))} if "tiers" in more else {}
    candles = int(str(more.pop("candles", 0)))
    line = price_line(card, CartLine(product, inch, 1, {"sweetness": "less", **tiers}, writing, candles))
    wish = Wish(at, at, [line], "kiosk")
    for key, value in more.items():
        setattr(wish, key, value)
    return wish


def _by(wish: Wish) -> int:
    return to_minute(wish.due_at) - SPARE_MINUTES


def _open_time(shop: Shop, moment: datetime) -> datetime:
    """Return the full minute of ``moment``, or the next opening where the shop is closed then."""
    moment = moment.replace(second=0)
    opens, closes = shop.open_on(shop.business_date(moment))
    if moment > closes:
        opens, closes = shop.open_on(shop.business_date(moment) + timedelta(days=1))
    return max(moment, opens)
