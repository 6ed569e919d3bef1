"""disputes: what a bank holds back, and the lines of bills that are about it"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
MATCHED = sa.text("standing = 'matched'")


def upgrade():
    op.create_table(
        "dispute",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("payment_id", NUMBER, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", NUMBER, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", NUMBER, nullable=True),
        sa.Column("signed", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("txid_open", sa.String(), nullable=False),
        sa.Column("txid_end", sa.String(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_dispute_amount")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_dispute_shop_id_shop")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_dispute_order_id_orders")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("ref", name=op.f("uq_dispute_ref")),
    )  # fmt: skip
    with op.batch_alter_table("dispute") as batch:
        batch.create_index("ix_dispute_order_id", ["order_id"])
        batch.create_index("ix_dispute_payment_id", ["payment_id"])
        batch.create_index("ix_dispute_state", ["shop_id", "state"])
    with op.batch_alter_table("billed_line") as batch:
        batch.add_column(sa.Column("dispute_id", NUMBER, nullable=True))
        batch.create_foreign_key(op.f("fk_billed_line_dispute_id_dispute"), "dispute", ["dispute_id"], ["id"])
        batch.create_index(
            "ix_billed_line_dispute", ["dispute_id", "kind"], unique=True, sqlite_where=MATCHED, postgresql_where=MATCHED
        )


def downgrade():
    with op.batch_alter_table("billed_line") as batch:
        batch.drop_index("ix_billed_line_dispute")
        batch.drop_constraint(op.f("fk_billed_line_dispute_id_dispute"), type_="foreignkey")
        batch.drop_column("dispute_id")
    op.drop_table("dispute")
