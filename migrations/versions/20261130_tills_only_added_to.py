"""tills: the database refuses to change lines, counts and closed days"""

import sqlalchemy as sa
from alembic import op

from shop.payments import guards

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    bind = op.get_bind()
    columns = {name: [c["name"] for c in sa.inspect(bind).get_columns(name)] for name in guards.TABLES}
    for statement in guards.statements(bind.dialect.name, columns):
        op.execute(statement.replace(":", "\\:"))


def downgrade():
    for statement in guards.gone(op.get_bind().dialect.name):
        op.execute(statement)
