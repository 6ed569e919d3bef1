"""What an ordering costs when the shop has had many orders: the same with few and with many in the tables."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench.customers import Kiosk
from bench.figures import Figure, middle, share, spread
from bench.orders import Round, clear, invariants
from bench.rows import NAMES, STAGES
from bench.servers import a_shop, folder, open_file, start_shop

FEW = 1_000
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) "
DAY = "date('2023-01-01', '+' || (i % 1000) || ' days')"
MOMENT = f"{DAY} || ' 09:00:00.000000'"


def fill(data: Path, many: int) -> None:
    """Add finished orders of three years, each with a line, a cake, six tasks and four lines of the diary."""
    with contextlib.closing(open_file(data)) as db:
        first = db.execute("SELECT coalesce(max(id), 0) FROM orders").fetchone()[0]
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            f"""INSERT INTO orders (shop_id, channel, letter, counter, business_date, state, version, fulfilment,
            due_at, ready_by, due_date, placed_at, confirmed_at, ready_at, handed_over_at, total, paid, currency,
            urgent, private, language, allergies, token_hash, token_version, pin, placed_by_kind, placed_by, reason)
            {NUMBERS.format(many=many)} SELECT 1, 'kiosk', 'Z', i / 1000 + 1, {DAY}, 'closed', 6, 'pickup',
            {MOMENT}, {MOMENT}, {DAY}, {MOMENT}, {MOMENT}, {MOMENT}, {MOMENT}, 26800, 26800, 'CNY',
            0, 0, 'zh_Hans', '[]',
            'bench' || i, 1, '1234',
            'device', 1, '' FROM n"""
        )
        db.execute(
            """INSERT INTO order_line (order_id, sort, product, names, inch, quantity, options, option_words,
            inscription, candles, allergens, look, tiers, unit_price, total, parts)
            SELECT id, 0, 'strawberry-cream', ?, 8, 1, '{}', '[]', '', 0, '["milk"]', '{}', 1, 26800, 26800, '[]'
            FROM orders WHERE id > ?""",
            (NAMES, first),
        )
        db.execute(
            "INSERT INTO cake (order_id, line_id, code, sort) SELECT order_id, id, 'bench' || id, 1 FROM order_line "
            "WHERE order_id > ?",
            (first,),
        )
        for sort, (kind, station, minutes) in enumerate(STAGES):
            db.execute(
                """INSERT INTO task (shop_id, order_id, cake_id, sort, kind, station_id, state, version, minutes,
                after_minutes, amount, needs_person, planned_start, planned_end, latest_start, due_at, started_at,
                finished_at, started_by, finished_by, remake)
                SELECT 1, o.id, c.id, ?, ?, ?, 'done', 3, ?, 0, 1, 1, strftime('%s', o.due_at) / 60,
                strftime('%s', o.due_at) / 60, o.due_at, o.due_at, o.due_at, o.due_at, 9, 9, 0
                FROM cake c JOIN orders o ON o.id = c.order_id WHERE o.id > ?""",
                (sort, kind, station, minutes, first),
            )
        for place, kind in enumerate(("order_placed", "order_confirmed", "order_ready", "order_handed_over")):
            db.execute(
                """INSERT INTO event (shop_id, seq, kind, at, business_date, actor_kind, actor_id, order_id,
                topics, data)
                SELECT 1, (SELECT event_seq FROM shop) + row_number() OVER (ORDER BY id), ?, placed_at, business_date,
                'device', 1, id, 'orders', ? FROM orders WHERE id > ?""",
                (kind, f'{{"step": {place}}}', first),
            )
            db.execute("UPDATE shop SET event_seq = (SELECT max(seq) FROM event)")
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("ANALYZE")


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Interleave a shop with few and one with many orders."""
    many = 1_000_000 if options.long else 5_000 if options.quick else 100_000
    rounds, times = (1, 4) if options.quick else (4, 15)
    with folder() as home:
        shops = []
        for name, size in (("few", FEW), ("many", many)):
            data = home / name
            data.mkdir()
            a_shop(data)
            fill(data, size)
            shops.append(start_shop(data))
        try:
            kiosks = [[Kiosk(shop.port)] for shop in shops]
            measured: list[list[Round]] = [[], []]
            for _ in range(rounds + 1):
                for which, shop in enumerate(shops):
                    clear(shop.data)
                    measured[which].append(Round(shop, kiosks[which], times))
        finally:
            for shop in shops:
                shop.stop()
        few, lots = measured[0][1:], measured[1][1:]
        for name, target in (("cpu", "<= 1.2"), ("place_cpu", "<= 1.2")):
            values = [getattr(each, name) for each in lots]
            beside = middle([getattr(each, name) for each in few])
            yield Figure(
                f"growth.{name}_{many}", middle(values), "ms", beside, rounds * times, spread(values), target
            )
        waits = [[1000 * wait for each in side for wait in each.placing] for side in (few, lots)]
        yield Figure(
            f"growth.place_p50_{many}",
            share(waits[1], 0.5),
            "ms",
            share(waits[0], 0.5),
            len(waits[1]),
            target="<= 1.2",
        )
        broken = invariants(home / "many")
        broken.name = "growth.invariants_broken"
        yield broken
