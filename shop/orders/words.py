"""The states of an order in words."""

from shop.core.types import Words
from shop.orders.tables import OrderState

STATE_WORDS: dict[str, Words] = {
    OrderState.PLACED: {"en": "waiting for payment", "zh_Hans": "待付款", "zh_Hant": "待付款"},
    OrderState.CONFIRMED: {"en": "confirmed", "zh_Hans": "已确认", "zh_Hant": "已確認"},
    OrderState.IN_PRODUCTION: {"en": "in the making", "zh_Hans": "制作中", "zh_Hant": "製作中"},
    OrderState.READY: {"en": "ready", "zh_Hans": "可以取了", "zh_Hant": "可以取了"},
    OrderState.OUT_FOR_DELIVERY: {"en": "on its way", "zh_Hans": "配送中", "zh_Hant": "配送中"},
    OrderState.HANDED_OVER: {"en": "handed over", "zh_Hans": "已取走", "zh_Hant": "已取走"},
    OrderState.CLOSED: {"en": "closed", "zh_Hans": "已完成", "zh_Hant": "已完成"},
    OrderState.EXPIRED: {"en": "expired, not paid in time", "zh_Hans": "超时未付", "zh_Hant": "逾時未付"},
    OrderState.REJECTED: {"en": "refused by the shop", "zh_Hans": "店里未接单", "zh_Hant": "店裡未接單"},
    OrderState.CANCELLED: {"en": "cancelled", "zh_Hans": "已取消", "zh_Hant": "已取消"},
    OrderState.DISPOSED: {"en": "not picked up, given up", "zh_Hans": "未来取，已处理", "zh_Hant": "未來取，已處理"},
    OrderState.RESOLD: {"en": "not picked up, sold", "zh_Hans": "未来取，已转卖", "zh_Hant": "未來取，已轉賣"},
    OrderState.NO_SHOW: {"en": "not picked up", "zh_Hans": "未来取", "zh_Hant": "未來取"},
}  # fmt: skip

REASON_WORDS: dict[str, Words] = {
    "customer": {"en": "The customer cancelled it", "zh_Hans": "客人自己取消的", "zh_Hant": "客人自己取消的"},
    "changed_mind": {
        "en": "The customer changed their mind", "zh_Hans": "客人改主意了", "zh_Hant": "客人改主意了",
    },
    "twice": {"en": "Ordered twice", "zh_Hans": "订重复了", "zh_Hant": "訂重複了"},
    "not_in_time": {
        "en": "We cannot make it in time", "zh_Hans": "我们来不及做", "zh_Hant": "我們來不及做",
    },
}  # fmt: skip
"""Why an order was cancelled. Kept by its key, so that everybody reads it in their own language."""


def reason_key(typed: str) -> str:
    """Return the key of a reason that was typed or chosen in any of the three languages, else what was typed."""
    same = (key for key, words in REASON_WORDS.items() if typed.strip() in words.values())
    return next(same, typed.strip())
