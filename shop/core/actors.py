"""Who does something: every verb takes ``by=`` an Actor, and every event keeps it."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    DEVICE = "device"
    CUSTOMER = "customer"
    CHANNEL = "channel"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """A person, device, customer or channel. ``device_id`` is set when a person taps on a display."""

    kind: ActorKind
    id: int | None = None
    device_id: int | None = None

    @classmethod
    def staff(cls, staff_id: int, device_id: int | None = None) -> "Actor":
        return cls(ActorKind.STAFF, staff_id, device_id)

    @classmethod
    def device(cls, device_id: int) -> "Actor":
        return cls(ActorKind.DEVICE, device_id, device_id)


CUSTOMER = Actor(ActorKind.CUSTOMER)
SYSTEM = Actor(ActorKind.SYSTEM)
