"""What a slip says, in three languages: paper speaks the order's language, not the screen's."""

from datetime import datetime

from babel.dates import format_date

from shop.core.types import Words, say


def _w(en: str, zh_hans: str, zh_hant: str) -> Words:
    return {"en": en, "zh_Hans": zh_hans, "zh_Hant": zh_hant}


PAPER: dict[str, Words] = {
    "copy": _w("COPY", "副本 COPY", "副本 COPY"),
    "pickup": _w("Pick up", "取货", "取貨"),
    "delivery": _w("Delivery", "配送", "外送"),
    "leave_by": _w("leaves by %(time)s", "%(time)s 前出发", "%(time)s 前出發"),
    "tomorrow": _w("tomorrow", "明天", "明天"),
    "rush": _w("URGENT", "加急", "加急"),
    "size": _w("%(n)s inch", "%(n)s 寸", "%(n)s 吋"),
    "candles": _w("%(n)s candles", "蜡烛 %(n)s 支", "蠟燭 %(n)s 支"),
    "candle": _w("1 candle", "蜡烛 1 支", "蠟燭 1 支"),
    "quoted": _w("“%(words)s”", "“%(words)s”", "「%(words)s」"),
    "private": _w("Inscription kept private", "祝福语已保密", "祝福語已保密"),
    "envelope": _w("PUT IN: envelope with %(amount)s", "放入信封：%(amount)s", "放入信封：%(amount)s"),
    "discount": _w("Discount", "优惠", "優惠"),
    "total": _w("Total", "合计", "合計"),
    "paid": _w("Paid", "已付", "已付"),
    "balance": _w("To pay", "待付", "待付"),
    "paid_up": _w("Paid in full. Thank you!", "已付清，谢谢！", "已付清，謝謝！"),
    "pay_here": _w("Pay at the counter", "请到柜台付款", "請到櫃檯付款"),
    "pay_until": _w("We keep the time until %(time)s", "时间为您保留到 %(time)s", "時間為您保留到 %(time)s"),
    "contains": _w("Contains: %(list)s", "含：%(list)s", "含：%(list)s"),
    "contains_none": _w("No listed allergens", "不含所列过敏原", "不含所列過敏原"),
    "allergy": _w("ALLERGY: %(list)s", "过敏：%(list)s", "過敏：%(list)s"),
    "follow": _w("Scan to follow your cake", "扫码看蛋糕做到哪一步", "掃碼看蛋糕做到哪一步"),
    "local": _w(
        "This code opens only inside the shop. On the way, tell us your order number.",
        "此码只能在店内打开；在路上，报单号就能查。",
        "此碼只能在店內開啟；在路上，報單號就能查。",
    ),
    "cake": _w("Cake %(n)s of %(of)s", "第 %(n)s 个，共 %(of)s 个", "第 %(n)s 個，共 %(of)s 個"),
    "fold": _w("fold here, keep this part to yourself", "沿此折叠，请勿示人", "沿此摺疊，請勿示人"),
    "pin": _w("Pickup PIN", "取货密码", "取貨密碼"),
    "pin_why": _w(
        "We ask for it when you collect or cancel.", "取货或取消时要用到。", "取貨或取消時要用到。"
    ),
    "pin_door": _w("The courier asks for it at the door.", "配送员送到时会问。", "配送員送到時會問。"),
    "call": _w("Call us: %(phone)s", "电话：%(phone)s", "電話：%(phone)s"),
    "placed": _w("Ordered %(time)s", "下单 %(time)s", "下單 %(time)s"),
    "witness": _w(
        "Books, entry %(seq)s: %(leaf)s", "账本第 %(seq)s 条：%(leaf)s", "帳本第 %(seq)s 條：%(leaf)s"
    ),
    "cancelled": _w("THIS ORDER IS NOT MADE", "此单不做", "此單不做"),
    "separator": _w(", ", "、", "、"),
}  # fmt: skip


def paper(key: str, language: str, **params: object) -> str:
    """Return a slip's sentence in ``language``."""
    sentence = say(PAPER[key], language)
    return sentence % params if params else sentence


def day_words(local: datetime, language: str) -> str:
    """Return a day for a slip, never "today", for paper is read later: ``Sat 21 Nov``, ``11月21日 周六``."""
    pattern = "EEE d MMM" if language == "en" else "M月d日 EEE"
    return format_date(local.date(), pattern, locale=language)
