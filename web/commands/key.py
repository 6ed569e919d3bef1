"""``key create``, ``key list``, ``key revoke``: the keys that programs show at the API."""

import argparse
from typing import Any

from shop.channels import keys as channel_keys
from shop.core.actors import SYSTEM
from web.commands import Command
from web.commands.people import shop_of
from web.database import reading, writing
from web.house import house, now


def create_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", required=True, metavar="NAME", help="whose key it is, such as meituan")
    parser.add_argument(
        "--per-minute", type=int, default=channel_keys.PER_MINUTE, metavar="N", help="requests a minute (60)"
    )


def create(options: argparse.Namespace) -> dict[str, Any]:
    """Make a channel's key; it is printed now and never again."""
    with writing() as tx:
        row, key = channel_keys.make_key(
            tx, shop_of(tx), options.channel, by=SYSTEM, at=now(), per_minute=options.per_minute
        )
    made = {"id": row.id, "channel": row.channel, "key": key, "per_minute": row.per_minute}
    return {**made, "use": f"Authorization: Bearer {key}", "api": f"{house().settings.public_url}/api/v1/"}


def listing(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Print every key there is and was; of the key itself only its beginning is known."""
    with reading() as session:
        return [
            {
                "id": row.id,
                "channel": row.channel,
                "begins": row.hint,
                "per_minute": row.per_minute,
                "made": row.made_at.isoformat(),
                "revoked": row.revoked_at.isoformat() if row.revoked_at else None,
            }
            for row in channel_keys.all_keys(session, shop_of(session))
        ]


def revoke_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, help="its number, as bin/shop key list prints it")


def revoke(options: argparse.Namespace) -> dict[str, Any]:
    """End a key, from its next request on."""
    with writing() as tx:
        row = channel_keys.revoke_key(tx, shop_of(tx), options.id, by=SYSTEM, at=now())
    return {"id": row.id, "channel": row.channel, "revoked": True}


COMMANDS = [
    Command("key create", "make a channel's key for the API, shown once", create, create_options),
    Command("key list", "print all channel keys", listing),
    Command("key revoke", "end a channel's key", revoke, revoke_options),
]
