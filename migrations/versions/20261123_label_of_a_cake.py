"""one cake's label"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with op.batch_alter_table("print_job") as table:
        table.add_column(sa.Column("cake_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_print_job_cake_id_cake"), "cake", ["cake_id"], ["id"])


def downgrade():
    with op.batch_alter_table("print_job") as table:
        table.drop_constraint(op.f("fk_print_job_cake_id_cake"), type_="foreignkey")
        table.drop_column("cake_id")
