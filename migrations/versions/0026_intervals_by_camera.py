"""All that a sum of time reads of an interval stands in one index."""

from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the time and health of each camera: some 25 bytes an interval."""
    op.create_index(
        "ix_intervals_sums", "intervals", ["camera_id", "ended_at", "started_at", "health"]
    )


def downgrade() -> None:
    """Read the rows again."""
    op.drop_index("ix_intervals_sums", "intervals")
