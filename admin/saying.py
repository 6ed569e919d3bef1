"""The diary in words: what happened, to what, old and new, for timelines and the diary page."""

from flask_babel import gettext

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.core.types import say
from shop.delivery.moves import WHY
from shop.delivery.words import FAIL_REASONS, NEXT_STEPS
from shop.menu.stages import STAGE_WORDS
from shop.orders.searching import Field
from shop.orders.tables import Order, OrderState
from shop.orders.words import REASON_WORDS
from web.house import menu_card, now, this_shop
from web.i18n import day, language

STATES: dict[OrderState, str] = {
    OrderState.PLACED: N_("Not paid yet"),
    OrderState.CONFIRMED: N_("Confirmed"),
    OrderState.IN_PRODUCTION: N_("Being made"),
    OrderState.READY: N_("Ready"),
    OrderState.OUT_FOR_DELIVERY: N_("On its way"),
    OrderState.HANDED_OVER: N_("Handed over"),
    OrderState.CLOSED: N_("Closed"),
    OrderState.EXPIRED: N_("Not paid in time"),
    OrderState.REJECTED: N_("Turned down"),
    OrderState.CANCELLED: N_("Cancelled"),
    OrderState.NO_SHOW: N_("Not picked up"),
    OrderState.DISPOSED: N_("Not picked up, given up"),
    OrderState.RESOLD: N_("Not picked up, sold"),
}


def state_words(state: str) -> str:
    """Return an order's state in the words of this request."""
    return str(gettext(STATES[OrderState(state)]))


CHANNELS: dict[str, str] = {
    "kiosk": N_("Kiosk"), "counter": N_("Counter"), "phone": N_("Phone"),
    "chat": N_("Chat"), "web": N_("Web"), "sales": N_("Platform"),
}  # fmt: skip


def channel_words(channel: str) -> str:
    """Return where an order came from."""
    return str(gettext(CHANNELS[channel])) if channel in CHANNELS else channel


MATCHES: dict[Field, str] = {
    Field.NUMBER: N_("Number, placed"),
    Field.CAKE_CODE: N_("Cake code"),
    Field.COUNTER_CODE: N_("Counter code"),
    Field.PLATFORM: N_("Number of the platform"),
    Field.CAKE: N_("Cake"),
    Field.WRITING: N_("Writing"),
    Field.NAME: N_("Customer's name"),
    Field.PHONE: N_("Customer's phone"),
}


def match_words(field: str) -> str:
    """Return by what a search found an order."""
    return str(gettext(MATCHES[Field(field)]))


def reason_words(reason: str) -> str:
    """Return why an order was cancelled, or not handed over; what somebody wrote themselves stays as it is."""
    if reason in WHY.values():
        return str(gettext(reason))
    return say(REASON_WORDS.get(reason) or FAIL_REASONS.get(reason), language()) or reason


def next_words(step: str) -> str:
    """Return what a hand-over that failed goes on with."""
    return say(NEXT_STEPS.get(step), language()) or step


def common_reasons() -> list[str]:
    """Return the reasons to choose from when the shop cancels, in the words of this request."""
    return [say(words, language()) for key, words in REASON_WORDS.items() if key != "customer"]


