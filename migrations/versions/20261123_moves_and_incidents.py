"""moves that were applied, and incidents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    with op.batch_alter_table("alarm") as batch:
        batch.add_column(sa.Column("moves", JSON, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("moves_at", MOMENT, nullable=True))
    op.create_table(
        "move_done",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("alarm_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column("was", JSON, nullable=False),
        sa.Column("now", JSON, nullable=False),
        sa.Column("chance_before", sa.Integer(), nullable=False),
        sa.Column("chance_after", sa.Integer(), nullable=False),
        sa.Column("by_staff", NUMBER, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_move_done_alarm_id_alarm")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_move_done_order_id_orders")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_move_done_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_done")),
    )
    op.create_index(op.f("ix_move_done_alarm_id"), "move_done", ["alarm_id"], unique=False)
    op.create_index(op.f("ix_move_done_order_id"), "move_done", ["order_id"], unique=False)
    op.create_index("ix_move_done_at", "move_done", ["shop_id", "at"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("cake_id", NUMBER, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("task_id", NUMBER, nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("person", NUMBER, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_staff", NUMBER, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["cake_id"], ["cake.id"], name=op.f("fk_incident_cake_id_cake")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_incident_order_id_orders")),
        sa.ForeignKeyConstraint(["person"], ["staff.id"], name=op.f("fk_incident_person_staff")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_incident_shop_id_shop")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_incident_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_order_id"), "incident", ["order_id"], unique=False)
    op.create_index("ix_incident_open", "incident", ["shop_id", "closed_at"], unique=False)


def downgrade():
    op.drop_table("incident")
    op.drop_table("move_done")
    with op.batch_alter_table("alarm") as batch:
        batch.drop_column("moves_at")
        batch.drop_column("moves")
