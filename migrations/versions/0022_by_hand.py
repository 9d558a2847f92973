"""Programmes, campaigns, rules and votes can be entered by hand, and files leave those alone."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("programmes", "campaigns", "campaign_rules", "envelope_votes")


def upgrade() -> None:
    """Say of each row that a file gave it; the code before keeps inserting without."""
    for table in TABLES:
        op.add_column(
            table, sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Forget it: the next load of the files brings back what they say."""
    for table in TABLES:
        op.drop_column(table, "by_hand")
