"""areas the shop delivers to, and where an order goes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table(
        "area",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("lat", sa.Integer(), nullable=False),
        sa.Column("lng", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_area_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("shop_id", "slug", name=op.f("uq_area_shop_id_slug")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("area_id", NUMBER, nullable=True))
        batch_op.add_column(sa.Column("travel_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("fee", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_foreign_key(batch_op.f("fk_orders_area_id_area"), "area", ["area_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_orders_area_id"), ["area_id"], unique=False)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place_box", sa.LargeBinary(), nullable=True))


def downgrade():
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("place_box")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_area_id"))
        batch_op.drop_constraint(batch_op.f("fk_orders_area_id_area"), type_="foreignkey")
        for name in ("area_id", "travel_minutes", "fee"):
            batch_op.drop_column(name)
    op.drop_table("area")
