"""How a real bakery's week and day go, as numbers, and how a cake shop's orders are made up.

WEEKDAYS and HOURS are counted from the baskets of an Edinburgh bakery (7,500 baskets on 126 days,
2016-10-30 to 2017-03-07): baskets of a weekday beside the mean day, and of an hour beside all hours, in
thousandths, apart for weekdays and weekends. The few baskets at night are left out. A day there differed from
the mean of its weekday with a standard deviation of 0.25; NOISE is less, because half of all cakes are ordered
ahead.
"""

WEEKDAYS = (0.907, 0.840, 0.812, 0.914, 1.096, 1.502, 0.929)
NOISE = 0.16

HOURS_OF_A_WEEKDAY = {
    8: 42, 9: 119, 10: 127, 11: 142, 12: 141, 13: 122, 14: 113, 15: 101, 16: 61, 17: 22, 18: 5, 19: 2, 20: 1,
}  # fmt: skip
HOURS_OF_A_WEEKEND = {
    8: 25, 9: 86, 10: 151, 11: 180, 12: 142, 13: 117, 14: 124, 15: 87, 16: 55, 17: 7, 18: 10, 19: 10, 20: 5,
}  # fmt: skip

# What follows is made up for the demo shop; four bakers can do it.
ORDERS_A_DAY = 26.0
GROWTH = 0.12
"""How much busier the last day is than the first."""
SAME_DAY = 0.42
DAYS_AHEAD = {1: 38, 2: 24, 3: 15, 4: 10, 5: 8, 6: 5}
PICK_UP_LATER_HOURS = 2
"""Cakes are fetched later in the day than bread is bought."""

CHANNELS = {"kiosk": 58, "counter": 32, "phone": 10}
LANGUAGES = {"zh_Hans": 88, "en": 7, "zh_Hant": 5}
PRODUCTS = {
    "strawberry-cream": 20, "chocolate-fudge": 11, "mango-mousse": 12, "matcha-redbean": 6, "tiramisu": 9,
    "red-velvet": 6, "durian-mille": 5, "black-forest": 6, "cheesecake": 8, "fruit": 9, "taro": 5, "oreo": 6,
}  # fmt: skip
INCHES = {6: 34, 8: 41, 10: 18, 12: 7}
SWEETNESS = {"standard": 57, "less": 35, "no-sucrose": 8}
FILLINGS = {"classic": 60, "pudding": 24, "hazelnut": 16}
TWO_TIERS = 0.04
SECOND_CAKE = 0.09
CANDLES = {0: 50, 1: 22, 2: 5, 3: 5, 5: 4, 6: 6, 8: 3, 10: 5}
WRITING = 0.72
ALLERGY = {"nuts": 40, "mango": 25, "peanut": 20, "alcohol": 15}

SPREAD = {"bake": 0.05, "build": 0.17, "decorate": 0.24, "check": 0.3, "box": 0.2}
"""How much real minutes vary around the planned ones, by stage: the sigma of a log-normal distribution."""

CANCELLED, EXPIRED, NO_SHOW, REMADE = 0.025, 0.012, 0.008, 0.014
"""How many orders are cancelled, never paid, never fetched; how many cakes are made again."""
