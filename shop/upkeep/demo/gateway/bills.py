"""The daily bills as both providers write them, with a fee of 0.6 %."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

from shop.payments.yuan import beijing, yuan
from shop.upkeep.demo.gateway.trades import SentBack, Trade

RATE = 6
"""Per mille of the amount."""
ALIPAY_NAMES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
WECHAT_NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)


def fee(amount: int) -> int:
    """Return the provider's fee of an amount, minor units, half up."""
    return (amount * RATE + 500) // 1000


def alipay_bill(seller: str, day: date, paid: Sequence[Trade], back: Sequence[SentBack]) -> bytes:
    """Return the zip: details and totals, GB18030, amounts that went back and the fee of a payment below zero."""
    rows = [
        _alipay(t.trade_no, t.attempt, "交易", t.words, beijing(t.paid_at or t.made_at), t.amount, "")
        for t in paid
    ]
    rows += [_alipay(b.trade_no, b.attempt, "退款", "", beijing(b.at), -b.amount, b.refund) for b in back]
    head = [
        "#支付宝业务明细查询",
        f"#账号：[{seller}0156]",
        f"#起始日期：[{day}]",
        "#-----业务明细列表----",
        ALIPAY_NAMES,
    ]
    details = "\r\n".join([*head, *rows, "#-----业务明细列表结束-----", ""])
    total = f"#支付宝业务汇总查询\r\n门店编号,交易订单总笔数,退款订单总笔数\r\n,{len(paid)},{len(back)}\r\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{seller}_{day:%Y%m%d}_业务明细.csv", details.encode("gb18030"))
        box.writestr(f"{seller}_{day:%Y%m%d}_业务明细(汇总).csv", total.encode("gb18030"))
    return out.getvalue()


def _alipay(
    trade_no: str, attempt: str, kind: str, words: str, at: str, amount: int, refund: str
) -> str:  # fmt: skip
    cost = fee(abs(amount))
    values = [
        f"{trade_no}\t", f"{attempt}\t", f"{kind}    ", words.replace(",", " "), at, at,
        "", "", "", "", "185******00\t",
        yuan(amount), yuan(amount), *["0.00"] * 5, "", "0.00", "0.00", f"{refund}\t",
        yuan(-cost if amount > 0 else cost), "0.00", "",
    ]  # fmt: skip
    return ",".join(values)


def wechat_bill(
    app: str, merchant: str, paid: Sequence[Trade], back: Sequence[tuple[SentBack, Trade | None]]
) -> bytes:
    """Return the plain text: a backtick before each value, the totals behind the details."""
    rows, costs = [], 0
    for t in paid:
        costs += fee(t.amount)
        rows.append([
            beijing(t.paid_at or t.made_at), app, merchant, "0", "", t.trade_no, t.attempt, "oFa1cDemoCustomer",
            "NATIVE", "SUCCESS", "OTHERS", t.currency, yuan(t.amount), "0.00", "0", "0", "0.00", "0.00", "", "",
            t.words, "", _five(fee(t.amount)), "0.60%", yuan(t.amount), "0.00", "",
        ])  # fmt: skip
    for b, of in back:
        costs -= fee(b.amount)
        rows.append([
            beijing(b.at), app, merchant, "0", "", b.trade_no, b.attempt, "oFa1cDemoCustomer", "NATIVE", "REFUND",
            "OTHERS", of.currency if of else "CNY", "0.00", "0.00", f"503{b.trade_no}", b.refund, yuan(b.amount),
            "0.00", "ORIGINAL", "SUCCESS", of.words if of else "", "", _five(-fee(b.amount)), "0.60%", "0.00",
            yuan(b.amount), "",
        ])  # fmt: skip
    lines = [WECHAT_NAMES, *(",".join("`" + value.replace(",", " ") for value in row) for row in rows)]
    taken, gone = sum(t.amount for t in paid), sum(b.amount for b, _ in back)
    sums = [str(len(rows)), yuan(taken), yuan(gone), "0.00", _five(costs), yuan(taken), yuan(gone)]
    lines += ["总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"]
    return "\r\n".join([*lines, ",".join("`" + value for value in sums), ""]).encode("utf-8-sig")


def _five(minor: int) -> str:
    return yuan(minor) + "000"
