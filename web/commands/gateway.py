"""``gateway``: the payment gateway of the demo shop, for who starts the server without ``bin/serve`` or tests."""

import argparse

from shop.people.shops import only_shop
from shop.upkeep.demo.gateway import serving
from web.commands import Command, Refused
from web.database import reading
from web.house import house


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8010, help="port to listen on (8010; 0: a free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (this machine only)")


def gateway(options: argparse.Namespace) -> None:
    """Open the demo shop's accounts at the gateway, print its address, serve until Ctrl+C."""
    with reading() as session:
        shop = only_shop(session)
    if shop is None or not shop.is_demo:
        raise Refused(
            "the gateway only pretends to pay; it works for the demo shop alone (bin/shop demo reset)"
        )
    data = str(house().settings.data)
    serving.main(["--data", data, "--host", options.host, "--port", str(options.port)])


COMMANDS = [Command("gateway", "the local payment gateway of the demo shop", gateway, options)]