EVENTS: dict[str, str] = {
    "order_placed": N_("Order placed"),
    "order_overbooked": N_("Promised beyond capacity"),
    "allergy_accepted": N_("The customer knows that a cake contains what somebody is allergic to"),
    "order_confirmed": N_("Order confirmed"),
    "books_signed": N_("The books were signed"),
    "key_rotated": N_("The books go on with another key"),
    "order_changed": N_("Order changed"),
    "order_cancelled": N_("Order cancelled"),
    "order_expired": N_("Not paid in time"),
    "order_handed_over": N_("Handed over"),
    "order_ready": N_("Ready for pickup"),
    "order_closed": N_("Order closed"),
    "alarm_raised": N_("Warned"),
    "alarm_repeated": N_("Warned again"),
    "alarm_changed": N_("The chance of being late has changed"),
    "alarm_acknowledged": N_("Somebody looks after the warning"),
    "alarm_ended": N_("The warning is over"),
    "partner_changed": N_("Accountable partner changed"),
    "partner_rules_changed": N_("Rules for accountable partners changed"),
    "incident_reported": N_("Something went wrong"),
    "incident_closed": N_("Incident closed"),
    "moves_suggested": N_("Other steps would help now"),
    "delivery_chances_changed": N_("Deliveries were foreseen anew"),
    "move_applied": N_("Something was done about a warning"),
    "move_undone": N_("A step was taken back"),
    "order_postponed": N_("Made way for another cake"),
    "order_rushed": N_("Marked as urgent"),
    "order_rush_ended": N_("No longer urgent"),
    "order_in_production": N_("The kitchen has started"),
    "order_commented": N_("Comment written"),
    "comment_settled": N_("Comment done"),
    "payment_captured": N_("Payment taken"),
    "payment_started": N_("A payment was begun"),
    "payment_offered": N_("The code was shown"),
    "payment_failed": N_("A payment did not work"),
    "payment_expired": N_("A code ran out"),
    "payment_doubted": N_("Nobody knows whether a payment came"),
    "payment_stopped": N_("The customer left the code"),
    "payment_mismatched": N_("Another amount came than was asked for"),
    "mismatched_payment_returned": N_("What came by mistake goes back"),
    "mismatched_payment_closed": N_("Another amount was settled with the provider"),
    "late_payment_captured": N_("Money came too late"),
    "invoice_issued": N_("Invoice issued"),
    "credit_note_issued": N_("Credit note issued"),
    "seller_changed": N_("The seller or the tax rate on papers was changed"),
    "money_rules_changed": N_("The rules about money were changed"),
    "bill_imported": N_("A provider’s bill came"),
    "bill_correction_asked": N_("Asked to correct a line of a bill"),
    "bill_correction_approved": N_("A line of a bill was corrected"),
    "bill_correction_declined": N_("A correction of a bill was declined"),
    "payments_settled": N_("Payments stand in the provider’s bill"),
    "bill_line_explained": N_("A line of a bill was explained"),
    "bill_line_attached": N_("A line of a bill was attached to a payment"),
    "payment_disputed": N_("A bank holds a payment back"),
    "dispute_answered": N_("A dispute was answered"),
    "dispute_won": N_("A dispute was won"),
    "dispute_lost": N_("A dispute was lost"),
    "refund_requested": N_("A refund was asked for"),
    "refund_approved": N_("A refund was agreed to"),
    "refund_rejected": N_("A refund was not agreed to"),
    "refund_lapsed": N_("A refund lapsed"),
    "refund_completed": N_("A refund was paid"),
    "refund_failed": N_("A refund did not work"),
    "refund_retried": N_("A refund was sent once more"),
    "coupon_made": N_("Coupon made"),
    "coupon_changed": N_("Coupon changed"),
    "coupon_redeemed": N_("A coupon was used"),
    "order_discounted": N_("Something was taken off the price"),
    "discount_requested": N_("A discount was asked for"),
    "discount_rejected": N_("A discount was not agreed to"),
    "discount_removed": N_("A discount was taken back"),
    "discount_lapsed": N_("A discount lapsed"),
    "till_made": N_("Till put up"),
    "till_changed": N_("Till changed"),
    "till_opened": N_("Till opened"),
    "cash_moved": N_("Cash put in or taken out of a till"),
    "till_counted": N_("Till counted"),
    "till_checked": N_("A count was checked"),
    "difference_explained": N_("Said why a till is over or short"),
    "correction_asked": N_("Asked to correct a count"),
    "correction_approved": N_("A count was corrected"),
    "correction_declined": N_("A correction was declined"),
    "courier_cash_cleared": N_("A courier’s cash was taken in"),
    "day_closed": N_("Day closed"),
    "token_renewed": N_("New slip, the old one is void"),
    "person_revealed": N_("Looked at the customer's contact"),
    "person_erased": N_("Customer's data erased"),
    "task_started": N_("Started"),
    "task_finished": N_("Finished"),
    "task_recalled": N_("Taken back"),
    "cake_remade": N_("Made again"),
    "plan_changed": N_("The plan has moved its work"),
    "inscription_checked": N_("Written as ordered"),
    "hidden_cash_received": N_("Cash to be put into the cake"),
    "hidden_cash_returned": N_("Cash for the cake given back"),
    "cash_enveloped": N_("The envelope is in the cake"),
    "envelope_removed": N_("The envelope is out of the box: its cash belongs where it came from"),
    "no_show_recalled": N_("It lies ready again"),
    "order_forfeited": N_("The cake was given up"),
    "balance_due": N_("The rest is due"),
    "order_not_fetched": N_("Not picked up"),
    "shop_founded": N_("Shop opened"),
    "notice_acknowledged": N_("Notice seen"),
    "slip_queued": N_("Slip sent to the printer"),
    "slip_printed": N_("Slip printed"),
    "slip_failed": N_("Printing failed"),
    "pin_wrong": N_("Wrong PIN or digits typed"),
    "menu_changed": N_("Menu changed"),
    "shift_changed": N_("Shift changed"),
    "shop_changed": N_("Shop's settings changed"),
    "shift_ended": N_("Went home early"),
    "shift_end_recalled": N_("Stayed after all"),
    "unit_stopped": N_("Out of order"),
    "unit_mended": N_("Back in order"),
    "area_changed": N_("Delivery areas changed"),
    "recovery_renewed": N_("New recovery code"),
    "device_changed": N_("Device changed"),
    "device_code_made": N_("New pairing code"),
    "task_offered": N_("Offered to a baker"),
    "offer_declined": N_("The baker said no"),
    "offer_lapsed": N_("The baker did not answer"),
    "offer_unanswered": N_("Nobody takes this work"),
    "task_claimed": N_("A baker took it"),
    "task_released": N_("Given back"),
    "task_assigned": N_("Given to a baker"),
    "task_taken_over": N_("Taken over"),
    "claim_ended": N_("No longer kept for the baker"),
    "drop_made": N_("Delivery planned"),
    "drop_offered": N_("Offered to a courier"),
    "drop_declined": N_("The courier said no"),
    "drop_lapsed": N_("The courier did not answer"),
    "drop_unanswered": N_("No courier takes it"),
    "drop_claimed": N_("A courier took it"),
    "drop_released": N_("The courier gave it back"),
    "drop_assigned": N_("Given to a courier"),
    "drop_collected": N_("Left the shop"),
    "drop_arrived": N_("At the customer's door"),
    "drop_delivered": N_("Delivered"),
    "drop_failed": N_("Not handed over"),
    "drop_returned": N_("Back in the shop"),
    "drop_recalled": N_("The courier took a step back"),
    "drop_reopened": N_("Goes out again"),
    "drop_cancelled": N_("Delivery called off"),
    "access_denied": N_("Denied"),
    "browser_shared": N_("The second person sat at the browser where this one had signed in"),
    "signed_in": N_("Signed in"),
    "signed_in_by_recovery": N_("Signed in by recovery code"),
    "sign_in_locked": N_("Account locked after failed tries"),
    "sessions_ended": N_("Signed out everywhere"),
    "password_set": N_("Password set"),
    "device_added": N_("Device added"),
    "device_paired": N_("Device paired"),
    "device_revoked": N_("Device shut out"),
    "staff_added": N_("Person added"),
    "staff_changed": N_("Person changed"),
    "channel_key_made": N_("Channel key made"),
    "channel_key_revoked": N_("Channel key ended"),
    "grant_changed": N_("Rights changed"),
    "staff_called": N_("A customer called for help"),
}


