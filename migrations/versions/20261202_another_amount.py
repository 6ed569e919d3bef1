"""payments: what came where it is another amount than was asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("came", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("came_in", sa.String(), server_default="", nullable=False))


def downgrade():
    with op.batch_alter_table("payment") as batch:
        batch.drop_column("came_in")
        batch.drop_column("came")
