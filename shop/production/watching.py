"""Looking: what every watcher has found, compared with the alarms there are; nothing is written here.

A look costs tenths of a second in a full kitchen, so the leader remembers (`Memory`) what it has seen: it rests while
nothing has happened for less than a minute, and lives through the day at most once a minute.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.menu.card import MenuCard
from shop.people.shops import Shop
from shop.production import learning
from shop.production.causes import causes_of, open_alarms
from shop.production.foresight import Scene, Seen, scene_of, seen_in
from shop.production.moves import MOVES
from shop.production.moves.contract import Move
from shop.production.moves.suggesting import Suggestion, suggest
from shop.production.tables import TO_DO, Alarm, Task
from shop.production.verdicts import verdicts
from shop.production.warnings import LOOK_THERE, Warning_
from shop.production.watchers import TOLD, WATCHERS, Look

REPEAT = timedelta(minutes=5)
THOUGHT_OVER = timedelta(minutes=30)
"""After so long the moves of an alarm are thought over; at once where their work has changed."""
AT_ONCE = 2
"""Of so many alarms of the kitchen in one look: each takes some tenths of a second."""
WAYS_AT_ONCE = 4
"""Of so many alarms of deliveries beside them: nothing is lived through for those, and they wait for no cake."""
OF_A_PLACE = 3
"""So many alarms of one place are kept in moves; one for which nothing was found gives its turn to the next."""
MINUTE = timedelta(minutes=1)
SECONDS_A_CAKE = 4
"""A longer day is lived through less often: 60 cakes every four minutes."""
OWN = (
    "alarm_raised",
    "alarm_changed",
    "alarm_repeated",
    "alarm_ended",
    "alarm_acknowledged",
    "moves_suggested",
    "delivery_chances_changed",
)
"""What looking itself writes into the diary is no reason to look again."""
URGENT = frozenset({"unit_stopped", "unit_mended", "shift_ended", "shift_end_recalled", "shift_changed",
                    "move_applied", "move_undone"})  # fmt: skip
"""What changes the day so much that it is lived through at once."""

Key = tuple[str, str]
Watcher = Callable[[Look], list[Warning_]]


@dataclass
class Memory:
    """What is remembered between two looks: when the last ones were, at which line of the diary, and what was seen."""

    seq: int = -1
    looked: datetime | None = None
    lived: datetime | None = None
    pause: timedelta = MINUTE
    seen: Mapping[int, Seen] = field(default_factory=dict)

    def news(self, session: Session, shop: Shop) -> set[str]:
        """Return what kinds of things have happened since the last look."""
        if self.looked is None or shop.event_seq == self.seq:
            return set()
        kinds = select(Event.kind).where(
            Event.shop_id == shop.id, Event.seq > self.seq, Event.kind.not_in(OWN)
        )
        return set(session.scalars(kinds.distinct()))

    def rests(self, news: set[str], at: datetime) -> bool:
        """Whether there is nothing to look for: nothing has happened, and no minute has passed."""
        return self.looked is not None and not news and timedelta() <= at - self.looked < MINUTE

    def keeps(self, news: set[str], at: datetime) -> bool:
        """Whether what was seen still holds."""
        return self.lived is not None and not news & URGENT and timedelta() <= at - self.lived < self.pause


@dataclass
class Changes:
    """What one look has found to change."""

    seen: Mapping[int, Seen] = field(default_factory=dict)
    raised: list[Warning_] = field(default_factory=list)
    changed: list[tuple[int, Warning_]] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    judged: list[tuple[int, str]] = field(default_factory=list)
    fresh: list[Seen] = field(default_factory=list)
    known: list[tuple[int, bool]] = field(default_factory=list)
    moves: dict[Key, list[Suggestion]] = field(default_factory=dict)
    rides: dict[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to write down."""
        return any(
            (self.raised, self.changed, self.repeated, self.ended, self.judged, self.fresh, self.known)
        ) or bool(self.moves or self.rides)


