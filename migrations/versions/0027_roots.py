"""What was told keeps the root that it shared with others: a silent zone, new passwords."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was told before shared nothing that anybody noted."""
    op.add_column("transitions", sa.Column("root", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("transitions") as transitions:
        transitions.drop_column("root")
