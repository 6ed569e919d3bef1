"""who answers for an order"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with op.batch_alter_table("orders") as table:
        table.add_column(sa.Column("partner_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_orders_partner_id_staff"), "staff", ["partner_id"], ["id"])
        table.create_index(op.f("ix_orders_partner_id"), ["partner_id"])


def downgrade():
    with op.batch_alter_table("orders") as table:
        table.drop_index(op.f("ix_orders_partner_id"))
        table.drop_constraint(op.f("fk_orders_partner_id_staff"), type_="foreignkey")
        table.drop_column("partner_id")
