"""The demo menu in numbers and words (contract.md, decisions.md): sizes, prices, routes, options, allergens."""

from dataclasses import dataclass

from shop.core.types import Words


def w(en: str, zh_hans: str, zh_hant: str = "") -> Words:
    """Return catalogue words; the traditional form is left out where it is the simplified one."""
    return {"en": en, "zh_Hans": zh_hans, "zh_Hant": zh_hant or zh_hans}


@dataclass(frozen=True)
class Cake:
    """A product: ``price`` of the 8-inch cake in yuan, its way through the kitchen, what is in it."""

    slug: str
    names: Words
    price: int
    route: str
    about: Words
    contains: str = "milk egg gluten"


STATIONS = (
    # slug, names, places, units. Oven places are trays: two ovens of six, each with one heat at a time. The other
    # places leave room for the whole team, so that the four bakers are what the promise runs out of first.
    ("oven", w("Oven", "烤箱", "烤箱"), 12, 2),
    ("bench", w("Bench", "工作台"), 3, 1),
    ("decorating", w("Decorating", "裱花台", "裱花臺"), 3, 1),
    ("packing", w("Packing", "包装台", "包裝臺"), 2, 1),
)

SIZES = (
    # inch, pounds, serves, percent of the minutes, oven trays, yuan beside the 8-inch price
    (6, 1, "2-4", 80, 1, -80),
    (8, 2, "5-8", 100, 1, 0),
    (10, 3, "8-12", 130, 1, 100),
    (12, 5, "12-16", 160, 2, 230),
)

ROUTES = {
    # names, minutes of cooling or setting, minutes of decorating (8 inch), degrees (0: no oven heat of its own)
    "classic": (w("Cream cake", "奶油蛋糕"), 40, 20, 170),
    "showpiece": (w("Richly decorated cake", "精装饰蛋糕", "精裝飾蛋糕"), 40, 30, 170),
    "mille": (w("Mille crêpe", "千层蛋糕", "千層蛋糕"), 40, 35, 0),
    "chilled": (w("Chilled cake", "冷藏定型蛋糕"), 90, 20, 170),
    "water-bath": (w("Cake from the water bath", "水浴蛋糕"), 90, 20, 150),
}
KEEPS = {"build": 6 * 60, "decorate": 4 * 60, "box": 60}
"""So many minutes a cake may wait for a stage after the one before."""

ALLERGENS = (
    ("milk", w("Milk", "牛奶")),
    ("egg", w("Egg", "鸡蛋", "雞蛋")),
    ("gluten", w("Gluten", "麸质", "麩質")),
    ("nuts", w("Nuts", "坚果", "堅果")),
    ("peanut", w("Peanut", "花生")),
    ("soy", w("Soy", "大豆")),
    ("sesame", w("Sesame", "芝麻")),
    ("mango", w("Mango", "芒果")),
    ("alcohol", w("Alcohol", "酒精")),
)