def event_words(kind: str) -> str:
    """Return what an event says; an unknown kind is shown as it is written."""
    return str(gettext(EVENTS[kind])) if kind in EVENTS else kind.replace("_", " ")


def allergen_words(slugs: list[str]) -> str:
    """Return allergens in the words of this request."""
    known = menu_card().allergens
    return gettext(", ").join(say(known.get(slug), language()) or slug for slug in slugs)


def actor_words(kind: str, name: str) -> str:
    """Return who did it: a name, or the kind of actor."""
    if name:
        return name
    known = {
        "customer": gettext("Customer"), "device": gettext("Screen"), "channel": gettext("Channel"),
        "system": gettext("automatic"), "staff": gettext("Somebody of the team"),
    }  # fmt: skip
    return str(known.get(kind, kind))


def stage_words(kind: str) -> str:
    """Return a kind of stage in the words of this request."""
    return say(STAGE_WORDS.get(kind), language())


def reason_said(reason: Reason) -> str:
    """Say why somebody suits, or not."""
    params = dict(reason.params)
    if "stage" in params:
        params["stage"] = stage_words(params["stage"])
    return str(gettext(reason.sentence, **params))


def order_words(order: Order) -> str:
    """Return an order's number, with its day where that is not today: numbers begin anew each day."""
    if order.business_date == this_shop().business_date(now()):
        return order.number
    return f"{order.number} · {day(order.business_date)}"
