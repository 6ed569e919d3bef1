"""Every door of the back office in one table: address, view, and who may pass."""

from dataclasses import replace

from flask import Blueprint

from admin import (
    actions,
    alarms,
    areas,
    choices,
    claims,
    code_payment,
    comments,
    contact,
    counting,
    coupons,
    dashboard,
    days,
    desk,
    devices,
    diary,
    discounts,
    dispatch,
    disputes,
    documents,
    hiding,
    incidents,
    kitchen,
    menu,
    mismatch,
    money,
    money_rules,
    orders,
    outages,
    partner,
    plan,
    reconciliation,
    roles,
    rushing,
    second,
    seller,
    till,
    tills,
    unfetched,
)
from admin import staff as team
from admin.around import stand_around
from shop.core.permissions import Permission as P
from web.access import Door, Once, Room, staff
from web.live import hang
from web.stood import as_it_stood

SEE, TAKE, EDIT = staff(P.ORDER_SEE), staff(P.PAYMENT_TAKE), staff(P.MENU_EDIT)
PLACE, CHANGE = staff(P.ORDER_PLACE), staff(P.ORDER_CHANGE)
KITCHEN, SHIFTS = staff(P.STATION_EDIT), staff(P.SHIFT_EDIT)
KEY = Once.KEY

