"""Outages carry a ticket, comments, and whether they count against whoever maintains."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the comments."""
    with op.batch_alter_table("outages") as outages:
        outages.add_column(
            sa.Column("ticket", sa.String(length=60), nullable=False, server_default="")
        )
        outages.add_column(sa.Column("excluded_for", sa.String(length=20), nullable=True))
        outages.add_column(
            sa.Column("judgement", sa.String(length=400), nullable=False, server_default="")
        )
        outages.add_column(
            sa.Column("judged_by", sa.String(length=120), nullable=False, server_default="")
        )
        outages.add_column(sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
        outages.create_check_constraint(
            op.f("ck_outages_judged"),
            "excluded_for IS NULL OR (judged_at IS NOT NULL AND judgement <> '')",
        )
    op.create_table(
        "outage_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_outage_comments_text")),
        sa.ForeignKeyConstraint(
            ["outage_id"], ["outages.id"], name=op.f("fk_outage_comments_outage_id_outages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_comments")),
    )
    op.create_index("ix_outage_comments_outage_id", "outage_comments", ["outage_id"])


def downgrade() -> None:
    """Drop them; what was judged and said is lost."""
    op.drop_table("outage_comments")
    with op.batch_alter_table("outages") as outages:
        outages.drop_constraint(op.f("ck_outages_judged"), type_="check")
        for column in ("judged_at", "judged_by", "judgement", "excluded_for", "ticket"):
            outages.drop_column(column)