CAKES = (
    Cake(
        "strawberry-cream",
        w("Strawberry cream", "草莓奶油"),
        268,
        "classic",
        w(
            "Soft sponge, light cream, and strawberries cut this morning.",
            "松软的戚风、轻盈的奶油，还有今早现切的草莓。",
            "鬆軟的戚風、輕盈的奶油，還有今早現切的草莓。",
        ),
    ),
    Cake(
        "chocolate-fudge",
        w("Chocolate fudge", "巧克力"),
        278,
        "classic",
        w(
            "Dark and deep, for those who always want one more slice.",
            "浓郁醇厚，送给总想再来一块的你。",
            "濃郁醇厚，送給總想再來一塊的你。",
        ),
        "milk egg gluten soy",
    ),
    Cake(
        "mango-mousse",
        w("Mango mousse", "芒果慕斯"),
        298,
        "chilled",
        w(
            "Ripe mango, cool and airy, like a summer evening.",
            "熟透的芒果，清凉绵密，像夏天的傍晚。",
            "熟透的芒果，清涼綿密，像夏天的傍晚。",
        ),
        "milk egg gluten mango",
    ),
    Cake(
        "matcha-redbean",
        w("Matcha red bean", "抹茶红豆", "抹茶紅豆"),
        288,
        "classic",
        w(
            "Stone-ground matcha with slowly cooked red beans.",
            "石磨抹茶，配上慢慢熬好的红豆。",
            "石磨抹茶，配上慢慢熬好的紅豆。",
        ),
    ),
    Cake(
        "tiramisu",
        w("Tiramisu", "提拉米苏", "提拉米蘇"),
        298,
        "chilled",
        w(
            "Mascarpone, coffee and a little rum, set until it holds.",
            "马斯卡彭、咖啡和一点朗姆酒，静置到刚刚好。",
            "馬斯卡彭、咖啡和一點蘭姆酒，靜置到剛剛好。",
        ),
        "milk egg gluten alcohol",
    ),
    Cake(
        "red-velvet",
        w("Red velvet", "红丝绒", "紅絲絨"),
        288,
        "classic",
        w(
            "Tender red sponge with a fresh cream cheese coat.",
            "细腻的红丝绒蛋糕，裹上清新的奶酪霜。",
            "細膩的紅絲絨蛋糕，裹上清新的乳酪霜。",
        ),
    ),
    Cake(
        "durian-mille",
        w("Durian mille crêpe", "榴莲千层", "榴槤千層"),
        368,
        "mille",
        w(
            "Twenty thin crêpes with real durian between them.",
            "二十层薄薄的饼皮，夹着真正的榴莲果肉。",
            "二十層薄薄的餅皮，夾著真正的榴槤果肉。",
        ),
    ),
    Cake(
        "black-forest",
        w("Black Forest", "黑森林"),
        288,
        "showpiece",
        w(
            "Cherries, dark shavings and a sip of kirsch.",
            "樱桃、黑巧克力碎和一小口樱桃酒。",
            "櫻桃、黑巧克力碎和一小口櫻桃酒。",
        ),
        "milk egg gluten soy alcohol",
    ),
    Cake(
        "cheesecake",
        w("Cheesecake", "芝士"),
        258,
        "water-bath",
        w(
            "Baked slowly in a water bath, smooth to the last bite.",
            "水浴慢烤，一直顺滑到最后一口。",
            "水浴慢烤，一直順滑到最後一口。",
        ),
    ),
    Cake(
        "fruit",
        w("Fruit", "水果"),
        278,
        "showpiece",
        w(
            "Whatever is sweetest at the market today, piled high.",
            "今天市场上最甜的水果，满满一层。",
            "今天市場上最甜的水果，滿滿一層。",
        ),
        "milk egg gluten mango",
    ),
    Cake(
        "taro",
        w("Taro", "芋泥"),
        278,
        "classic",
        w(
            "Mashed taro by hand, soft and just sweet enough.",
            "手捣芋泥，绵软香糯，甜得刚好。",
            "手搗芋泥，綿軟香糯，甜得剛好。",
        ),
    ),
    Cake(
        "oreo",
        w("Oreo", "奥利奥", "奧利奧"),
        268,
        "classic",
        w(
            "Cookies and cream, the one the children point at.",
            "饼干碎遇上奶油，小朋友一眼就指中的那款。",
            "餅乾碎遇上奶油，小朋友一眼就指中的那款。",
        ),
        "milk egg gluten soy",
    ),
)


@dataclass(frozen=True)
class Answer:
    """An option: ``surcharge`` in yuan, ``minutes`` more for the decorator."""

    slug: str
    names: Words
    surcharge: int = 0
    minutes: int = 0
    min_inch: int = 0
    contains: str = ""
    look: Words | None = None


OPTIONS = (
    # slug, names, products (none: all), answers; the first answer is taken when nothing is said
    (
        "sweetness",
        w("Sweetness", "甜度"),
        "",
        (
            Answer("standard", w("Standard", "标准甜", "標準甜")),
            Answer("less", w("Less sweet", "少甜")),
            Answer("no-sucrose", w("No sucrose", "无蔗糖", "無蔗糖"), surcharge=20),
        ),
    ),
    (
        "filling",
        w("Filling", "夹心", "夾心"),
        "strawberry-cream chocolate-fudge matcha-redbean red-velvet taro oreo",
        (
            Answer("classic", w("The classic", "经典夹心", "經典夾心")),
            Answer("pudding", w("Milk pudding", "牛奶布丁"), look={"filling": "#fff1c9"}),
            Answer("hazelnut", w("Hazelnut crunch", "榛子脆"), contains="nuts", look={"filling": "#b98557"}),
        ),
    ),
    (
        "tiers",
        w("Tiers", "层数", "層數"),
        "",
        (
            Answer("one", w("One tier", "单层", "單層")),
            Answer(
                "two",
                w("Two tiers", "双层", "雙層"),
                surcharge=160,
                minutes=15,
                min_inch=8,
                look={"tiers": "2"},
            ),
        ),
    ),
)
