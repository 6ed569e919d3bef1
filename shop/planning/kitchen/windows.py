"""CP-SAT beside ruin and recreate: a few cakes at a time, those that trouble the plan and who is in their way.

A window is soon solved to the end, and what the search by chance cannot see it finds: on days with too few hands it
takes a tenth to a half off the minutes late that the search leaves. The windows grow while they are solved with
nothing gained; one with all cakes in it proves that no plan is better.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from shop.planning.kitchen import Job, Laid
from shop.planning.kitchen.exact import Window
from shop.planning.kitchen.standing import fits

if TYPE_CHECKING:
    from shop.planning.kitchen.solve import Search

FIRST, LEAST, MOST = 8, 4, 40
"""So many cakes are in the first window, in the smallest, and in the largest."""
EFFORT = 0.2
"""How much the solver may think about one window, in its own seconds, which do not depend on the machine's hurry."""
REACH = 30
"""Minutes by which a cake may end later than it does or is due, within a window."""
SMALL = 12
"""So few cakes are looked at all together at once."""


class Windows:
    """A search that is continued by windows until its time is up; ``won`` counts those that helped."""

    def __init__(self, search: Search) -> None:
        self.search, self.size = search, FIRST
        self.won = self.solved = 0
        self.over = self.proven = False
        """``over`` when no window can help any more; ``proven`` if then every cake has its place too."""
        open_ = [job for job in search.jobs if job.locked < len(job.steps)]
        self.open = [job for job in open_ if job.id in search.desk.laid]
        self.all_placed = len(self.open) == len(open_)
        self.tried_whole, self.longest = False, 0.0

    def go_on(self) -> None:
        """Solve one window after the other, as long as another as long as the longest would not come too late."""
        while self.open and not self.search.over and not self.over:
            began = time.monotonic()
            left = self.search.until - began
            if left < self.longest:
                return
            if not self.tried_whole and len(self.open) <= max(self.size, SMALL):
                self._all(left)
            else:
                self._some(left)
                if self.solved > 1:  # the first has loaded the solver
                    self.longest = max(self.longest, time.monotonic() - began)

    def _all(self, left: float) -> None:
        self.tried_whole = True
        _, self.over = self._solve(self.open, None, left * 0.7, left)
        self.proven = self.over and self.all_placed

    def _some(self, left: float) -> None:
        some = [job for job in self.search.some(self.size) if job.locked < len(job.steps)]
        free = [job for job in some if job.id in self.search.desk.laid]
        if not free:
            return
        better, proven = self._solve(free, REACH, left, EFFORT)
        if not proven:
            self.size = max(LEAST, self.size - 1)
        elif not better:
            self.size = min(MOST, self.size + 1)

    def _solve(self, free: list[Job], reach: int | None, seconds: float, effort: float) -> tuple[bool, bool]:
        """Lay these anew; returns whether the plan is better, and whether no places could be better still."""
        desk = self.search.desk
        before = desk.order
        stood = {job.id: desk.lift(job) for job in free}
        found = Window(desk, free, stood, reach).solve(max(0.01, seconds), effort)
        if found.laid is None or not self._put(free, found.laid):
            self._put(free, stood)
        elif desk.order >= before:  # as good is not enough to change what people have read already
            for job in free:
                desk.lift(job)
            self._put(free, stood)
        self.solved += 1
        self.won += desk.order < before
        return desk.order < before, found.proven

    def _put(self, free: list[Job], laid: dict[int, list[Laid]]) -> bool:
        """Put all of them in at these places, or none."""
        desk = self.search.desk
        for n, job in enumerate(free):
            if not fits(desk, job, laid[job.id]):
                for other in free[:n]:
                    desk.lift(other)
                return False
            desk.put(job, laid[job.id])
        return True
