"""What the page says about an order: a headline and a sentence for each state, in the customer's words."""

from flask_babel import gettext, ngettext

from shop.core.errors import N_
from shop.menu.tables import StageKind
from shop.orders.tables import OrderState
from tracking.following import Following
from web.i18n import clock, day, duration, money

DOING: dict[str, str] = {
    StageKind.BAKE: N_("In the oven"),
    StageKind.COOL: N_("Cooling down"),
    StageKind.BUILD: N_("Being filled and iced"),
    StageKind.DECORATE: N_("Being decorated"),
    StageKind.CHECK: N_("Having a last look"),
    StageKind.BOX: N_("Being boxed"),
}
COMING: dict[str, str] = {
    StageKind.BAKE: N_("Next into the oven"),
    StageKind.COOL: N_("Next: cooling"),
    StageKind.BUILD: N_("Next: filling and icing"),
    StageKind.DECORATE: N_("Next: decorating"),
    StageKind.CHECK: N_("Next: a last look"),
    StageKind.BOX: N_("Next: the box"),
}


def headline(order: Following) -> str:
    """Return the one thing the customer wants to know."""
    match order.state:
        case OrderState.PLACED:
            return gettext("Please pay at the counter")
        case OrderState.CONFIRMED:
            return gettext("We have your order")
        case OrderState.IN_PRODUCTION:
            return _making(order)
        case OrderState.READY:
            return gettext("Ready for you") if order.pickup else gettext("Ready for the courier")
        case OrderState.OUT_FOR_DELIVERY if order.way.failed:
            return gettext("We could not hand it over")
        case OrderState.OUT_FOR_DELIVERY if order.way.at_door:
            return gettext("At your door")
        case OrderState.OUT_FOR_DELIVERY:
            return gettext("On its way")
        case OrderState.HANDED_OVER | OrderState.CLOSED:
            return gettext("Enjoy your cake") if order.pickup else gettext("Delivered")
        case OrderState.CANCELLED:
            return gettext("This order is cancelled")
        case OrderState.EXPIRED:
            return gettext("This order has run out of time")
        case OrderState.REJECTED:
            return gettext("We cannot make this order")
        case OrderState.DISPOSED | OrderState.RESOLD:
            return gettext("Nobody came for this cake")
        case _:
            return gettext("We are keeping your cake")


def _making(order: Following) -> str:
    done = sum(cake.done for cake in order.cakes)
    if len(order.cakes) > 1:
        if done:
            return gettext("%(done)d of %(all)d cakes are done", done=done, all=len(order.cakes))
        return gettext("Your cakes are being made")
    cake = order.cakes[0]
    if cake.now is None:
        return gettext("Your cake is done")
    return gettext((DOING if cake.running else COMING)[cake.now])


def sentence(order: Following) -> str:
    """Return what comes next, or what to do."""
    match order.state:
        case OrderState.PLACED:
            return gettext("We keep your time until %(time)s.", time=clock(order.pay_until))
        case OrderState.CONFIRMED | OrderState.IN_PRODUCTION:
            return when(order)
        case OrderState.READY if order.pickup:
            return gettext("Show the number at the counter and bring the PIN from the slip.")
        case OrderState.OUT_FOR_DELIVERY if order.way.damaged:
            return gettext("We are sorry: your cake was damaged. Please call, so that we can make it good.")
        case OrderState.OUT_FOR_DELIVERY if order.way.waits_until:
            return gettext(
                "The courier waits at your door until %(time)s.", time=clock(order.way.waits_until)
            )
        case OrderState.OUT_FOR_DELIVERY if order.way.failed:
            return gettext(
                "Your cake is safe with us. Please call, then we bring it again or keep it for you."
            )
        case OrderState.OUT_FOR_DELIVERY if order.way.at_door:
            return gettext("The courier asks for the PIN from your slip.")
        case OrderState.READY | OrderState.OUT_FOR_DELIVERY:
            return when(order)
        case OrderState.HANDED_OVER | OrderState.CLOSED:
            return gettext("Thank you for coming to us.")
        case OrderState.CANCELLED | OrderState.DISPOSED | OrderState.RESOLD if order.owed:
            return gettext(
                "%(amount)s goes back to you the way you paid it.", amount=money(order.owed, order.currency)
            )
        case OrderState.CANCELLED | OrderState.DISPOSED | OrderState.RESOLD if order.given_back:
            return gettext("%(amount)s was paid back to you.", amount=money(order.given_back, order.currency))
        case OrderState.CANCELLED if order.paid:
            return gettext("Nothing of what you paid goes back, by the terms of your order.")
        case OrderState.CANCELLED:
            return gettext("Nothing is owed, on either side.")
        case OrderState.EXPIRED:
            return gettext(
                "It was not paid in time, so the time went back. You owe nothing; please order again."
            )
        case OrderState.REJECTED:
            return gettext("We are sorry. What you paid goes back to you.")
        case OrderState.DISPOSED | OrderState.RESOLD:
            return gettext("We could not keep it any longer. If something went wrong, please call us.")
        case OrderState.NO_SHOW:
            return gettext("Please call us, then we agree on a time.")
        case _:
            return ""


def when(order: Following) -> str:
    """Return what the expected time is for, and say so when it is later than promised."""
    if order.window is None:
        return ""
    if order.late:
        return gettext("That is later than promised. We are sorry.")
    return gettext("About then you can collect it.") if order.pickup else gettext("It arrives in this time.")


def window(order: Following) -> str:
    """Return the expected time as a range: today 14:50 – 15:05."""
    if order.window is None:
        return ""
    first, last = order.window
    return f"{day(first)} {clock(first)} – {clock(last)}"


def started_in(order: Following) -> str:
    """Return when the kitchen begins with an order that it has not touched."""
    if order.starts_in is None:
        return ""
    if order.starts_in < 1:
        return gettext("We start any moment.")
    if order.starts_in > 24 * 60:
        return ngettext("We start in %(num)d day.", "We start in %(num)d days.", order.starts_in // (24 * 60))
    step = 5 if order.starts_in < 60 else 15
    return gettext("We start in about %(time)s.", time=duration(max(step, order.starts_in // step * step)))
