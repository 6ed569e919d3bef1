"""Every table of the shop, imported once so that migrations and tests see them all."""

from shop.channels.tables import ChannelKey
from shop.core.events import Event
from shop.core.idempotency import DoneOnce
from shop.core.tables import Base
from shop.delivery.tables import Drop, Rider
from shop.documents.tables import Document, DocumentCounter
from shop.ledger.tables import Account, Checkpoint, Entry, Head, Posting
from shop.menu.tables import (
    Allergen,
    Option,
    OptionGroup,
    Product,
    ProductSize,
    Route,
    RouteStage,
    Size,
    Station,
)
from shop.orders.tables import Area, Cake, Comment, Draft, Line, Onlooker, Order, OrderCounter, SlotHold
from shop.payments import guards as guards  # the tables are never made without them
from shop.payments.bill_tables import Bill, BillCorrection, BilledLine
from shop.payments.discount_tables import Coupon, Discount
from shop.payments.tables import Payment, ProviderEvent, Refund
from shop.payments.till_tables import Till, TillCorrection, TillDay, TillLine, TillShift
from shop.people.offers import Offer
from shop.people.shops import Shop
from shop.people.staff import Device, Person, PersonWord, RoleGrant, Shift, ShiftChange, SignInTry, Staff
from shop.printing.tables import PrintJob
from shop.production.plan.tables import PlanRun
from shop.production.tables import (
    Alarm,
    Foresight,
    Incident,
    MoveDone,
    Notice,
    Outage,
    Remake,
    StagePast,
    Task,
)

__all__ = [
    "Account",
    "Alarm",
    "Allergen",
    "Area",
    "Base",
    "Bill",
    "BillCorrection",
    "BilledLine",
    "Cake",
    "ChannelKey",
    "Checkpoint",
    "Comment",
    "Coupon",
    "Device",
    "Discount",
    "Document",
    "DocumentCounter",
    "DoneOnce",
    "Draft",
    "Drop",
    "Entry",
    "Event",
    "Foresight",
    "Head",
    "Incident",
    "Line",
    "MoveDone",
    "Notice",
    "Offer",
    "Onlooker",
    "Option",
    "OptionGroup",
    "Order",
    "OrderCounter",
    "Outage",
    "Payment",
    "Person",
    "PersonWord",
    "PlanRun",
    "Posting",
    "PrintJob",
    "Product",
    "ProductSize",
    "ProviderEvent", "Refund",
    "Remake",
    "Rider",
    "RoleGrant",
    "Route",
    "RouteStage",
    "Shift",
    "ShiftChange",
    "Shop",
    "SignInTry",
    "Size",
    "SlotHold",
    "Staff",
    "StagePast",
    "Station",
    "Task",
    "Till",
    "TillCorrection",
    "TillDay",
    "TillLine",
    "TillShift",
]  # fmt: skip
