"""tills: shifts, lines, corrections and closed days"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "till",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_number", BIG, nullable=False),
        sa.Column("shift_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
        sa.UniqueConstraint("shop_id", "name", name=op.f("uq_till_shop_id_name")),
    )
    op.create_table(
        "till_day",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("from_seq", BIG, nullable=False),
        sa.Column("to_seq", BIG, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("report", JSON, nullable=False),
        sa.Column("doc_hash", sa.String(), nullable=False),
        sa.Column("txid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_day_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_day")),
        sa.UniqueConstraint("shop_id", "day", name=op.f("uq_till_day_shop_id_day")),
    )
    op.create_table(
        "till_shift",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("till_id", NUMBER, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", NUMBER, nullable=True),
        sa.Column("float_amount", sa.Integer(), nullable=False),
        sa.Column("first_number", BIG, nullable=False),
        sa.Column("last_number", BIG, nullable=True),
        sa.Column("counted_at", MOMENT, nullable=True),
        sa.Column("counted_by", NUMBER, nullable=True),
        sa.Column("pieces", JSON, nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("difference", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("checked_by", NUMBER, nullable=True),
        sa.Column("txid", sa.String(), nullable=False),
        sa.Column("day_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["day_id"], ["till_day.id"], name=op.f("fk_till_shift_day_id_till_day")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_shift_shop_id_shop")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_till_shift_till_id_till")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_shift")),
    )
    op.create_index("ix_till_shift_day", "till_shift", ["shop_id", "business_date"])
    op.create_index(op.f("ix_till_shift_day_id"), "till_shift", ["day_id"])
    op.create_index(op.f("ix_till_shift_till_id"), "till_shift", ["till_id"])
    op.create_table(
        "till_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("till_id", NUMBER, nullable=False),
        sa.Column("shift_id", NUMBER, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("cash", sa.Boolean(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("payment_id", NUMBER, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_staff", NUMBER, nullable=True),
        sa.Column("txid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_till_line_order_id_orders")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_till_line_payment_id_payment")),
        sa.ForeignKeyConstraint(["shift_id"], ["till_shift.id"], name=op.f("fk_till_line_shift_id_till_shift")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_line_shop_id_shop")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_till_line_till_id_till")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_line")),
        sa.UniqueConstraint("till_id", "number", name=op.f("uq_till_line_till_id_number")),
    )
    for column in ("order_id", "payment_id", "shift_id"):
        op.create_index(op.f(f"ix_till_line_{column}"), "till_line", [column])
    op.create_table(
        "till_correction",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("shift_id", NUMBER, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("txid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["till_shift.id"], name=op.f("fk_till_correction_shift_id_till_shift")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_till_correction_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_correction")),
    )
    op.create_index(op.f("ix_till_correction_shift_id"), "till_correction", ["shift_id"])


def downgrade():
    for table in ("till_correction", "till_line", "till_shift", "till_day", "till"):
        op.drop_table(table)
