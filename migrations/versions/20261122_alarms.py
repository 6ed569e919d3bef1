"""alarms, and what was foreseen of each cake"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "alarm",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("cake_id", NUMBER, nullable=True),
        sa.Column("station_id", NUMBER, nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("repeated_at", MOMENT, nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", NUMBER, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["cake_id"], ["cake.id"], name=op.f("fk_alarm_cake_id_cake")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_alarm_order_id_orders")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_alarm_shop_id_shop")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_alarm_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_alarm_open", "alarm", ["shop_id", "kind", "subject"], unique=True,
        sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip
    op.create_index("ix_alarm_raised", "alarm", ["shop_id", "raised_at"], unique=False)
    op.create_index(op.f("ix_alarm_cake_id"), "alarm", ["cake_id"], unique=False)
    op.create_table(
        "foresight",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("cake_id", NUMBER, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Integer(), nullable=False),
        sa.Column("apart", sa.Integer(), nullable=False),
        sa.Column("slack", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Integer(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["cake_id"], ["cake.id"], name=op.f("fk_foresight_cake_id_cake")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_foresight_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foresight")),
        sa.UniqueConstraint("cake_id", name=op.f("uq_foresight_cake_id")),
    )
    op.create_index(op.f("ix_foresight_shop_id"), "foresight", ["shop_id"], unique=False)


def downgrade():
    op.drop_table("foresight")
    op.drop_table("alarm")
