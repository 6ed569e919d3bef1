"""A person for a piece of work, with the reasons: what bakers' and couriers' matching have in common.

A criterion gives points and a plain reason, or says that it cannot be. ``sentence`` is an English sentence that
translations/ knows. Ties go to the lower number of staff, so that the same question has the same answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reason:
    """What one criterion says of a person: points, or ``never``. No sentence: nothing to say.

    A parameter called ``stage`` is a kind of stage; the rooms say it in their language.
    """

    points: int
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)
    never: bool = False


@dataclass(frozen=True)
class Match:
    """A person for a piece of work; ``never`` where a criterion rules them out."""

    staff_id: int
    name: str
    points: int
    reasons: Sequence[Reason]

    @property
    def never(self) -> bool:
        return any(reason.never for reason in self.reasons)


def match_of(staff_id: int, name: str, said: Iterable[Reason]) -> Match:
    """Return what all criteria together say of a person."""
    reasons = [reason for reason in said if reason.sentence]
    return Match(staff_id, name, sum(reason.points for reason in reasons), reasons)


def best_first(found: Iterable[Match]) -> list[Match]:
    """Return the matches, the best first; who cannot stands last."""
    return sorted(found, key=lambda match: (match.never, -match.points, match.staff_id))
