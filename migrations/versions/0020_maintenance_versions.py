"""Maintenance windows can be changed and cancelled; what they were is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who cancelled a window and when, and the versions."""
    op.add_column(
        "maintenance_windows",
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "maintenance_windows",
        sa.Column("cancelled_by", sa.String(length=120), nullable=False, server_default=""),
    )
    op.create_table(
        "maintenance_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_maintenance_versions_ordered")),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["maintenance_windows.id"],
            name=op.f("fk_maintenance_versions_window_id_maintenance_windows"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_versions")),
    )
    op.create_index("ix_maintenance_versions_window_id", "maintenance_versions", ["window_id"])


def downgrade() -> None:
    """Drop the versions; a cancelled window must go with them, or it would count again."""
    op.drop_table("maintenance_versions")
    op.execute("DELETE FROM maintenance_windows WHERE cancelled_at IS NOT NULL")
    op.drop_column("maintenance_windows", "cancelled_by")
    op.drop_column("maintenance_windows", "cancelled_at")
