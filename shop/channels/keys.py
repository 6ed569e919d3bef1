"""Channel keys: what a platform's or a partner's program shows at the API. Shown once, stored hashed, revocable."""

import re
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.channels.tables import ChannelKey
from shop.core.actors import Actor
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.keys import Keys, digest
from shop.people.shops import Shop

BEGINNING = "fs_"
SHOWN = 8
PER_MINUTE, MOST_PER_MINUTE = 60, 6000
OWN_WAYS = ("kiosk", "counter", "phone", "sales")
"""Ways by which the shop itself takes orders: no program may call itself so."""
_NAME = re.compile(r"\w[\w.-]{0,39}\Z")


def make_key(
    tx: Session, shop: Shop, channel: str, *, by: Actor, at: datetime, per_minute: int = PER_MINUTE, secret: str = ""
) -> tuple[ChannelKey, str]:  # fmt: skip
    """Make a key for a channel; returns its row and the key, which nobody can read again.

    A channel may have several at once, so that a new one can be in use before the old one ends. Raises `Invalid`.
    """
    name = channel.strip().lower()
    if not _NAME.match(name):
        raise Invalid(
            N_("Please name the channel in letters, digits, dots and hyphens, up to 40, such as meituan."),
            field="channel",
        )
    if name in OWN_WAYS:
        raise Invalid(
            N_("%(name)s is the shop's own way of taking orders. Please choose another name."),
            field="channel",
            name=name,
        )
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Invalid(N_("Please choose between 1 and %(most)d requests a minute."), field="per_minute",
                      most=MOST_PER_MINUTE)  # fmt: skip
    key = BEGINNING + (secret or secrets.token_urlsafe(32))
    row = ChannelKey(
        shop_id=shop.id, channel=name, hint=key[:SHOWN], secret_hash=digest(key), per_minute=per_minute, made_at=at
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    record(tx, shop.id, "channel_key_made", by=by, at=at, topics=("devices",), key=row.id, channel=name)
    return row, key


def revoke_key(tx: Session, shop: Shop, key_id: int, *, by: Actor, at: datetime) -> ChannelKey:
    """End a key, from its next request on. Raises `Missing`, and `Conflict` for one that has ended already."""
    row = held_in(tx, shop.id, ChannelKey, key_id)
    if row.revoked_at is not None:
        raise Conflict(N_("This key has ended already."))
    row.revoked_at = at
    record(
        tx, shop.id, "channel_key_revoked", by=by, at=at, topics=("devices",), key=row.id, channel=row.channel
    )
    return row


def all_keys(session: Session, shop: Shop) -> list[ChannelKey]:
    """Return every key there ever was, newest first."""
    query = select(ChannelKey).where(ChannelKey.shop_id == shop.id).order_by(ChannelKey.id.desc())
    return list(session.scalars(query))


def demo_key(tx: Session, keys: Keys, shop: Shop, *, by: Actor, at: datetime) -> ChannelKey:
    """Give the demo shop its one channel key, the one that `demo_secret` tells again at each start."""
    return make_key(tx, shop, DEMO_CHANNEL, by=by, at=at, secret=_demo(keys, shop))[0]


def demo_secret(keys: Keys, shop: Shop) -> str:
    """Return the demo shop's channel key; only a demo may show one twice."""
    return BEGINNING + _demo(keys, shop)


def _demo(keys: Keys, shop: Shop) -> str:
    return keys.token("demo-channel-key", shop.id)


DEMO_CHANNEL = "platform"
