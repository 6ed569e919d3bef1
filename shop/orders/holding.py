"""A held time is the shop's word: for ten minutes nobody else gets its places, and its customer is not refused."""

from collections.abc import Sequence

from shop.orders.load import Kitchen
from shop.orders.standing import copied, stands
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Step
from shop.planning.reservations.quote import Certificate


def as_held(kitchen: Kitchen, jobs: Sequence[Job], by: int) -> Certificate | None:
    """Return the plan of the draft's own hold, if it is for these cakes, is done ``by`` then, and still stands.

    Work that the book has in its places only because it is late makes way, as it does for the holds of others.
    """
    word = given_word(kitchen, jobs, by)
    if word is None or any(laid[0].start < kitchen.now for laid in word.laid.values()):
        return None
    stands_yet = _stand(copied(kitchen.book), jobs, word) or _stand(kitchen.written(), jobs, word)
    return word if stands_yet else None


def _stand(book: Book, jobs: Sequence[Job], word: Certificate) -> bool:
    for job in jobs:
        laid = word.laid[job.id]
        if not stands(book, job, laid) or not book.has_shelf(laid[-1].end, job.due):
            return False
        book.put(job, laid)
    return True


def given_word(kitchen: Kitchen, jobs: Sequence[Job], by: int) -> Certificate | None:
    """Return what was held for these very cakes to be done ``by`` then, whatever stands there by now."""
    if len(kitchen.mine) != len(jobs) or not jobs:
        return None
    pairs = list(zip(kitchen.mine, jobs, strict=True))
    if any(list(map(_asks, mine.steps)) != list(map(_asks, job.steps)) for mine, job in pairs):
        return None
    if any(mine.laid[-1].end > by for mine, _ in pairs):
        return None
    return Certificate({job.id: mine.laid for mine, job in pairs})


def _asks(step: Step) -> tuple[str, int | None, int, int, int]:
    """Return what a hold keeps of a step."""
    return step.kind, step.station, step.minutes, step.amount, step.heat
