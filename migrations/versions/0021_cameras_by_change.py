"""Cameras in the order of their change, those changed at one instant by their number."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index both: thousands of cameras change at the one instant of an import."""
    op.create_index("ix_cameras_changed_at_id", "cameras", ["changed_at", "id"])
    op.drop_index("ix_cameras_changed_at", "cameras")


def downgrade() -> None:
    """Index the instant alone."""
    op.create_index("ix_cameras_changed_at", "cameras", ["changed_at"])
    op.drop_index("ix_cameras_changed_at_id", "cameras")
