"""drops: orders on their way to the customer, and when a courier's phone was last heard"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "drop",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("courier_id", NUMBER, nullable=True),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("offered_to", NUMBER, nullable=True),
        sa.Column("offered_until", MOMENT, nullable=True),
        sa.Column("declined", JSON, nullable=False),
        sa.Column("alarmed_at", MOMENT, nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("area_names", JSON, nullable=False),
        sa.Column("area_lat", sa.Integer(), nullable=True),
        sa.Column("area_lng", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cakes", sa.Integer(), nullable=False),
        sa.Column("cold", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("picked_up_at", MOMENT, nullable=True),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("wait_until", MOMENT, nullable=True),
        sa.Column("out_of_cold_since", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("cash_due", sa.Integer(), nullable=False),
        sa.Column("cash_taken", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.CheckConstraint("cash_due >= 0 AND cash_taken >= 0", name=op.f("ck_drop_cash")),
        sa.ForeignKeyConstraint(["courier_id"], ["staff.id"], name=op.f("fk_drop_courier_id_staff")),
        sa.ForeignKeyConstraint(["offered_to"], ["staff.id"], name=op.f("fk_drop_offered_to_staff")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_drop_order_id_orders")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_drop_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drop")),
        sa.UniqueConstraint("order_id", name=op.f("uq_drop_order_id")),
    )
    with op.batch_alter_table("drop", schema=None) as batch_op:
        batch_op.create_index("ix_drop_state", ["shop_id", "state"], unique=False)
        batch_op.create_index("ix_drop_courier", ["courier_id", "state"], unique=False)
    op.create_table(
        "rider",
        sa.Column("staff_id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_rider_shop_id_shop")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_rider_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_rider")),
    )
    with op.batch_alter_table("rider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rider_shop_id"), ["shop_id"], unique=False)


def downgrade():
    op.drop_table("rider")
    op.drop_table("drop")
