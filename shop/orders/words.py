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
    OrderState.NO_SHOW: {"en": "not picked up", "zh_Hans": "未来取", "zh_Hant": "未來取"},
}  # fmt: skip
