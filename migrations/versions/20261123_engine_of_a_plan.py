"""which engine found a plan"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("plan_run") as table:
        table.add_column(sa.Column("engine", sa.String(), nullable=False, server_default=""))


def downgrade():
    with op.batch_alter_table("plan_run") as table:
        table.drop_column("engine")
