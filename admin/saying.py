"""The diary in words: what happened, to what, old and new, for timelines and the diary page."""

from flask_babel import gettext

from shop.core.matching import Reason
from shop.core.types import say
from shop.menu.stages import STAGE_WORDS
from shop.orders.searching import Field
from shop.orders.tables import OrderState
from shop.orders.words import REASON_WORDS
from web.house import menu_card
from web.i18n import language


def state_words(state: str) -> str:
    """Return an order's state in the words of this request."""
    return str(
        {
            OrderState.PLACED: gettext("Not paid yet"),
            OrderState.CONFIRMED: gettext("Confirmed"),
            OrderState.IN_PRODUCTION: gettext("Being made"),
            OrderState.READY: gettext("Ready"),
            OrderState.OUT_FOR_DELIVERY: gettext("On its way"),
            OrderState.HANDED_OVER: gettext("Handed over"),
            OrderState.CLOSED: gettext("Closed"),
            OrderState.EXPIRED: gettext("Not paid in time"),
            OrderState.REJECTED: gettext("Turned down"),
            OrderState.CANCELLED: gettext("Cancelled"),
            OrderState.NO_SHOW: gettext("Not picked up"),
        }[OrderState(state)]
    )


def channel_words(channel: str) -> str:
    """Return where an order came from."""
    known = {
        "kiosk": gettext("Kiosk"), "counter": gettext("Counter"), "phone": gettext("Phone"),
        "chat": gettext("Chat"), "web": gettext("Web"), "sales": gettext("Platform"),
    }  # fmt: skip
    return str(known.get(channel, channel))


def match_words(field: str) -> str:
    """Return by what a search found an order."""
    return str(
        {
            Field.NUMBER: gettext("Number, placed"),
            Field.CAKE_CODE: gettext("Cake code"),
            Field.COUNTER_CODE: gettext("Counter code"),
            Field.PLATFORM: gettext("Number of the platform"),
            Field.CAKE: gettext("Cake"),
            Field.WRITING: gettext("Writing"),
            Field.NAME: gettext("Customer's name"),
            Field.PHONE: gettext("Customer's phone"),
        }[Field(field)]
    )


def reason_words(reason: str) -> str:
    """Return why an order was cancelled; what somebody wrote themselves stays as it is."""
    return say(REASON_WORDS.get(reason), language()) or reason


def common_reasons() -> list[str]:
    """Return the reasons to choose from when the shop cancels, in the words of this request."""
    return [say(words, language()) for key, words in REASON_WORDS.items() if key != "customer"]


