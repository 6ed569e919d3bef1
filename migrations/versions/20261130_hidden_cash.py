"""cash hidden in a cake"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with op.batch_alter_table("cake") as table:
        table.add_column(sa.Column("hidden", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("enveloped_by", NUMBER, nullable=True))
        table.add_column(sa.Column("enveloped_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("cake") as table:
        for name in ("hidden", "enveloped_by", "enveloped_at"):
            table.drop_column(name)
