"""payments: since when nobody knows whether one came, and finding those quickly"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True))
        batch.create_index("ix_payment_state", ["shop_id", "state"])
        batch.create_index("ix_payment_account", ["shop_id", "account", "made_at"])
    op.execute("UPDATE payment SET unknown_since = made_at WHERE state = 'unknown'")


def downgrade():
    with op.batch_alter_table("payment") as batch:
        batch.drop_index("ix_payment_account")
        batch.drop_index("ix_payment_state")
        batch.drop_column("unknown_since")
