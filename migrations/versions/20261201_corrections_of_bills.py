"""reconciliation: corrections of lines, which a second person agrees to"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "bill_correction",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("line_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("txid", sa.String(), nullable=True),
        sa.Column("was", JSON, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_bill_correction_shop_id_shop")),
        sa.ForeignKeyConstraint(["line_id"], ["billed_line.id"], name=op.f("fk_bill_correction_line_id_billed_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_correction")),
    )  # fmt: skip
    with op.batch_alter_table("bill_correction") as batch:
        batch.create_index("ix_bill_correction_line_id", ["line_id"])


def downgrade():
    op.drop_table("bill_correction")
