"""the books: entries, postings, accounts, head and checkpoints, guarded by the database itself"""

import sqlalchemy as sa
from alembic import op

from shop.ledger import guards

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "ledger_entry",
        sa.Column("seq", Big, autoincrement=False, nullable=False),
        sa.Column("txid", sa.String(), nullable=False),
        sa.Column("shop_id", Big, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", Big, nullable=True),
        sa.Column("device_id", Big, nullable=True),
        sa.Column("order_ref", sa.String(), nullable=True),
        sa.Column("doc_hash", sa.String(), nullable=True),
        sa.Column("rules_hash", sa.String(), nullable=True),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("leaf_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("txid", name=op.f("uq_ledger_entry_txid")),
    )
    op.create_index("ix_ledger_entry_day", "ledger_entry", ["business_date"])
    op.create_index(op.f("ix_ledger_entry_order_ref"), "ledger_entry", ["order_ref"])
    op.create_table(
        "ledger_posting",
        sa.Column("seq", Big, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_posting_seq_ledger_entry"),
            deferrable=True, initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("seq", "n", name=op.f("pk_ledger_posting")),
    )  # fmt: skip
    op.create_index("ix_ledger_posting_account", "ledger_posting", ["account", "seq"])
    op.create_table(
        "ledger_account",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ledger_account")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "edge", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )
    for statement in guards.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade():
    for table in ("ledger_checkpoint", "ledger_head", "ledger_account", "ledger_posting", "ledger_entry"):
        op.drop_table(table)
    for statement in guards.gone(op.get_bind().dialect.name):
        op.execute(statement)
