"""reconciliation: the providers' daily bills and their lines"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PAID_ONCE = sa.text("standing = 'matched' AND kind = 'payment'")
BACK_ONCE = sa.text("standing = 'matched'")


def upgrade():
    op.create_table(
        "bill",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("doc_hash", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_staff", NUMBER, nullable=True),
        sa.Column("txid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_bill_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
        sa.UniqueConstraint(
            "shop_id", "method", "account", "day", "doc_hash",
            name=op.f("uq_bill_shop_id_method_account_day_doc_hash"),
        ),
    )  # fmt: skip
    op.create_table(
        "billed_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("bill_id", NUMBER, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("trade_no", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("refund", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("payment_id", NUMBER, nullable=True),
        sa.Column("refund_id", NUMBER, nullable=True),
        sa.Column("txid", sa.String(), nullable=True),
        sa.Column("explained_at", MOMENT, nullable=True),
        sa.Column("explained_by", NUMBER, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"], name=op.f("fk_billed_line_bill_id_bill")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_billed_line_payment_id_payment")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_billed_line_refund_id_refund")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_billed_line_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed_line")),
        sa.UniqueConstraint(
            "shop_id", "method", "account", "key", name=op.f("uq_billed_line_shop_id_method_account_key")
        ),
    )
    op.create_index(op.f("ix_billed_line_bill_id"), "billed_line", ["bill_id"])
    op.create_index("ix_billed_line_standing", "billed_line", ["shop_id", "standing"])
    op.create_index(
        "ix_billed_line_once", "billed_line", ["payment_id"], unique=True,
        sqlite_where=PAID_ONCE, postgresql_where=PAID_ONCE,
    )  # fmt: skip
    op.create_index(
        "ix_billed_line_refund", "billed_line", ["refund_id"], unique=True,
        sqlite_where=BACK_ONCE, postgresql_where=BACK_ONCE,
    )  # fmt: skip


def downgrade():
    op.drop_table("billed_line")
    op.drop_table("bill")
