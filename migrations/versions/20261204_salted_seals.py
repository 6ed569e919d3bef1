"""what a second person agrees to is sealed with a salt of its own; agreed discounts name their entry"""

import sqlalchemy as sa
from alembic import op

from shop.payments import guards

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SEALED = ("refund", "discount", "till_correction", "bill_correction")


def upgrade():
    _unguard()
    for name in SEALED:
        with op.batch_alter_table(name) as batch:
            batch.add_column(sa.Column("salt", sa.String(), server_default="", nullable=False))
            if name == "discount":
                batch.add_column(sa.Column("txid", sa.String(), server_default="", nullable=False))
    _guard()


def downgrade():
    _unguard()
    for name in SEALED:
        with op.batch_alter_table(name) as batch:
            batch.drop_column("salt")
            if name == "discount":
                batch.drop_column("txid")
    _guard()


def _unguard():
    for statement in guards.gone(op.get_bind().dialect.name):
        op.execute(statement)


def _guard():
    bind = op.get_bind()
    columns = {name: [c["name"] for c in sa.inspect(bind).get_columns(name)] for name in guards.TABLES}
    for statement in guards.statements(bind.dialect.name, columns):
        op.execute(statement.replace(":", "\\:"))
