"""The shop's rules about money: what is paid ahead, what cancelling costs, what one person may pay back alone."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from admin import entries
from shop.payments.rules import (
    ALL,
    BALANCE_HOURS,
    DISCOUNT_CAPS,
    NO_SHOW_MINUTES,
    Step,
    Terms,
    balance_hours,
    change_rules,
    discount_caps,
    no_show_minutes,
    refund_limit,
    terms_of_shop,
)
from web.access import Made, Session, actor
from web.house import now, this_shop

STEPS = 3


def money_rules_shown() -> dict[str, Any]:
    """Return the rules as the settings page shows them; the ladder always has three rows."""
    shop = this_shop()
    terms = terms_of_shop(shop)
    rows: list[Step | None] = [*terms.steps, *[None] * STEPS]
    return {
        "deposit_rule": shop.settings.get("deposit") or {},
        "ladder_rows": rows[:STEPS],
        "terms": terms,
        "refund_limit": refund_limit(shop),
        "discount_caps": discount_caps(shop),
        "waits": {"no_show_minutes": no_show_minutes(shop), "balance_hours": balance_hours(shop)},
    }


def save_money_rules(tx: Session) -> Made:
    """Decide anew about deposits, cancelling, refunds and discounts."""
    above = entries.amount("above", gettext("From"))
    fixed = entries.amount("fixed", gettext("A fixed amount"))
    percent = entries.number("percent", 0)
    deposit = None
    if above is not None and (fixed or percent):
        deposit = {"above": above, "fixed": fixed} if fixed else {"above": above, "percent": percent}
    hours = [entries.number(f"hours.{n}", -1) for n in range(STEPS)]
    steps = tuple(Step(h, entries.number(f"back.{n}", 0)) for n, h in enumerate(hours) if h >= 0)
    change_rules(
        tx, this_shop(), deposit=deposit, terms=Terms(steps, entries.number("started", ALL)),
        limit=entries.amount("limit", gettext("Limit")) or 0,
        caps={role: entries.number(f"cap.{role}", 0) for role in DISCOUNT_CAPS},
        waits={"no_show_minutes": entries.number("no_show_minutes", NO_SHOW_MINUTES),
               "balance_hours": entries.number("balance_hours", BALANCE_HOURS)},
        by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.settings"))
