"""what a plan needs: rooms of a station, heat, keeping times, who does it, when an order must be ready"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.add_column(sa.Column("units", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("gates", JSON, server_default="{}", nullable=False))
    with op.batch_alter_table("route_stage", schema=None) as batch_op:
        batch_op.add_column(sa.Column("celsius", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("keeps", sa.Integer(), nullable=True))
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("levels", JSON, server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("courier", JSON, server_default="{}", nullable=False))
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("planned_for", NUMBER, nullable=True))
        batch_op.add_column(sa.Column("celsius", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("keeps", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("gate", sa.String(), server_default="", nullable=False))
        batch_op.create_foreign_key(batch_op.f("fk_task_planned_for_staff"), "staff", ["planned_for"], ["id"])
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ready_by", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE orders SET ready_by = due_at")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.alter_column("ready_by", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade():
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("ready_by")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_planned_for_staff"), type_="foreignkey")
        for name in ("unit", "planned_for", "celsius", "keeps", "gate"):
            batch_op.drop_column(name)
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("courier")
        batch_op.drop_column("levels")
    with op.batch_alter_table("route_stage", schema=None) as batch_op:
        batch_op.drop_column("keeps")
        batch_op.drop_column("celsius")
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.drop_column("gates")
        batch_op.drop_column("units")
