"""The chart of accounts: what the first word of an account's name says of it."""

from enum import StrEnum

from shop.core.types import Words


class Kind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"


CHART: dict[str, tuple[Kind, Words]] = {
    "till": (Kind.ASSET, {"en": "Till", "zh_Hans": "收银抽屉", "zh_Hant": "收銀抽屜"}),
    "courier-cash": (
        Kind.ASSET, {"en": "Cash with a courier", "zh_Hans": "配送员手中的现金", "zh_Hant": "配送員手中的現金"}
    ),
    "card": (Kind.ASSET, {"en": "Card terminal", "zh_Hans": "刷卡机应收", "zh_Hant": "刷卡機應收"}),
    "psp": (Kind.ASSET, {"en": "Payment provider", "zh_Hans": "支付平台应收", "zh_Hant": "支付平台應收"}),
    "receivable": (Kind.ASSET, {"en": "Owed by a platform", "zh_Hans": "渠道应收", "zh_Hant": "渠道應收"}),
    "disputed": (
        Kind.ASSET, {"en": "Held back in disputes", "zh_Hans": "争议冻结款", "zh_Hant": "爭議凍結款"}
    ),
    "bank": (Kind.ASSET, {"en": "Bank", "zh_Hans": "银行", "zh_Hant": "銀行"}),
    "safe": (Kind.ASSET, {"en": "Safe", "zh_Hans": "保险柜", "zh_Hant": "保險櫃"}),
    "envelopes": (Kind.ASSET, {"en": "Envelopes in cakes", "zh_Hans": "蛋糕里的信封", "zh_Hant": "蛋糕裡的信封"}),
    "deposits": (Kind.LIABILITY, {"en": "Paid ahead by customers", "zh_Hans": "预收款", "zh_Hant": "預收款"}),
    "refunds-due": (Kind.LIABILITY, {"en": "To be paid back", "zh_Hans": "应退款", "zh_Hant": "應退款"}),
    "hidden-cash": (Kind.LIABILITY, {"en": "Cash to hide in a cake", "zh_Hans": "蛋糕藏钱", "zh_Hant": "蛋糕藏錢"}),
    "tax": (Kind.LIABILITY, {"en": "Tax", "zh_Hans": "税金", "zh_Hant": "稅金"}),
    "revenue": (Kind.INCOME, {"en": "Sales", "zh_Hans": "销售收入", "zh_Hant": "銷售收入"}),
    "forfeit": (Kind.INCOME, {"en": "Kept after cancelling", "zh_Hans": "取消留存", "zh_Hant": "取消留存"}),
    "discount": (Kind.INCOME, {"en": "Discounts", "zh_Hans": "优惠", "zh_Hant": "優惠"}),
    "over-short": (Kind.EXPENSE, {"en": "Cash over or short", "zh_Hans": "现金长短款", "zh_Hant": "現金長短款"}),
    "fee": (Kind.EXPENSE, {"en": "Fees of payment", "zh_Hans": "支付手续费", "zh_Hant": "支付手續費"}),
    "expense": (Kind.EXPENSE, {"en": "Expenses", "zh_Hans": "费用", "zh_Hant": "費用"}),
    "waste": (Kind.EXPENSE, {"en": "Waste", "zh_Hans": "报废", "zh_Hant": "報廢"}),
    "opening": (Kind.EQUITY, {"en": "Opening balance", "zh_Hans": "期初余额", "zh_Hant": "期初餘額"}),
}  # fmt: skip


def kind_of(account: str) -> Kind:
    """Return what kind of account this is; raises `KeyError` for a name that stands in no chart."""
    return CHART[account.partition(":")[0]][0]
