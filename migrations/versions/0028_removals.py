"""What was seen may be removed after a term: which days are, and how far it is."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing is removed yet."""
    op.create_table(
        "removals",
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("next_site_id", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intervals", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_removals_ordered")),
        sa.CheckConstraint(
            "finished_at IS NULL OR sealed_at IS NOT NULL", name=op.f("ck_removals_sealed")
        ),
        sa.PrimaryKeyConstraint("starts_at", name=op.f("pk_removals")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the table: what was removed stays so, and is unknown to the code before it."""
    op.drop_table("removals")
