"""sign-ins: who came in and at which browser, so that two accounts at one are seen to"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with op.batch_alter_table("sign_in_try") as batch:
        batch.add_column(sa.Column("staff_id", NUMBER, nullable=True))
        batch.add_column(sa.Column("browser", sa.String(), server_default="", nullable=False))
        batch.create_index("ix_sign_in_try_staff_id", ["staff_id"])


def downgrade():
    with op.batch_alter_table("sign_in_try") as batch:
        batch.drop_index("ix_sign_in_try_staff_id")
        batch.drop_column("browser")
        batch.drop_column("staff_id")
