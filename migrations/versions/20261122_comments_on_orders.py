"""comments on orders, and who has one open"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "order_comment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shop_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("staff_id", NUMBER, nullable=False),
        sa.Column("for_id", NUMBER, nullable=True),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["for_id"], ["staff.id"], name=op.f("fk_order_comment_for_id_staff")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_comment_order_id_orders")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_order_comment_person_id_person")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_order_comment_shop_id_shop")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_comment_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_comment")),
    )
    with op.batch_alter_table("order_comment", schema=None) as batch_op:
        batch_op.create_index("ix_order_comment_for", ["for_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_comment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_onlooker",
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("staff_id", NUMBER, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_onlooker_order_id_orders")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_onlooker_staff_id_staff")),
        sa.PrimaryKeyConstraint("order_id", "staff_id", name=op.f("pk_order_onlooker")),
    )


def downgrade():
    op.drop_table("order_onlooker")
    with op.batch_alter_table("order_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_comment_order_id"))
        batch_op.drop_index("ix_order_comment_for")

    op.drop_table("order_comment")
