"""What a receipt or an invoice says, in three languages: beside the words that it shares with the slip."""

from shop.core.money import SYMBOLS
from shop.core.types import Words, say
from shop.printing.words import PAPER


def _w(en: str, zh_hans: str, zh_hant: str) -> Words:
    return {"en": en, "zh_Hans": zh_hans, "zh_Hant": zh_hant}


DOCUMENT: dict[str, Words] = {
    "receipt": _w("Receipt", "收据", "收據"),
    "order": _w("Order", "订单", "訂單"),
    "ordered": _w("Ordered", "下单时间", "下單時間"),
    "handed_over": _w("Handed over", "交付时间", "交付時間"),
    "given_up": _w("This order was not fetched and is given up", "此订单未取，已放弃", "此訂單未取，已放棄"),
    "cancelled": _w("This order was cancelled", "此订单已取消", "此訂單已取消"),
    "phone": _w("Telephone %(what)s", "电话：%(what)s", "電話：%(what)s"),
    "tax_number": _w("Tax number %(what)s", "税号：%(what)s", "稅號：%(what)s"),
    "bank": _w("Bank %(what)s", "开户行及账号：%(what)s", "開戶行及帳號：%(what)s"),
    "tax": _w("of which tax %(rate)s%%", "其中税额 %(rate)s%%", "其中稅額 %(rate)s%%"),
    "invoice": _w("Invoice", "账单", "帳單"),
    "credit_note": _w("Credit note", "冲销单", "沖銷單"),
    "number": _w("Number", "编号", "編號"),
    "issued": _w("Issued", "开具时间", "開立時間"),
    "buyer": _w("Invoice for", "购买方", "買受人"),
    "erased": _w("(the buyer's data was erased)", "（购买方资料已删除）", "（買受人資料已刪除）"),
    "of_invoice": _w("For invoice", "所冲账单", "所沖帳單"),
    "why_credit": _w("Reason", "原因", "原因"),
    "credit_mistake": _w("correction", "更正", "更正"),
    "credit_cancelled": _w("the order was cancelled", "订单取消", "訂單取消"),
    "credit_refunded": _w("money went back", "退款", "退款"),
    "taken_back": _w("This invoice was taken back", "此账单已全部冲销", "此帳單已全部沖銷"),
    "credited": _w(
        "Taken back of invoice %(number)s of %(day)s",
        "冲销账单 %(number)s（%(day)s）",
        "沖銷帳單 %(number)s（%(day)s）",
    ),
    "unchanged": _w("Hash of this document: %(hash)s", "本单据哈希：%(hash)s", "本單據雜湊：%(hash)s"),
    "not_fapiao": _w(
        "This paper is not a fapiao of the tax authority's platform. That one is issued there, with the buyer's "
        "name and tax number as above.",
        "本单据不是税务机关电子发票服务平台开具的发票；如需发票，由本店按以上抬头和税号在平台开具。",
        "本單據不是稅務機關電子發票服務平台開立的發票；如需發票，由本店按以上抬頭和稅號在平台開立。",
    ),
    "not_tongyi_fapiao": _w(
        "This paper is not a uniform invoice (統一發票). That one is issued separately.",
        "本单据不是统一发票，统一发票另行开立。",
        "本單據不是統一發票，統一發票另行開立。",
    ),
    "net": _w("without tax", "不含税金额", "未稅金額"),
    "given_back": _w("Given back later", "事后退回", "事後退回"),
    "each": _w("each %(amount)s", "单价 %(amount)s", "單價 %(amount)s"),
    "discount": _w("Discount", "优惠", "優惠"),
    "kind_full": _w("Paid", "付款", "付款"),
    "kind_deposit": _w("Deposit", "定金", "訂金"),
    "kind_balance": _w("Balance", "尾款", "尾款"),
    "kind_late": _w("Paid, came too late", "付款（迟到）", "付款（遲到）"),
    "prepaid": _w("on the platform", "平台代收", "平台代收"),
    "number_is": _w("no. %(reference)s", "单号 %(reference)s", "單號 %(reference)s"),
    "given": _w(
        "given %(given)s, change %(change)s", "收 %(given)s，找 %(change)s", "收 %(given)s，找 %(change)s"
    ),
    "refunded": _w("Paid back", "已退款", "已退款"),
    "owed": _w("Goes back to you", "待退款", "待退款"),
    "due": _w("Still to be paid", "待付", "待付"),
    "nothing_due": _w("Nothing is due", "已结清", "已結清"),
    "why_witness": _w(
        "Keep this paper: whoever has these numbers can prove any later change of the books.",
        "请保留此单：凭上面的编号，账本日后若被改动即可查证。",
        "請保留此單：憑上面的編號，帳本日後若被改動即可查證。",
    ),
}


def said(key: str, language: str, **params: object) -> str:
    """Return a sentence of a document in ``language``; what it does not know is one of the slip's."""
    sentence = say(DOCUMENT.get(key) or PAPER[key], language)
    return sentence % params if params else sentence


def price(amount: int, currency: str) -> str:
    """Write minor units as a document does, always with both digits: 26800 -> ¥268.00, -500 -> −¥5.00."""
    whole, cents = divmod(abs(amount), 100)
    return f"{'−' if amount < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{whole:,}.{cents:02d}"
