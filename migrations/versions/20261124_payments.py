"""payments by providers, refunds that end, and what an order asks to be paid"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def code(length):
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def upgrade():
    with op.batch_alter_table("payment") as table:
        for name in ("trade_no", "qr", "trouble", "account"):
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in ("attempt", "txid"):
            table.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in ("expires_at", "ask_at"):
            table.add_column(sa.Column(name, Moment, nullable=True))
        table.add_column(sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
        table.create_unique_constraint(op.f("uq_payment_attempt"), ["attempt"])
        table.create_index("ix_payment_ask", ["ask_at"])
        table.create_index(op.f("ix_payment_txid"), ["txid"])
    op.create_table(
        "refund",
        sa.Column("id", Big, nullable=False),
        sa.Column("shop_id", Big, nullable=False),
        sa.Column("order_id", Big, nullable=False),
        sa.Column("payment_id", Big, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("requested_by", Big, nullable=True),
        sa.Column("decided_by", Big, nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("signed", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("ask_at", Moment, nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("txid_due", sa.String(), nullable=True),
        sa.Column("txid_paid", sa.String(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_refund_shop_id_shop")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refund_order_id_orders")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("payment_id", "ref", name=op.f("uq_refund_payment_id_ref")),
    )
    op.create_index(op.f("ix_refund_order_id"), "refund", ["order_id"])
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])
    op.create_index("ix_refund_ask", "refund", ["ask_at"])
    op.create_index("ix_refund_open", "refund", ["shop_id", "state"])
    op.create_table(
        "provider_event",
        sa.Column("id", Big, nullable=False),
        sa.Column("shop_id", Big, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_provider_event_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("method", "key", name=op.f("uq_provider_event_method_key")),
    )
    op.create_index(op.f("ix_provider_event_attempt"), "provider_event", ["attempt"])
    with op.batch_alter_table("orders") as table:
        table.add_column(sa.Column("ref", sa.String(), nullable=True))
        table.add_column(sa.Column("deposit", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("discount", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("terms", Json, nullable=True))
    bind = op.get_bind()
    bind.execute(sa.text("UPDATE orders SET deposit = total"))
    for (order_id,) in bind.execute(sa.text("SELECT id FROM orders")).all():
        bind.execute(
            sa.text("UPDATE orders SET ref = :ref WHERE id = :id"), {"ref": code(12), "id": order_id}
        )
    with op.batch_alter_table("orders") as table:
        table.create_unique_constraint(op.f("uq_orders_ref"), ["ref"])
    owed = sa.text(
        "SELECT d.shop_id, d.order_id, d.payment_id, d.amount, p.currency, d.reason, d.made_at "
        "FROM refund_due d JOIN payment p ON p.id = d.payment_id WHERE d.state = 'due' ORDER BY d.id"
    )
    for row in bind.execute(owed).mappings().all():
        bind.execute(
            sa.text(
                "INSERT INTO refund (shop_id, order_id, payment_id, ref, amount, currency, reason, state, made_at, "
                "signed, reference, asked, trouble, account) VALUES (:shop_id, :order_id, :payment_id, :ref, :amount, "
                ":currency, :reason, 'approved', :made_at, '', '', 0, '', '')"
            ),
            {**row, "ref": code(24)},
        )
    op.drop_table("refund_due")


def downgrade():
    op.create_table(
        "refund_due",
        sa.Column("id", Big, nullable=False),
        sa.Column("shop_id", Big, nullable=False),
        sa.Column("order_id", Big, nullable=False),
        sa.Column("payment_id", Big, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_refund_due_shop_id_shop")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refund_due_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_refund_due_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_due")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_refund_due_payment_id")),
    )
    op.create_index(op.f("ix_refund_due_order_id"), "refund_due", ["order_id"])
    with op.batch_alter_table("orders") as table:
        table.drop_constraint(op.f("uq_orders_ref"), type_="unique")
        for name in ("terms", "discount", "deposit", "ref"):
            table.drop_column(name)
    op.drop_table("provider_event")
    op.drop_table("refund")
    with op.batch_alter_table("payment") as table:
        table.drop_index(op.f("ix_payment_txid"))
        table.drop_index("ix_payment_ask")
        table.drop_constraint(op.f("uq_payment_attempt"), type_="unique")
        for name in (
            "asked",
            "ask_at",
            "expires_at",
            "txid",
            "attempt",
            "account",
            "trouble",
            "qr",
            "trade_no",
        ):
            table.drop_column(name)