def watch(
    session: Session, shop: Shop, card: MenuCard, *, at: datetime, watchers: Sequence[Watcher] = WATCHERS,
    moves: Mapping[str, Move] = MOVES, memory: Memory | None = None,
) -> Changes:  # fmt: skip
    """Ask every watcher, compare with the alarms there are, and think of ``moves`` that would help."""
    memory = memory or Memory()
    news = memory.news(session, shop)
    if memory.rests(news, at):
        return Changes()
    memory.seq, memory.looked = shop.event_seq, at
    keeps = memory.keeps(news, at)
    scene = None if keeps else scene_of(session, shop, at=at)
    if keeps:
        seen = _still_open(session, memory.seen)
    else:
        seen = seen_in(scene) if scene else {}
        memory.seen, memory.lived = seen, at
        memory.pause = max(MINUTE, timedelta(seconds=SECONDS_A_CAKE * len(seen)))
    look = Look(session, shop, card, at, seen, not keeps)
    found = {(t.kind, t.subject): t for watcher in watchers for t in watcher(look)}
    known = {(a.kind, a.subject): a for a in open_alarms(session, shop)}
    ringing = {a.id for cause in causes_of(list(known.values())) if cause.rings(at) for a in cause.unseen}
    changes = Changes(seen, judged=verdicts(session, shop, at))
    changes.rides = look.rides
    changes.fresh = learning.fresh(session, shop, seen, at=at)
    changes.known = learning.known(session, shop, at=at)
    changes.raised = [t for key, t in found.items() if t.raises and key not in known]
    for key, alarm in known.items():
        trouble = found.get(key)
        if trouble is None:
            changes.ended.append(alarm.id)
            continue
        later = abs(trouble.minutes - alarm.minutes) if trouble.kind == "delivery_late" else 0
        if max(abs(trouble.chance - alarm.chance), later) >= TOLD:
            changes.changed.append((alarm.id, trouble))
        if alarm.id in ringing and at - alarm.repeated_at >= REPEAT:
            changes.repeated.append(alarm.id)
    changes.moves = _think(session, shop, scene, found, known, at, moves)
    return changes


def _still_open(session: Session, seen: Mapping[int, Seen]) -> dict[int, Seen]:
    """Return what was seen of the cakes that are not done by now."""
    still = set(
        session.scalars(select(Task.cake_id).where(Task.cake_id.in_(seen), Task.state.in_(TO_DO)).distinct())
    )
    return {key: each for key, each in seen.items() if key in still}


def _think(
    session: Session, shop: Shop, scene: Scene | None, found: Mapping[Key, Warning_],
    known: Mapping[Key, Alarm], at: datetime, moves: Mapping[str, Move],
) -> dict[Key, list[Suggestion]]:  # fmt: skip
    """Find moves for the worst alarms that have none, or whose moves are old or no longer fit the work.

    Those of cakes wait for a look that lives through the day; a delivery's need none.
    """
    versions = {row.id: row.version for rows in scene.rows.values() for row in rows} if scene else {}
    due, places = [], Counter[object]()
    for key, trouble in sorted(found.items(), key=lambda each: _urgency(each[1], scene)):
        alarm, way = known.get(key), trouble.cake_id is None and trouble.order_id is not None
        if trouble.move in ("check_display", LOOK_THERE) or (alarm is None and not trouble.raises):
            continue
        thought = alarm is not None and alarm.moves_at is not None
        fresh = alarm is not None and not _old(alarm, versions, at)
        if (fresh and alarm is not None and not alarm.moves) or (scene is None and not way):
            continue
        place = trouble.station_id or trouble.subject
        places[place] += 1
        if not fresh and places[place] <= OF_A_PLACE:
            due.append((thought, key, trouble, way))
    due.sort(key=lambda each: each[0])
    ways = [each for each in due if each[-1]][:WAYS_AT_ONCE]
    return {
        key: suggest(session, shop, None if way else scene, trouble, at=at, moves=moves)
        for _, key, trouble, way in [*(each for each in due if not each[-1])][:AT_ONCE] + ways
    }


def _urgency(trouble: Warning_, scene: Scene | None) -> tuple[int, int, str, str]:
    """Return what to think about first: the surest, and of those the one whose time comes first."""
    due = next((job.due for job in scene.jobs if job.id == trouble.cake_id), 0) if scene else 0
    return (-trouble.chance, due, trouble.kind, trouble.subject)


def _old(alarm: Alarm, versions: Mapping[int, int], at: datetime) -> bool:
    if alarm.moves_at is None or at - alarm.moves_at >= THOUGHT_OVER:
        return True
    names = (("task", "version"), ("other", "other_version"))
    return any(
        each["args"][task] in versions and versions[each["args"][task]] != each["args"][version]
        for each in alarm.moves for task, version in names if version in each["args"]
    )  # fmt: skip
