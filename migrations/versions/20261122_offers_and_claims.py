"""work that is offered and claimed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("answered_at IS NULL")


def upgrade():
    op.create_table(
        "offer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("staff_id", NUMBER, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_offer_shop_id_shop")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_offer_order_id_orders")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_offer_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_subject", "offer", ["shop_id", "subject"])
    op.create_index("ix_offer_made", "offer", ["shop_id", "made_at"])
    op.create_index(op.f("ix_offer_staff_id"), "offer", ["staff_id"])
    op.create_index("uq_offer_open", "offer", ["shop_id", "subject"], unique=True, sqlite_where=OPEN,
                    postgresql_where=OPEN)
    with op.batch_alter_table("task") as table:
        table.add_column(sa.Column("claimed_by", NUMBER, nullable=True))
        table.add_column(sa.Column("claimed_at", MOMENT, nullable=True))
        table.create_foreign_key(op.f("fk_task_claimed_by_staff"), "staff", ["claimed_by"], ["id"])


def downgrade():
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("fk_task_claimed_by_staff"), type_="foreignkey")
        table.drop_column("claimed_at")
        table.drop_column("claimed_by")
    op.drop_table("offer")
