"""The six kinds of stage in words, in the order a cake goes through them."""

from shop.core.types import Words
from shop.menu.tables import StageKind

STAGE_WORDS: dict[str, Words] = {
    StageKind.BAKE: {"en": "Baking", "zh_Hans": "烘烤", "zh_Hant": "烘烤"},
    StageKind.COOL: {"en": "Cooling", "zh_Hans": "冷却", "zh_Hant": "冷卻"},
    StageKind.BUILD: {"en": "Filling", "zh_Hans": "夹心抹面", "zh_Hant": "夾心抹面"},
    StageKind.DECORATE: {"en": "Decorating", "zh_Hans": "裱花写字", "zh_Hant": "裱花寫字"},
    StageKind.CHECK: {"en": "Checking", "zh_Hans": "检查", "zh_Hant": "檢查"},
    StageKind.BOX: {"en": "Boxing", "zh_Hans": "装盒", "zh_Hant": "裝盒"},
}
