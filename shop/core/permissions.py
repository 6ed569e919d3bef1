"""Who may do what: one enum of permissions, one of roles, and the grants the shop starts with.

The table is trust.md section 5. Grants are rows a shop may edit; roles and permissions are fixed.
"""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    PARTNER = "partner"
    PARTNER_RESTRICTED = "partner_restricted"
    MANAGER = "manager"
    CLERK = "clerk"
    BAKER = "baker"
    COURIER = "courier"
    AUDITOR = "auditor"


class Permission(StrEnum):
    MENU_SEE = "menu:see"
    MENU_EDIT = "menu:edit"
    ORDER_PLACE = "order:place"
    ORDER_SEE = "order:see"
    ORDER_COMMENT = "order:comment"
    ORDER_CHANGE = "order:change"
    ORDER_CANCEL = "order:cancel"
    ORDER_CANCEL_STARTED = "order:cancel_started"
    ORDER_HAND_OVER = "order:hand_over"
    ORDER_OVERBOOK = "order:overbook"
    ORDER_PARTNER = "order:partner"
    PERSON_SEE = "person:see"
    PAYMENT_TAKE = "payment:take"
    PAYMENT_SEE = "payment:see"
    INVOICE_SEE = "invoice:see"
    INVOICE_ISSUE = "invoice:issue"
    BILL_SEE = "bill:see"
    BILL_EXPLAIN = "bill:explain"
    REFUND_REQUEST = "refund:request"
    REFUND_APPROVE = "refund:approve"
    DISCOUNT_GIVE = "discount:give"
    DISCOUNT_APPROVE = "discount:approve"
    COUPON_EDIT = "coupon:edit"
    TILL_SEE = "till:see"
    TILL_OPEN = "till:open"
    TILL_COUNT = "till:count"
    DAY_SEE = "day:see"
    DAY_CLOSE = "day:close"
    DELIVERY_RIDE = "delivery:ride"
    DELIVERY_DISPATCH = "delivery:dispatch"
    TASK_ADVANCE = "task:advance"
    TASK_REMAKE = "task:remake"
    STATION_STOP = "station:stop"
    KITCHEN_SEE = "kitchen:see"
    STATION_EDIT = "station:edit"
    SHIFT_EDIT = "shift:edit"
    REVENUE_SEE = "revenue:see"
    STAFF_MANAGE = "staff:manage"
    ROLE_MANAGE = "role:manage"
    DEVICE_MANAGE = "device:manage"
    AUDIT_SEE = "audit:see"
    ADMIN_SEE = "admin:see"
    BOOKS_ROTATE = "books:rotate"


P = Permission
_TEAM = {P.ADMIN_SEE, P.MENU_SEE, P.ORDER_SEE, P.ORDER_COMMENT}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(
        _TEAM
        | {P.ORDER_PLACE, P.ORDER_CANCEL, P.ORDER_CANCEL_STARTED, P.MENU_EDIT, P.STATION_EDIT, P.SHIFT_EDIT}
        | {P.REVENUE_SEE, P.STAFF_MANAGE, P.ROLE_MANAGE, P.DEVICE_MANAGE, P.AUDIT_SEE, P.KITCHEN_SEE}
        | {P.DELIVERY_DISPATCH, P.ORDER_PARTNER, P.STATION_STOP, P.PAYMENT_SEE, P.REFUND_APPROVE}
        | {P.BILL_SEE, P.BILL_EXPLAIN, P.BOOKS_ROTATE, P.INVOICE_SEE, P.INVOICE_ISSUE}
        | {P.DISCOUNT_GIVE, P.DISCOUNT_APPROVE, P.COUPON_EDIT}
    ),
    Role.PARTNER: frozenset(
        _TEAM
        | {P.ORDER_PLACE, P.REVENUE_SEE, P.AUDIT_SEE, P.TILL_SEE, P.DAY_SEE}
        | {P.PAYMENT_SEE, P.REFUND_APPROVE, P.BILL_SEE, P.BOOKS_ROTATE}
    ),
    Role.PARTNER_RESTRICTED: frozenset({P.ADMIN_SEE, P.ORDER_SEE, P.REVENUE_SEE}),
    Role.MANAGER: frozenset(
        _TEAM
        | {P.ORDER_PLACE, P.ORDER_CHANGE, P.ORDER_CANCEL, P.ORDER_CANCEL_STARTED, P.ORDER_HAND_OVER}
        | {P.ORDER_OVERBOOK, P.PERSON_SEE, P.PAYMENT_TAKE, P.TASK_ADVANCE, P.TASK_REMAKE, P.KITCHEN_SEE}
        | {P.TILL_SEE, P.TILL_OPEN, P.TILL_COUNT, P.DAY_SEE, P.DAY_CLOSE}
        | {P.PAYMENT_SEE, P.REFUND_REQUEST, P.REFUND_APPROVE, P.BILL_SEE, P.BILL_EXPLAIN}
        | {P.DISCOUNT_GIVE, P.DISCOUNT_APPROVE, P.COUPON_EDIT, P.INVOICE_SEE, P.INVOICE_ISSUE}
        | {
            P.DELIVERY_DISPATCH,
            P.ORDER_PARTNER,
            P.MENU_EDIT,
            P.STATION_EDIT,
            P.STATION_STOP,
            P.SHIFT_EDIT,
            P.REVENUE_SEE,
            P.STAFF_MANAGE,
            P.DEVICE_MANAGE,
            P.AUDIT_SEE,
        }
    ),
    Role.CLERK: frozenset(
        _TEAM
        | {P.ORDER_PLACE, P.ORDER_CHANGE, P.ORDER_CANCEL, P.ORDER_HAND_OVER, P.PERSON_SEE, P.PAYMENT_TAKE}
        | {P.TASK_ADVANCE, P.KITCHEN_SEE, P.DELIVERY_DISPATCH, P.TILL_SEE, P.TILL_OPEN, P.TILL_COUNT}
        | {P.PAYMENT_SEE, P.REFUND_REQUEST, P.DISCOUNT_GIVE, P.INVOICE_SEE, P.INVOICE_ISSUE}
    ),
    Role.BAKER: frozenset({P.KITCHEN_SEE, P.TASK_ADVANCE, P.TASK_REMAKE, P.STATION_STOP}),
    Role.COURIER: frozenset({P.DELIVERY_RIDE}),
    Role.AUDITOR: frozenset(
        {P.ADMIN_SEE, P.ORDER_SEE, P.REVENUE_SEE, P.AUDIT_SEE, P.TILL_SEE, P.DAY_SEE, P.PAYMENT_SEE}
        | {P.BILL_SEE, P.INVOICE_SEE}
    ),
}
