"""What must always be true of a shop's books, in plain SQL: run after every fault test and by the doctor.

The numbers are those of the trust page: 1 every order once, 2 payments within what is due, 3 nothing
oversold, 8 no state outside the machine, 9 a gapless diary, 12 no plaintext personal data outside its table.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from shop.core.tables import Base
from shop.ledger.verifying import verify

RULES: dict[str, str] = {
    "an entry of the books adds up to nothing in each currency": """
        SELECT seq FROM ledger_posting GROUP BY seq, currency HAVING sum(amount) <> 0""",
    "the diary has no gap": """
        SELECT s.slug FROM shop s JOIN event e ON e.shop_id = s.id GROUP BY s.id, s.slug, s.event_seq
        HAVING count(*) <> max(e.seq) OR min(e.seq) <> 1 OR max(e.seq) <> s.event_seq""",
    "every order was placed once in the diary": """
        SELECT o.id FROM orders o LEFT JOIN event e ON e.order_id = o.id AND e.kind = 'order_placed'
        GROUP BY o.id HAVING count(e.id) <> 1""",
    "an order's total is the sum of its lines and its delivery, less a discount": """
        SELECT o.id FROM orders o JOIN order_line l ON l.order_id = o.id GROUP BY o.id, o.total, o.fee, o.discount
        HAVING sum(l.total) + o.fee - o.discount <> o.total""",
    "an order's discount is the sum of those given, and no more than its cakes cost": """
        SELECT o.id FROM orders o LEFT JOIN discount d ON d.order_id = o.id AND d.state = 'given'
        GROUP BY o.id, o.discount, o.total, o.fee
        HAVING coalesce(sum(d.amount), 0) <> o.discount OR o.total < o.fee""",
    "the kitchen is done before the courier leaves": """
        SELECT id FROM orders WHERE ready_by > due_at
        OR (fulfilment = 'pickup' AND (fee <> 0 OR area_id IS NOT NULL))""",
    "a line has as many cakes as it says": """
        SELECT l.id FROM order_line l LEFT JOIN cake c ON c.line_id = l.id GROUP BY l.id, l.quantity
        HAVING count(c.id) <> l.quantity""",
    "what is paid at the counter is the sum of its payments": """
        SELECT o.id FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.state IN ('captured', 'settled')
        WHERE o.channel IN ('kiosk', 'counter', 'phone') GROUP BY o.id, o.paid
        HAVING coalesce(sum(p.amount), 0) <> o.paid""",
    "nobody paid more than the price": "SELECT id FROM orders WHERE paid > total",
    "every payment stands in the books": """
        SELECT p.id FROM payment p LEFT JOIN ledger_entry e ON e.txid = p.txid
        WHERE p.state IN ('captured', 'settled', 'captured_late') AND e.seq IS NULL""",
    "every refund stands in the books": """
        SELECT r.id FROM refund r LEFT JOIN ledger_entry d ON d.txid = r.txid_due
        LEFT JOIN ledger_entry p ON p.txid = r.txid_paid
        WHERE (r.state IN ('approved', 'sent', 'unknown', 'failed', 'refunded') AND d.seq IS NULL)
        OR (r.state = 'refunded') <> (p.seq IS NOT NULL)""",
    "what goes back or is held back is never more than what came": """
        SELECT p.id FROM payment p
        WHERE coalesce((SELECT sum(r.amount) FROM refund r WHERE r.payment_id = p.id
            AND r.state NOT IN ('rejected', 'lapsed')), 0)
        + coalesce((SELECT sum(d.amount) FROM dispute d WHERE d.payment_id = p.id
            AND d.state IN ('disputed', 'lost')), 0) > p.amount""",
    "what is held back stands in the books, and no more": """
        SELECT s.slug FROM shop s WHERE coalesce((SELECT sum(p.amount) FROM ledger_posting p
            JOIN ledger_entry e ON e.seq = p.seq WHERE p.account = 'disputed' AND e.shop_id = s.id), 0)
        - coalesce((SELECT sum(d.amount) FROM dispute d WHERE d.shop_id = s.id
            AND d.state = 'disputed'), 0) <> 0""",
    "a dispute that has ended stands in the books": """
        SELECT id FROM dispute WHERE txid_open = '' OR (state = 'disputed') <> (txid_end IS NULL)""",
    "what is paid ahead for cakes to come stands in the books as owed": """
        SELECT s.slug FROM shop s WHERE coalesce((SELECT sum(p.amount) FROM ledger_posting p
            JOIN ledger_entry e ON e.seq = p.seq WHERE p.account = 'deposits' AND e.shop_id = s.id), 0)
        + coalesce((SELECT sum(o.paid) FROM orders o WHERE o.shop_id = s.id AND o.state IN
            ('placed', 'confirmed', 'in_production', 'ready', 'out_for_delivery', 'no_show')), 0) <> 0""",
    "cash hidden in cakes that nobody has yet stands in the books as owed, order by order": """
        SELECT o.id FROM orders o WHERE (o.id IN (SELECT c.order_id FROM cake c WHERE c.hidden <> 0)
            OR o.id IN (SELECT l.order_id FROM till_line l WHERE l.kind = 'hidden_taken'))
        AND coalesce((SELECT sum(p.amount) FROM ledger_entry e JOIN ledger_posting p ON p.seq = e.seq
            WHERE e.order_ref = o.ref AND p.account = 'hidden-cash'), 0)
        + CASE WHEN o.state IN ('handed_over', 'closed') THEN 0 ELSE
            (SELECT sum(c.hidden) FROM cake c WHERE c.order_id = o.id) END <> 0""",
    "what lies in envelopes by the books is ticked as being in the boxes, order by order": """
        SELECT o.id FROM orders o WHERE (o.id IN (SELECT c.order_id FROM cake c WHERE c.enveloped_at IS NOT NULL)
            OR o.id IN (SELECT l.order_id FROM till_line l WHERE l.kind = 'hidden_taken'))
        AND coalesce((SELECT sum(p.amount) FROM ledger_entry e JOIN ledger_posting p ON p.seq = e.seq
            WHERE e.order_ref = o.ref AND p.account = 'envelopes'), 0)
        <> CASE WHEN o.state IN ('handed_over', 'closed') THEN 0 ELSE coalesce((SELECT sum(c.hidden) FROM cake c
            WHERE c.order_id = o.id AND c.enveloped_at IS NOT NULL), 0) END""",
    "what is still to be paid back stands in the books as owed": """
        SELECT s.slug FROM shop s WHERE coalesce((SELECT sum(p.amount) FROM ledger_posting p
            JOIN ledger_entry e ON e.seq = p.seq WHERE p.account = 'refunds-due' AND e.shop_id = s.id), 0)
        + coalesce((SELECT sum(r.amount) FROM refund r WHERE r.shop_id = s.id
            AND r.state IN ('approved', 'sent', 'unknown', 'failed')), 0) <> 0""",
    "a settled payment stands in one bill of its provider": """
        SELECT p.id FROM payment p LEFT JOIN billed_line l
        ON l.payment_id = p.id AND l.kind = 'payment' AND l.standing = 'matched'
        WHERE p.state = 'settled' GROUP BY p.id HAVING count(l.id) <> 1""",
    "what stands in a provider's bill and with us stands in the books": """
        SELECT l.id FROM billed_line l LEFT JOIN ledger_entry e ON e.txid = l.txid
        WHERE (l.standing = 'matched') <> (e.seq IS NOT NULL)""",
    "what the providers owe by the books is what no bill has settled": """
        SELECT s.slug FROM shop s WHERE coalesce((SELECT sum(b.amount) FROM ledger_posting b
            JOIN ledger_entry e ON e.seq = b.seq WHERE b.account LIKE 'psp:%' AND e.shop_id = s.id), 0)
        - coalesce((SELECT sum(p.amount) FROM payment p WHERE p.shop_id = s.id AND p.account LIKE 'psp:%'
            AND p.state IN ('captured', 'settled', 'captured_late') AND NOT EXISTS (SELECT 1 FROM billed_line l
            WHERE l.payment_id = p.id AND l.kind = 'payment' AND l.standing = 'matched')), 0)
        + coalesce((SELECT sum(r.amount) FROM refund r WHERE r.shop_id = s.id AND r.account LIKE 'psp:%'
            AND r.state = 'refunded' AND NOT EXISTS (SELECT 1 FROM billed_line l
            WHERE l.refund_id = r.id AND l.standing = 'matched')), 0)
        + coalesce((SELECT sum(d.amount) FROM dispute d WHERE d.shop_id = s.id AND d.account LIKE 'psp:%'
            AND NOT EXISTS (SELECT 1 FROM billed_line l
            WHERE l.dispute_id = d.id AND l.kind = 'refund' AND l.standing = 'matched')), 0)
        - coalesce((SELECT sum(d.amount) FROM dispute d WHERE d.shop_id = s.id AND d.account LIKE 'psp:%'
            AND d.state = 'won' AND NOT EXISTS (SELECT 1 FROM billed_line l
            WHERE l.dispute_id = d.id AND l.kind = 'payment' AND l.standing = 'matched')), 0) <> 0""",
    "every cake that is not void has its six stages or fewer, each once": """
        SELECT cake_id FROM task WHERE state <> 'void' GROUP BY cake_id, kind HAVING count(*) > 1""",
    "a ready order has no unfinished stage": """
        SELECT o.id FROM orders o JOIN task t ON t.order_id = o.id
        WHERE o.state IN ('ready', 'handed_over', 'closed') AND t.state NOT IN ('done', 'void')""",
    "no work is open for an order that is over": """
        SELECT o.id FROM orders o JOIN task t ON t.order_id = o.id
        WHERE o.state IN ('cancelled', 'expired', 'rejected') AND t.state NOT IN ('done', 'void')""",
    "only an unpaid order holds work back": """
        SELECT o.id FROM orders o JOIN task t ON t.order_id = o.id WHERE t.state = 'held' AND o.state <> 'placed'""",
    "a stage starts after the one before has ended": """
        SELECT b.id FROM task a JOIN task b ON b.cake_id = a.cake_id AND b.sort = a.sort + 1
        WHERE a.state NOT IN ('done', 'void') AND b.state IN ('in_progress', 'done')""",
    "the number of an order is used once a day": """
        SELECT min(id) FROM orders GROUP BY shop_id, business_date, letter, counter HAVING count(*) > 1""",
    "a till's lines are numbered without a gap": """
        SELECT t.id FROM till t LEFT JOIN till_line l ON l.till_id = t.id GROUP BY t.id, t.last_number
        HAVING count(l.id) <> t.last_number OR coalesce(max(l.number), 0) <> t.last_number""",
    "what a till's lines say is what the books say": """
        SELECT t.id FROM till t WHERE
        coalesce((SELECT sum(l.amount) FROM till_line l WHERE l.till_id = t.id AND l.cash), 0) <>
        coalesce((SELECT sum(p.amount) FROM ledger_posting p WHERE p.account = 'till:' || t.id), 0)""",
    "invoices and credit notes are numbered without a gap": """
        SELECT c.year FROM document_counter c LEFT JOIN document d
        ON d.shop_id = c.shop_id AND d.kind = c.kind AND d.year = c.year
        GROUP BY c.shop_id, c.kind, c.year, c.last HAVING count(d.id) <> c.last OR max(d.counter) <> c.last""",
    "what was issued is what the books have the hash of": """
        SELECT d.number FROM document d LEFT JOIN ledger_entry e ON e.txid = d.txid
        WHERE e.doc_hash IS NULL OR e.doc_hash <> d.doc_hash""",
    "an invoice stands as long as something of it is left": """
        SELECT i.number FROM document i LEFT JOIN document n ON n.of_id = i.id WHERE i.kind = 'invoice'
        GROUP BY i.id, i.number, i.total, i.live HAVING i.live <> (i.total > coalesce(sum(n.total), 0))
        OR coalesce(sum(n.total), 0) > i.total""",
    "every line of a till has its entry in the books": """
        SELECT l.id FROM till_line l LEFT JOIN ledger_entry e ON e.txid = l.txid WHERE e.seq IS NULL""",
}


def _rules() -> dict[str, str]:
    """Return the rules, and one for each column that keeps an entry's ``txid``: that there is such an entry."""
    named = {
        f"what {table.name}.{column.name} names stands in the books": f"""
        SELECT m.{column.name} FROM {table.name} m LEFT JOIN ledger_entry e ON e.txid = m.{column.name}
        WHERE m.{column.name} <> '' AND e.seq IS NULL"""
        for table in Base.metadata.sorted_tables for column in table.columns
        if column.name.startswith("txid") and table.name != "ledger_entry"
    }  # fmt: skip
    return RULES | named


def breaches(session: Session) -> list[str]:
    """Return what does not hold, one line each with the first rows it was seen on; empty is good."""
    found = []
    for rule, query in _rules().items():
        rows = session.execute(text(query + " LIMIT 3")).all()
        if rows:
            found.append(f"{rule}: {', '.join(str(row[0]) for row in rows)}")
    books = verify(session)  # chain, root, head and accounts, made anew
    return found if books.well else [*found, f"the books are as they were written: {books.says}"]
