"""What can go wrong in a shop, as one small family. One handler in web/ turns them into words.

``message`` is an English sentence that translations/ knows; ``params`` fill its ``%(name)s`` places.
"""

from typing import Any


def N_(sentence: str) -> str:
    """Mark a sentence for translation without translating it now."""
    return sentence


class ShopError(Exception):
    """Something the shop cannot do, said plainly. ``field`` names the input it is about."""

    status = 400
    kind = "refused"
    message = N_("This cannot be done.")

    def __init__(self, message: str | None = None, *, field: str | None = None, **params: Any) -> None:
        self.message = message or self.message
        self.field = field
        self.params = params
        super().__init__(self.message % params if params else self.message)


class Invalid(ShopError):
    """Input that makes no sense; ``field`` says which."""

    status = 422
    kind = "invalid"
    message = N_("Please check this entry.")


class Missing(ShopError):
    """Nothing of that name here. The same words whether it never was or may not be seen."""

    status = 404
    kind = "missing"
    message = N_("We cannot find this. Please check the code or the address.")


class Denied(ShopError):
    """The person or device may not do this; the try is written into the diary."""

    status = 403
    kind = "denied"
    message = N_("Your role does not allow this. A manager can help.")


class Conflict(ShopError):
    """Somebody else was faster, or the thing has moved on."""

    status = 409
    kind = "conflict"
    message = N_("Somebody else has just changed this. Here is how it stands now.")


class SoldOut(Conflict):
    """The product, size or option is not sold today."""

    kind = "sold_out"
    message = N_("%(product)s is sold out today.")


class SlotTaken(Conflict):
    """The time can no longer be kept; ``earliest`` (aware datetime or None) is the nearest that can."""

    kind = "slot_taken"
    message = N_("This time has just been taken. Please choose another one.")


class KeyReused(ShopError):
    """The same idempotency key came with another body."""

    status = 422
    kind = "key_reused"
    message = N_("This form was already used for something else. Please start again.")


class KeyMissing(ShopError):
    """A write came without its idempotency key."""

    status = 400
    kind = "key_missing"
    message = N_("This form is incomplete. Please reload the page and try again.")


class TooMany(ShopError):
    """Too many tries in a short time."""

    status = 429
    kind = "too_many"
    message = N_("Too many tries. Please wait a moment.")
