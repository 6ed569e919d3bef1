"""The reason that somebody must give for what they do: it stands in the diary, or beside the money that it moves."""

from shop.core.errors import N_, Invalid

LONGEST = 200
"""Characters that are kept of a reason."""
SHORTEST = 3
"""Characters that say something to the second person who reads them."""


def reason_given(reason: str, field: str = "reason") -> str:
    """Return a reason as it is kept; raises `Invalid` naming ``field`` where there is none."""
    if not (kept := reason.strip()):
        raise Invalid(N_("Please give a reason."), field=field)
    return kept[:LONGEST]


def reason_in_full(reason: str) -> str:
    """Return a reason that somebody else will judge by; raises `Invalid` for one too short or too long."""
    if not SHORTEST <= len(kept := reason.strip()) <= LONGEST:
        raise Invalid(N_("Please give a reason of 3 to 200 characters."), field="reason")
    return kept
