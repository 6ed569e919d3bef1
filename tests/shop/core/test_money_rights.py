"""The money rows of the table of rights (trust.md section 5), cell by cell, as a shop begins with them."""

from __future__ import annotations

import pytest

from shop.core.permissions import GRANTS, Permission, Role

P, R = Permission, Role
ROLES = (R.CLERK, R.MANAGER, R.PARTNER, R.PARTNER_RESTRICTED, R.OWNER, R.AUDITOR, R.BAKER, R.COURIER)
TABLE: dict[Permission, str] = {
    #                   clerk manager partner restricted owner auditor baker courier
    P.PAYMENT_TAKE:    "Y Y - - - - - -",  # a courier takes cash of their own drops only
    P.REFUND_REQUEST:  "Y Y - - - - - -",
    P.REFUND_APPROVE:  "- Y Y - Y - - -",  # a manager alone up to the limit, the others only as the second person
    P.TILL_COUNT:      "Y Y - - - - - -",
    P.DAY_CLOSE:       "- Y - - - - - -",  # never over a till of one's own: tests/shop/payments/test_day.py
    P.TILL_SEE:        "Y Y Y - - Y - -",
    P.DAY_SEE:         "- Y Y - - Y - -",
    P.REVENUE_SEE:     "- Y Y Y Y Y - -",
    P.BILL_SEE:        "- Y Y - Y Y - -",
    P.BILL_EXPLAIN:    "- Y - - Y - - -",
    P.BOOKS_ROTATE:    "- - Y - Y - - -",  # two together
    P.ORDER_CANCEL_STARTED: "- Y - - Y - - -",  # two together
    P.AUDIT_SEE:       "- Y Y - Y Y - -",
}  # fmt: skip


@pytest.mark.parametrize("right", TABLE)
def test_each_cell_is_as_the_table_says(right: Permission) -> None:
    here = {role for role in ROLES if right in GRANTS[role]}
    assert here == {role for role, cell in zip(ROLES, TABLE[right].split(), strict=True) if cell == "Y"}
