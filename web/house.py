"""What an installation holds while it runs: settings, keys, clock, the writer's turn, and the bell."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import cast

import structlog
from flask import Flask
from flask.globals import _cv_app

from shop.channels.tables import ChannelKey
from shop.core.clock import Clock
from shop.core.errors import N_, Missing, ShopError
from shop.core.keys import Keys
from shop.core.store import WriterQueue
from shop.ledger.signing import Seal
from shop.menu.card import MenuCard, cached_card
from shop.payments.providers import Providers
from shop.people.shops import Shop
from shop.people.staff import Device
from web.config import Settings
from web.rows import Kept

log = structlog.get_logger()
Bell = Callable[[dict[int, int]], None]


@dataclass
class House:
    """``seal`` signs the books; ``providers`` are the accounts for online payments. ``bells`` are rung after each
    commit with the diary's new last number by shop id. ``distrusted`` is why nothing may be written any more,
    ``follow`` what a server does about it."""

    settings: Settings
    keys: Keys
    seal: Seal
    clock: Clock
    queue: WriterQueue | None
    bells: list[Bell] = field(default_factory=list)
    distrusted: str = ""
    follow: Callable[[], None] | None = None
    shops: Kept[Shop] = field(default_factory=lambda: Kept(Shop, "ORDER BY id LIMIT 1"))
    devices: Kept[Device] = field(
        default_factory=lambda: Kept(
            Device, "WHERE secret_hash = :secret AND shop_id = :shop AND revoked_at IS NULL"
        )
    )
    channel_keys: Kept[ChannelKey] = field(
        default_factory=lambda: Kept(
            ChannelKey, "WHERE secret_hash = :secret AND shop_id = :shop AND revoked_at IS NULL"
        )
    )

    @cached_property
    def providers(self) -> Providers:
        """The accounts at payment providers that stand in the data folder."""
        return Providers(self.settings.data / "payments", self.clock.now)

    def distrust(self, why: str) -> None:
        """Write nothing any more: the disk has failed in a way that a second try would only hide. Let this process
        be followed by another, where it is a server."""
        if not self.distrusted:
            self.distrusted = why
            log.critical("disk_failed", error=why)
            if self.follow is not None:
                self.follow()

    def turn(self) -> AbstractContextManager[None]:
        """Wait for the pen: SQLite has one, PostgreSQL needs none."""
        return self.queue.turn() if self.queue else nullcontext()

    def ring(self, heads: dict[int, int]) -> None:
        """Tell every screen that something has changed; says nothing about what."""
        for bell in self.bells:
            bell(heads)


class Busy(ShopError):
    """The database did not answer in time, or its disk fails; nothing was changed."""

    status = 503
    kind = "busy"
    message = N_("The shop's computer cannot save right now. Nothing was lost; please try again in a moment.")


class NoShop(Missing):
    """The installation is new: nobody has opened a shop in it."""

    status = 503
    kind = "no_shop"
    message = N_(
        "No shop is open here yet. On the computer that serves this page, bin/shop open gives it a name and an owner."
    )


# The four below are asked some three hundred times for one ordering, so they look at what stands behind
# `current_app` and `g` themselves: a proxy costs five times as much.


def house() -> House:
    """Return the running installation."""
    return cast(House, _cv_app.get().app.extensions["fairslice"])


def this_app() -> Flask:
    """Return the app itself: `flask.current_app` means another one in another thread."""
    return _cv_app.get().app


def now() -> datetime:
    """Return the shop's time."""
    return house().clock.now()


def keys() -> Keys:
    """Return the shop's keys."""
    return house().keys


def this_shop() -> Shop:
    """Return the shop of this request, read once; raises `NoShop` before one is founded."""
    g = _cv_app.get().g
    shop = g.get("shop")
    if shop is None:
        from web.database import reader

        shop = house().shops.find(reader())
        if shop is None:
            raise NoShop()
        g.shop = shop
    return cast(Shop, shop)


def menu_card() -> MenuCard:
    """Return today's menu, kept in memory until somebody edits it."""
    shop, g = this_shop(), _cv_app.get().g
    card = g.get("menu_card")
    if card is None or card.version != shop.menu_version:
        from web.database import reader

        card = g.menu_card = cached_card(reader(), shop)
    return cast(MenuCard, card)