def event_words(kind: str) -> str:
    """Return what an event says; an unknown kind is shown as it is written."""
    known = {
        "order_placed": gettext("Order placed"),
        "order_overbooked": gettext("Promised beyond capacity"),
        "allergy_accepted": gettext("The customer knows that a cake contains what somebody is allergic to"),
        "order_confirmed": gettext("Order confirmed"),
        "order_changed": gettext("Order changed"),
        "order_cancelled": gettext("Order cancelled"),
        "order_expired": gettext("Not paid in time"),
        "order_handed_over": gettext("Handed over"),
        "order_ready": gettext("Ready for pickup"),
        "order_closed": gettext("Order closed"),
        "alarm_raised": gettext("Warned"),
        "alarm_repeated": gettext("Warned again"),
        "alarm_changed": gettext("The chance of being late has changed"),
        "alarm_acknowledged": gettext("Somebody looks after the warning"),
        "alarm_ended": gettext("The warning is over"),
        "partner_changed": gettext("Accountable partner changed"),
        "partner_rules_changed": gettext("Rules for accountable partners changed"),
        "incident_reported": gettext("Something went wrong"),
        "incident_closed": gettext("Incident closed"),
        "moves_suggested": gettext("Other steps would help now"),
        "move_applied": gettext("Something was done about a warning"),
        "move_undone": gettext("A step was taken back"),
        "order_postponed": gettext("Made way for another cake"),
        "order_rushed": gettext("Marked as urgent"),
        "order_rush_ended": gettext("No longer urgent"),
        "order_in_production": gettext("The kitchen has started"),
        "order_commented": gettext("Comment written"),
        "comment_settled": gettext("Comment done"),
        "payment_captured": gettext("Payment taken"),
        "token_renewed": gettext("New slip, the old one is void"),
        "person_revealed": gettext("Looked at the customer's contact"),
        "person_erased": gettext("Customer's data erased"),
        "task_started": gettext("Started"),
        "task_finished": gettext("Finished"),
        "task_recalled": gettext("Taken back"),
        "cake_remade": gettext("Made again"),
        "plan_changed": gettext("The plan has moved its work"),
        "inscription_checked": gettext("Written as ordered"),
        "order_not_fetched": gettext("Not picked up"),
        "shop_founded": gettext("Shop opened"),
        "notice_acknowledged": gettext("Notice seen"),
        "slip_queued": gettext("Slip sent to the printer"),
        "slip_printed": gettext("Slip printed"),
        "slip_failed": gettext("Printing failed"),
        "pin_wrong": gettext("Wrong PIN or digits typed"),
        "menu_changed": gettext("Menu changed"),
        "shift_changed": gettext("Shift changed"),
        "shop_changed": gettext("Shop's settings changed"),
        "shift_ended": gettext("Went home early"),
        "shift_end_recalled": gettext("Stayed after all"),
        "unit_stopped": gettext("Out of order"),
        "unit_mended": gettext("Back in order"),
        "area_changed": gettext("Delivery areas changed"),
        "recovery_renewed": gettext("New recovery code"),
        "device_changed": gettext("Device changed"),
        "device_code_made": gettext("New pairing code"),
        "task_offered": gettext("Offered to a baker"),
        "offer_declined": gettext("The baker said no"),
        "offer_lapsed": gettext("The baker did not answer"),
        "offer_unanswered": gettext("Nobody takes this work"),
        "task_claimed": gettext("A baker took it"),
        "task_released": gettext("Given back"),
        "task_assigned": gettext("Given to a baker"),
        "task_taken_over": gettext("Taken over"),
        "claim_ended": gettext("No longer kept for the baker"),
        "drop_made": gettext("Delivery planned"),
        "drop_offered": gettext("Offered to a courier"),
        "drop_declined": gettext("The courier said no"),
        "drop_lapsed": gettext("The courier did not answer"),
        "drop_unanswered": gettext("No courier takes it"),
        "drop_claimed": gettext("A courier took it"),
        "drop_released": gettext("The courier gave it back"),
        "drop_assigned": gettext("Given to a courier"),
        "drop_collected": gettext("Left the shop"),
        "drop_arrived": gettext("At the customer's door"),
        "drop_delivered": gettext("Delivered"),
        "drop_failed": gettext("Not handed over"),
        "drop_returned": gettext("Back in the shop"),
        "drop_recalled": gettext("The courier took a step back"),
        "drop_reopened": gettext("Goes out again"),
        "drop_cancelled": gettext("Delivery called off"),
        "access_denied": gettext("Denied"),
        "signed_in": gettext("Signed in"),
        "signed_in_by_recovery": gettext("Signed in by recovery code"),
        "sign_in_locked": gettext("Account locked after failed tries"),
        "sessions_ended": gettext("Signed out everywhere"),
        "password_set": gettext("Password set"),
        "device_added": gettext("Device added"),
        "device_paired": gettext("Device paired"),
        "device_revoked": gettext("Device shut out"),
        "staff_added": gettext("Person added"),
        "staff_changed": gettext("Person changed"),
        "channel_key_made": gettext("Channel key made"),
        "channel_key_revoked": gettext("Channel key ended"),
        "grant_changed": gettext("Rights changed"),
        "staff_called": gettext("A customer called for help"),
    }
    return str(known.get(kind, kind.replace("_", " ")))


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
