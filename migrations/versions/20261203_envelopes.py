"""which cake a till's line of hidden cash is for; envelopes are put in once more, so that their cash leaves the drawer"""

import sqlalchemy as sa
from alembic import op

from shop.payments import guards

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OVER = "('handed_over', 'closed')"
ITS_CAKE = """
UPDATE till_line SET cake_id = (SELECT c.id FROM cake c WHERE c.order_id = till_line.order_id
    ORDER BY c.hidden DESC, c.id LIMIT 1) WHERE kind IN ('hidden_taken', 'hidden_given', 'hidden_back')
"""
AGAIN = f"""
UPDATE cake SET enveloped_at = NULL, enveloped_by = NULL WHERE hidden > 0
    AND order_id IN (SELECT id FROM orders WHERE state NOT IN {OVER})
"""


def upgrade():
    bind = op.get_bind()
    for statement in guards.gone(bind.dialect.name):
        op.execute(statement)
    with op.batch_alter_table("till_line") as batch:
        batch.add_column(sa.Column("cake_id", NUMBER, nullable=True))
        batch.create_foreign_key("fk_till_line_cake_id_cake", "cake", ["cake_id"], ["id"])
        batch.create_index("ix_till_line_cake_id", ["cake_id"])
    op.execute(ITS_CAKE)
    op.execute(AGAIN)
    _guard()


def downgrade():
    for statement in guards.gone(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("till_line") as batch:
        batch.drop_index("ix_till_line_cake_id")
        batch.drop_constraint("fk_till_line_cake_id_cake", type_="foreignkey")
        batch.drop_column("cake_id")
    _guard()


def _guard():
    bind = op.get_bind()
    columns = {name: [c["name"] for c in sa.inspect(bind).get_columns(name)] for name in guards.TABLES}
    for statement in guards.statements(bind.dialect.name, columns):
        op.execute(statement.replace(":", "\\:"))
