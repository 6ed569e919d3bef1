"""Every right in words, for the page of roles and for the diary."""

from flask_babel import gettext

from shop.core.permissions import Permission

P = Permission


def areas() -> list[tuple[str, list[tuple[Permission, str]]]]:
    """Return every right in words, by area. The tests see to it that none is left out."""
    return [
        (gettext("Orders"), [
            (P.ORDER_SEE, gettext("See orders")),
            (P.ORDER_PLACE, gettext("Enter orders at the desk")),
            (P.ORDER_COMMENT, gettext("Read and write comments on orders")),
            (P.ORDER_CHANGE, gettext("Change orders")),
            (P.ORDER_CANCEL, gettext("Cancel before production")),
            (P.ORDER_CANCEL_STARTED, gettext("Cancel after production has started")),
            (P.ORDER_HAND_OVER, gettext("Hand cakes over")),
            (P.ORDER_OVERBOOK, gettext("Promise more than the kitchen can, with a reason")),
            (P.ORDER_PARTNER, gettext("Say which partner answers for an order")),
            (P.PAYMENT_TAKE, gettext("Take payments")),
            (P.PAYMENT_SEE, gettext("See payments and refunds")),
            (P.BILL_SEE, gettext("See the providers' bills")),
            (P.BILL_EXPLAIN, gettext("Bring bills in and explain their lines")),
            (P.INVOICE_SEE, gettext("Read invoices and credit notes")),
            (P.INVOICE_ISSUE, gettext("Issue invoices and credit notes")),
            (P.REFUND_REQUEST, gettext("Ask for refunds")),
            (P.REFUND_APPROVE, gettext("Agree to refunds")),
            (P.DISCOUNT_GIVE, gettext("Give discounts, up to the cap of the role")),
            (P.DISCOUNT_APPROVE, gettext("Agree to discounts above the cap")),
            (P.PERSON_SEE, gettext("See a customer's name and phone")),
        ]),
        (gettext("Kitchen"), [
            (P.KITCHEN_SEE, gettext("See the kitchen boards")),
            (P.TASK_ADVANCE, gettext("Start and finish work")),
            (P.TASK_REMAKE, gettext("Have a cake made again")),
            (P.STATION_STOP, gettext("Say that something is out of order")),
        ]),
        (gettext("Delivery"), [
            (P.DELIVERY_RIDE, gettext("Bring cakes to customers")),
            (P.DELIVERY_DISPATCH, gettext("Send couriers on their way")),
        ]),
        (gettext("Tills"), [
            (P.TILL_SEE, gettext("See the tills and their lines")),
            (P.TILL_OPEN, gettext("Open a till, put cash in or take it out")),
            (P.TILL_COUNT, gettext("Count a till")),
            (P.DAY_SEE, gettext("See the reports of the days")),
            (P.DAY_CLOSE, gettext("Check a count, close the day")),
        ]),
        (gettext("Setting up"), [
            (P.MENU_SEE, gettext("See cakes and prices")),
            (P.MENU_EDIT, gettext("Change cakes and prices")),
            (P.COUPON_EDIT, gettext("Make and change coupons")),
            (P.STATION_EDIT, gettext("Change stations and the shop")),
            (P.SHIFT_EDIT, gettext("Change shifts")),
        ]),
        (gettext("Running the shop"), [
            (P.ADMIN_SEE, gettext("Enter the back office")),
            (P.REVENUE_SEE, gettext("See revenue")),
            (P.AUDIT_SEE, gettext("Read the diary")),
            (P.STAFF_MANAGE, gettext("Look after clerks, bakers and couriers")),
            (P.DEVICE_MANAGE, gettext("Pair and remove devices")),
            (P.BOOKS_ROTATE, gettext("Change the key that signs the books, two together")),
            (P.ROLE_MANAGE, gettext("Change roles and look after everybody")),
        ]),
    ]  # fmt: skip


def right_words(permission: str) -> str:
    """Return one right in words."""
    every = {right: words for _, rights in areas() for right, words in rights}
    return next((words for right, words in every.items() if right == permission), permission)
