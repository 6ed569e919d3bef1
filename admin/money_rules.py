"""The shop's rules about money: what is paid ahead, what cancelling costs, what one person may pay back alone."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from admin import entries
from shop.core.errors import N_, Invalid
from shop.payments.rules import (
    DISCOUNT_CAPS,
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
    """Decide anew about deposits, cancelling, refunds and discounts; a row that is half filled in is refused."""
    limit = entries.amount("limit", gettext("A manager pays back alone up to"))
    if limit is None:
        raise Invalid(
            N_("Please write an amount. With 0 a second person always has to agree."), field="limit"
        )
    change_rules(
        tx, this_shop(), deposit=_deposit(), terms=Terms(_steps(), entries.number("started")), limit=limit,
        caps={role: entries.number(f"cap.{role}") for role in DISCOUNT_CAPS},
        waits={name: entries.number(name) for name in ("no_show_minutes", "balance_hours")},
        by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.settings"))


def _deposit() -> dict[str, int] | None:
    """Return what is paid ahead, None where nothing of it is filled in."""
    above = entries.amount("above", gettext("For orders above"))
    fixed = entries.amount("fixed", gettext("Or a fixed amount"))
    percent = _whole("percent")
    if above is None and fixed is None and percent is None:
        return None
    if above is None:
        raise Invalid(N_("Please write above which amount only a part is paid ahead."), field="above")
    if fixed is not None and percent is not None:
        raise Invalid(N_("Please write a percentage or an amount, not both."), field="fixed")
    if fixed is not None:
        return {"above": above, "fixed": fixed}
    if percent is None:
        raise Invalid(N_("Please write how much is paid ahead: a percentage or an amount."), field="percent")
    return {"above": above, "percent": percent}


def _steps() -> tuple[Step, ...]:
    """Return the rows of the ladder that are filled in."""
    found = []
    for n in range(STEPS):
        hours, back = _whole(f"step.{n}.hours"), _whole(f"step.{n}.back")
        if (hours is None) != (back is None):
            missing = "hours" if hours is None else "back"
            raise Invalid(N_("Please fill in the whole row: hours and percent."), field=f"step.{n}.{missing}")
        if hours is not None and back is not None:
            found.append(Step(hours, back))
    return tuple(found)


def _whole(name: str) -> int | None:
    """Return a whole number, None where nothing is written."""
    return entries.number(name) if entries.text(name) else None
