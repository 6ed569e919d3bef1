"""payments: whether the customer's own code was scanned at the counter"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("by_code", sa.Boolean(), server_default="0", nullable=False))


def downgrade():
    with op.batch_alter_table("payment") as batch:
        batch.drop_column("by_code")
