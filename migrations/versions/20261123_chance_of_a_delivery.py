"""how likely a delivery is late"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("drop") as table:
        table.add_column(sa.Column("chance", sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table("drop") as table:
        table.drop_column("chance")
