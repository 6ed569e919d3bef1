"""how long stages really take"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table(
        "stage_past",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("inch", sa.Integer(), nullable=False),
        sa.Column("stages", sa.Integer(), nullable=False),
        sa.Column("shares", JSON, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_stage_past_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_past")),
        sa.UniqueConstraint(
            "shop_id", "kind", "product", "inch", name=op.f("uq_stage_past_shop_id_kind_product_inch")
        ),
    )


def downgrade():
    op.drop_table("stage_past")