DOORS = [
    Door("GET", "/", dashboard.dashboard, staff(P.ADMIN_SEE)),
    Door("GET", "/today", dashboard.today_part, staff(P.ADMIN_SEE)),
    # orders
    Door("GET", "/orders", orders.orders, SEE),
    Door("GET", "/orders/list", orders.orders_part, SEE),
    Door("GET", "/orders/<int:order_id>", orders.order, SEE),
    Door("GET", "/orders/<int:order_id>/part", orders.order_part, SEE),
    Door("GET", "/orders/<int:order_id>/actions", orders.order_actions, SEE),
    Door("POST", "/orders/<int:order_id>/contact", contact.reveal_contact, staff(P.PERSON_SEE), KEY,
         contact.contact_shown, form=orders.order),
    Door("POST", "/orders/<int:order_id>/payment", actions.pay, TAKE, KEY, form=actions.pay_form),
    Door("GET", "/orders/<int:order_id>/paid/<int:payment_id>", actions.paid, TAKE),
    Door("POST", "/orders/<int:order_id>/lines/<int:line_id>", actions.change, CHANGE, KEY, form=orders.order),
    Door("POST", "/orders/<int:order_id>/cancellation", actions.cancel, staff(P.ORDER_CANCEL), KEY,
         form=orders.order),
    Door("POST", "/orders/<int:order_id>/cancellation/two", actions.cancel_started,
         staff(P.ORDER_CANCEL_STARTED), KEY, before=second.second_person, form=orders.order),
    Door("POST", "/orders/<int:order_id>/rush", actions.rush, CHANGE, KEY, form=rushing.urgent),
    *rushing.DOORS,
    Door("POST", "/orders/<int:order_id>/hand-over", actions.hand_over, staff(P.ORDER_HAND_OVER), KEY,
         before=actions.check_pin, form=orders.order),
    Door("GET", "/orders/<int:order_id>/slip", actions.slip, staff(P.ORDER_HAND_OVER)),
    Door("POST", "/orders/<int:order_id>/slip", actions.reprint_slip, staff(P.ORDER_HAND_OVER), KEY,
         form=orders.order),
    Door("POST", "/orders/<int:order_id>/slip/new", actions.new_slip, staff(P.ORDER_HAND_OVER), KEY,
         form=orders.order),
    Door("POST", "/orders/<int:order_id>/partner", partner.change_partner, staff(P.ORDER_PARTNER), KEY,
         form=orders.order),
    Door("GET", "/my-orders", partner.my_orders, SEE),
    # order desk and till
    Door("GET", "/desk", desk.desk, PLACE),
    Door("POST", "/desk", desk.save, PLACE, KEY, desk.saved, form=desk.desk),
    Door("GET", "/desk/former", desk.former, staff(P.PERSON_SEE)),
    Door("GET", "/desk/<code>/read-back", desk.read_back, PLACE),
    Door("POST", "/desk/<code>/order", desk.place_order, PLACE, KEY, form=desk.read_back),
    Door("POST", "/desk/<code>/end", desk.discard, PLACE, KEY, form=desk.desk),
    Door("POST", "/desk/again/<int:order_id>", desk.repeat, PLACE, KEY, form=orders.order),
    Door("GET", "/till", till.till, TAKE),
    Door("GET", "/till/<int:order_id>", till.till_order, TAKE),
    *code_payment.DOORS,
    *tills.DOORS,
    Door("POST", "/tills/rules", tills.save_till_rules, tills.MANAGE, KEY, form=tills.tills),
    Door("POST", "/tills/<int:till_id>/name",
         tills.save_till, tills.MANAGE, KEY, form=tills.tills, guard=as_it_stood),
    *counting.DOORS,
    *days.DOORS,
    # menu
    Door("GET", "/menu", menu.menu, staff(P.MENU_SEE)),
    Door("POST", "/menu", menu.create_product, EDIT, KEY, form=menu.menu),
    Door("GET", "/menu/<int:product_id>", menu.product, EDIT),
    Door("POST", "/menu/<int:product_id>",
         menu.save_product, EDIT, KEY, form=menu.product, guard=as_it_stood),
    Door("GET", "/menu/<int:product_id>/picture", menu.picture, EDIT),
    Door("POST", "/menu/<int:product_id>/switch", menu.switch_product, EDIT, KEY, form=menu.menu),
    Door("GET", "/menu/choices", choices.options, EDIT),
    Door("GET", "/menu/choices/<int:group_id>", choices.group, EDIT),
    Door("POST", "/menu/choices/<int:group_id>",
         choices.save_group, EDIT, KEY, form=choices.form_of, guard=as_it_stood),
    Door("POST", "/menu/choices/<int:group_id>/<int:option_id>", choices.save_option, EDIT, KEY,
         form=choices.group, guard=as_it_stood),
    Door("POST", "/menu/sizes/<int:size_id>",
         choices.save_size, EDIT, KEY, form=choices.options, guard=as_it_stood),
    Door("POST", "/menu/allergens/<int:allergen_id>",
         choices.save_allergen, EDIT, KEY, form=choices.options, guard=as_it_stood),
    Door("GET", "/menu/ways", choices.ways, EDIT),
    Door("GET", "/menu/ways/<int:route_id>", choices.way, EDIT),
    Door("POST", "/menu/ways/<int:route_id>",
         choices.save_way, EDIT, KEY, form=choices.way, guard=as_it_stood),
    # kitchen
    Door("GET", "/kitchen", kitchen.kitchen, KITCHEN),
    Door("POST", "/kitchen/<int:station_id>",
         kitchen.save_station, KITCHEN, KEY, form=kitchen.kitchen, guard=as_it_stood),
    Door("GET", "/shifts", kitchen.shifts, SHIFTS),
    Door("POST", "/shifts/<int:staff_id>",
         kitchen.save_week, SHIFTS, KEY, form=kitchen.shifts, guard=as_it_stood),
    Door("POST", "/shifts/days", kitchen.save_day, SHIFTS, KEY, form=kitchen.shifts),
    Door("POST", "/shifts/<int:staff_id>/<day>/end", kitchen.drop_day, SHIFTS, KEY, form=kitchen.shifts),
    # diary and settings
    Door("GET", "/diary", diary.diary, staff(P.AUDIT_SEE)),
    Door("GET", "/shop", diary.settings, KITCHEN),
    Door("POST", "/shop", diary.save_settings, KITCHEN, KEY, form=diary.settings, guard=as_it_stood),
    Door("POST", "/shop/money", money_rules.save_money_rules, KITCHEN, KEY, form=diary.settings, guard=as_it_stood),
    Door("POST", "/shop/seller", seller.save_seller, KITCHEN, KEY, form=diary.settings, guard=as_it_stood),
    Door("POST", "/shop/partners", partner.save_partner_rules, KITCHEN, KEY, form=diary.settings, guard=as_it_stood),
    *(replace(door, form=orders.order if "order_id" in door.path else dashboard.dashboard) if door.once is KEY else door
      for door in comments.DOORS),
    Door("GET", "/delivery-areas", areas.delivery_areas, KITCHEN),
    Door("POST", "/delivery-areas/way",
         areas.save_delivery, KITCHEN, KEY, form=areas.delivery_areas, guard=as_it_stood),
    Door("POST", "/delivery-areas/<int:area_id>",
         areas.save_area, KITCHEN, KEY, form=areas.delivery_areas, guard=as_it_stood),
    *team.DOORS,
    *devices.DOORS,
    *dispatch.DOORS,
    *alarms.DOORS,
    *money.DOORS,
    *mismatch.DOORS,
    *disputes.DOORS,
    *documents.DOORS,
    *discounts.DOORS,
    Door("POST", "/orders/<int:order_id>/hidden", hiding.hide_cash, TAKE, KEY, form=orders.order),
    Door("POST", "/orders/<int:order_id>/hidden/end", hiding.give_hidden_back, TAKE, KEY, form=orders.order),
    Door("POST", "/orders/<int:order_id>/no-show",
         unfetched.mark_unfetched, staff(P.ORDER_HAND_OVER), KEY, form=orders.order),
    Door("POST", "/orders/<int:order_id>/no-show/end",
         unfetched.unmark_unfetched, staff(P.ORDER_HAND_OVER), KEY, form=orders.order),
    Door("POST", "/orders/<int:order_id>/given-up",
         unfetched.give_up, staff(P.ORDER_CANCEL_STARTED), KEY, before=second.second_if_much, form=orders.order),
    *coupons.DOORS,
    Door("POST", "/coupons/<int:coupon_id>",
         coupons.save_coupon, coupons.EDIT, KEY, form=coupons.coupon, guard=as_it_stood),
    *reconciliation.DOORS,
    *plan.DOORS,
    *outages.DOORS,
    *claims.DOORS,
    Door("POST", "/orders/<int:order_id>/incidents", incidents.report_incident, CHANGE, KEY, form=orders.order),
    *incidents.DOORS,
    *roles.DOORS,
]  # fmt: skip


def setup(blueprint: Blueprint) -> None:
    """Dress the pages, and hang the sockets of the live ones."""
    stand_around(blueprint)
    hang(blueprint, "/live", dashboard.today_live, staff(P.ADMIN_SEE), name="today_live")
    hang(blueprint, "/alarms/live", alarms.alarms_live, alarms.SEE, name="alarms_live")
    hang(blueprint, "/money/live", money.money_live, money.SEE, name="money_live")
    hang(blueprint, "/plan/live", plan.plan_live, plan.SEE, name="plan_live")
    hang(blueprint, "/claims/live", claims.claims_live, claims.DECIDE, name="claims_live")
    hang(blueprint, "/dispatch/live", dispatch.dispatch_live, dispatch.DISPATCH, name="dispatch_live")
    hang(blueprint, "/tills/<int:till_id>/live", tills.drawer_live, tills.SEE, name="drawer_live")
    hang(blueprint, "/orders/live", orders.orders_live, SEE, name="orders_live")
    hang(blueprint, "/orders/<int:order_id>/live", orders.order_live, SEE, name="order_live")


ROOM = Room("admin", "/admin", DOORS, setup)
