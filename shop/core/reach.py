"""Whether an address can be opened from outside the shop."""

import ipaddress
from urllib.parse import urlsplit

HOME = (".local", ".lan", ".internal", ".home", ".home.arpa", ".localhost")


def only_in_the_shop(address: str) -> bool:
    """Whether a phone outside the shop cannot reach this address: loopback, a home network, a bare name."""
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(HOME)
