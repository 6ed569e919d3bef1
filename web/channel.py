"""A program at the API: it shows its channel's key with each request, and is answered so often a minute."""

from flask import request

from shop.channels.tables import ChannelKey
from shop.core.errors import N_, ShopError
from shop.core.keys import digest
from web import limits
from web.database import reader
from web.house import house, this_shop


class KeyNeeded(ShopError):
    """No key came, or one that is not known here, or not any more."""

    status = 401
    kind = "key_needed"
    message = N_("Please send the channel's key: Authorization: Bearer KEY.")


def key_shown() -> ChannelKey:
    """Return the key that this request shows; raises `KeyNeeded`, and `TooMany` for one that asks too often."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 8 <= len(secret) <= 200:
        raise KeyNeeded()
    row = house().channel_keys.find(reader(), secret=digest(secret), shop=this_shop().id)
    if row is None:
        raise KeyNeeded()
    limits.count_key(row.id, row.per_minute)
    return row
