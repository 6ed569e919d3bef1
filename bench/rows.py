"""The rows of one kiosk order in raw SQL: what the bare app and the raw database write, column for column."""

import json
import secrets
from datetime import UTC, datetime, timedelta

from pysqlite3 import dbapi2 as sqlite3

STAGES = (
    ("bake", 1, 30),
    ("cool", None, 40),
    ("build", 2, 15),
    ("decorate", 3, 20),
    ("check", 4, 3),
    ("box", 4, 5),
)
NAMES = json.dumps({"en": "Strawberry cream", "zh_Hans": "草莓奶油", "zh_Hant": "草莓奶油"})
ORDER = """INSERT INTO orders (shop_id, channel, external_id, letter, counter, business_date, state, version,
 fulfilment, due_at, due_date, ready_by, promised_from, placed_at, pay_until, total, paid, currency, urgent, private,
 language, allergies,
 token_hash, token_version, pin, counter_code, placed_by_kind, placed_by, reason)
 VALUES (1, 'kiosk', ?, 'A', ?, ?, 'placed', 1, 'pickup', ?, ?, ?, ?, ?, ?, 26800, 0, 'CNY', 0, 0, 'zh_Hans', '[]',
 ?, 1, '1234', ?, 'device', 1, '') RETURNING id"""
COUNTER = """INSERT INTO order_counter (shop_id, business_date, letter, last) VALUES (1, ?, 'A', 1)
 ON CONFLICT (shop_id, business_date, letter) DO UPDATE SET last = order_counter.last + 1 RETURNING last"""
LINE = """INSERT INTO order_line (order_id, sort, product, names, inch, quantity, options, option_words, inscription,
 candles, allergens, look, tiers, unit_price, total, parts)
 VALUES (?, 0, 'strawberry-cream', ?, 8, 1, '{}', '[]', '', 0, '["milk"]', '{}', 1, 26800, 26800, '[]') RETURNING id"""
CAKE = "INSERT INTO cake (order_id, line_id, code, sort) VALUES (?, ?, ?, 1) RETURNING id"
TASK = """INSERT INTO task (shop_id, order_id, cake_id, sort, kind, station_id, state, version, minutes, after_minutes,
 amount, needs_person, planned_start, planned_end, latest_start, due_at, remake)
 VALUES (1, ?, ?, ?, ?, ?, 'held', 1, ?, 0, 1, 1, ?, ?, ?, ?, 0)"""
EVENT = """INSERT INTO event (shop_id, seq, kind, at, business_date, actor_kind, actor_id, device_id, order_id, topics,
 data) VALUES (1, ?, 'order_placed', ?, ?, 'device', 1, 1, ?, 'orders', '{"number": "A-001"}')"""
ONCE = "INSERT INTO done_once (scope, key, fingerprint, made, at) VALUES ('bare', ?, 'f', '{}', ?)"


def write_order(connection: sqlite3.Connection) -> int:
    """Write one order with its cake, six tasks, a line of the diary and its key, in one transaction."""
    now = datetime.now(UTC).replace(tzinfo=None)
    due, day = now + timedelta(hours=6), now.date().isoformat()
    minute = int(now.timestamp()) // 60
    connection.execute("BEGIN IMMEDIATE")
    try:
        number = connection.execute(COUNTER, (day,)).fetchone()[0]
        key, code = secrets.token_hex(16), secrets.token_hex(6)
        order = connection.execute(
            ORDER,
            (
                key,
                number,
                day,
                str(due),
                day,
                str(due),
                str(due),
                str(now),
                str(due),
                secrets.token_hex(32),
                code[:5],
            ),
        ).fetchone()[0]
        line = connection.execute(LINE, (order, NAMES)).fetchone()[0]
        cake = connection.execute(CAKE, (order, line, code)).fetchone()[0]
        connection.executemany(
            TASK,
            [
                (order, cake, sort, kind, station, minutes, minute, minute + minutes, str(now), str(due))
                for sort, (kind, station, minutes) in enumerate(STAGES)
            ],
        )
        seq = connection.execute(
            "UPDATE shop SET event_seq = event_seq + 1 WHERE id = 1 RETURNING event_seq"
        ).fetchone()[0]
        connection.execute(EVENT, (seq, str(now), day, order))
        connection.execute(ONCE, (key, str(now)))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return int(order)
