"""What a channel says of itself."""

from dataclasses import dataclass

from shop.core.types import Words


@dataclass(frozen=True)
class Channel:
    """A way by which orders come in. ``letter`` begins their numbers; ``prepaid`` ones are confirmed at once,
    their money is owed by the channel."""

    key: str
    letter: str
    names: Words
    prepaid: bool = False
