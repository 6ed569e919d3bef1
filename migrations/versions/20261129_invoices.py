"""documents: invoices and credit notes, their numbers, and the buyer's tax number"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("live AND kind = 'invoice'")


def upgrade():
    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("tax_number_box", sa.LargeBinary(), nullable=True))
    op.create_table(
        "document_counter",
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_document_counter_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", "kind", "year", name=op.f("pk_document_counter")),
    )
    op.create_table(
        "document",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("of_id", NUMBER, nullable=True),
        sa.Column("buyer_id", NUMBER, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tax", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("doc_hash", sa.String(), nullable=False),
        sa.Column("txid", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("total > 0 AND tax >= 0", name=op.f("ck_document_amounts")),
        sa.ForeignKeyConstraint(["buyer_id"], ["person.id"], name=op.f("fk_document_buyer_id_person")),
        sa.ForeignKeyConstraint(["of_id"], ["document.id"], name=op.f("fk_document_of_id_document")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_document_order_id_orders")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_document_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("shop_id", "kind", "year", "counter", name=op.f("uq_document_shop_id_kind_year_counter")),
        sa.UniqueConstraint("shop_id", "number", name=op.f("uq_document_shop_id_number")),
    )
    op.create_index(op.f("ix_document_order_id"), "document", ["order_id"])
    op.create_index(op.f("ix_document_of_id"), "document", ["of_id"])
    op.create_index(
        "ix_document_live", "document", ["order_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def downgrade():
    op.drop_table("document")
    op.drop_table("document_counter")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_column("tax_number_box")
