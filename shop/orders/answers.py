"""What the shop answers to a customer who asks when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Sooner:
    """A size that could be had earlier."""

    inch: int
    earliest: datetime


@dataclass(frozen=True)
class Fewer:
    """So many of the cakes could be had earlier than all of them."""

    cakes: int
    earliest: datetime


@dataclass(frozen=True)
class Offer:
    """``earliest`` is the first time that can be kept (None: not within a week); ``sooner`` and ``fewer`` what would
    be quicker. ``looking``: somebody still looks for a sooner time, and who asks again in some seconds may get it.
    """

    earliest: datetime | None
    sooner: tuple[Sooner, ...] = ()
    fewer: Fewer | None = None
    looking: bool = False


@dataclass(frozen=True)
class Slot:
    """A time a customer may ask for; ``free`` says whether it can be kept.

    ``why`` not: "soon" where even an idle kitchen could not make it by then, "full" where others have it.
    """

    at: datetime
    free: bool
    why: str = ""
