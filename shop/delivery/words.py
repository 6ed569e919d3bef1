"""What the states of a drop, the reasons of a failed hand-over and its next steps are called."""

from shop.core.types import Words
from shop.delivery.tables import DropState

DROP_WORDS: dict[str, Words] = {
    DropState.OPEN: {"en": "not taken yet", "zh_Hans": "还没人接", "zh_Hant": "還沒人接"},
    DropState.OFFERED: {"en": "offered", "zh_Hans": "已派，待接", "zh_Hant": "已派，待接"},
    DropState.CLAIMED: {"en": "taken", "zh_Hans": "已接单", "zh_Hant": "已接單"},
    DropState.PICKED_UP: {"en": "on its way", "zh_Hans": "配送中", "zh_Hant": "配送中"},
    DropState.ARRIVED: {"en": "at the door", "zh_Hans": "已到门口", "zh_Hant": "已到門口"},
    DropState.DELIVERED: {"en": "delivered", "zh_Hans": "已送达", "zh_Hant": "已送達"},
    DropState.FAILED: {"en": "not handed over", "zh_Hans": "没送成", "zh_Hant": "沒送成"},
    DropState.RETURNED: {"en": "back in the shop", "zh_Hans": "已送回店里", "zh_Hant": "已送回店裡"},
    DropState.VOID: {"en": "cancelled", "zh_Hans": "已取消", "zh_Hant": "已取消"},
}
FAIL_REASONS: dict[str, Words] = {
    "nobody": {"en": "Nobody opens", "zh_Hans": "没人开门", "zh_Hant": "沒人開門"},
    "wrong_address": {"en": "Wrong address", "zh_Hans": "地址不对", "zh_Hant": "地址不對"},
    "refused": {"en": "The customer refused it", "zh_Hans": "客人拒收", "zh_Hant": "客人拒收"},
    "damaged": {"en": "The cake is damaged", "zh_Hans": "蛋糕坏了", "zh_Hant": "蛋糕壞了"},
}
NEXT_STEPS: dict[str, Words] = {
    "call": {"en": "Call the customer", "zh_Hans": "打电话给客人", "zh_Hant": "打電話給客人"},
    "wait": {"en": "Wait 10 minutes", "zh_Hans": "等 10 分钟", "zh_Hant": "等 10 分鐘"},
    "neighbour": {
        "en": "To a neighbour, as the customer said",
        "zh_Hans": "客人同意，交给邻居",
        "zh_Hant": "客人同意，交給鄰居",
    },
    "back": {"en": "Bring it back to the shop", "zh_Hans": "送回店里", "zh_Hant": "送回店裡"},
}
ONLY_BACK = ("refused", "damaged")
"""Reasons after which the cake can only come back."""
