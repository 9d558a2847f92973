"""Hours and days of sites and cameras are kept as sums, with what makes them stale."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SUMS = ("up", "down", "unreachable", "unknown", "planned", "transitions")


def upgrade() -> None:
    """Create the tables."""
    _create_sums("site_hours", "site_id", "sites")
    op.create_index("ix_site_hours_starts_at", "site_hours", ["starts_at"])
    _create_sums("site_days", "site_id", "sites")
    _create_sums("camera_days", "camera_id", "cameras")
    op.create_index("ix_camera_days_starts_at", "camera_days", ["starts_at"])
    op.create_table(
        "stale_days",
        *_keyed("stale_days", "site_id", "sites"),
        sqlite_with_rowid=False,
    )
    _create_bases()
    op.create_table(
        "rollup_spans",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_rollup_spans_ordered")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rollup_spans")),
    )


def _keyed(table: str, key: str, parent: str) -> list[sa.Column[int] | sa.Constraint]:
    return [
        sa.Column(key, sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint([key], [f"{parent}.id"], name=op.f(f"fk_{table}_{key}_{parent}")),
        sa.PrimaryKeyConstraint(key, "starts_at", name=op.f(f"pk_{table}")),
    ]


def _create_sums(table: str, key: str, parent: str) -> None:
    op.create_table(
        table,
        *_keyed(table, key, parent),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SUMS),
        sqlite_with_rowid=False,
    )


def _create_bases() -> None:
    op.create_table(
        "rollup_bases",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("commissioned_on", sa.Date(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_rollup_bases_camera_id_cameras")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_rollup_bases_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_rollup_bases")),
    )
    op.create_index(op.f("ix_rollup_bases_site_id"), "rollup_bases", ["site_id"])
    op.create_table(
        "rollup_power",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("power", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_rollup_power_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_rollup_power")),
    )


def downgrade() -> None:
    """Drop them again: they can be computed anew."""
    op.drop_table("rollup_spans")
    op.drop_table("rollup_power")
    op.drop_index(op.f("ix_rollup_bases_site_id"), "rollup_bases")
    op.drop_table("rollup_bases")
    op.drop_table("stale_days")
    op.drop_index("ix_camera_days_starts_at", "camera_days")
    op.drop_table("camera_days")
    op.drop_table("site_days")
    op.drop_index("ix_site_hours_starts_at", "site_hours")
    op.drop_table("site_hours")
