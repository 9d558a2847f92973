"""Standings, intervals, outages and what the metrics page is made of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "monitor_leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_monitor_leases")),
    )
    op.create_table(
        "snapshots",
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "site_counters",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_site_counters_seconds")),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_site_counters_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("site_id", "state", name=op.f("pk_site_counters")),
    )
    op.create_table(
        "intervals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("health", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at > started_at", name=op.f("ck_intervals_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_intervals_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervals")),
    )
    op.create_index("ix_intervals_ended_at", "intervals", ["ended_at"], unique=False)
    op.create_index(
        "uq_intervals_open",
        "intervals",
        ["camera_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("uq_intervals_start", "intervals", ["camera_id", "started_at"], unique=True)

    op.create_table(
        "maintenance_windows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_maintenance_windows_ordered")),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_maintenance_windows_camera_id_cameras")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_maintenance_windows_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_windows")),
    )
    op.create_index(
        op.f("ix_maintenance_windows_camera_id"), "maintenance_windows", ["camera_id"], unique=False
    )
    op.create_index(
        op.f("ix_maintenance_windows_ends_at"), "maintenance_windows", ["ends_at"], unique=False
    )
    op.create_index(
        op.f("ix_maintenance_windows_site_id"), "maintenance_windows", ["site_id"], unique=False
    )

    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("health", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=20), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at > started_at", name=op.f("ck_outages_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_outages_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index(op.f("ix_outages_camera_id"), "outages", ["camera_id"], unique=False)
    op.create_index(op.f("ix_outages_started_at"), "outages", ["started_at"], unique=False)
    op.create_index(
        "uq_outages_open",
        "outages",
        ["camera_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "probe_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_probe_requests_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_requests")),
    )
    op.create_index(
        op.f("ix_probe_requests_camera_id"), "probe_requests", ["camera_id"], unique=False
    )
    op.create_index(
        op.f("ix_probe_requests_requested_at"), "probe_requests", ["requested_at"], unique=False
    )
    op.create_index(
        op.f("ix_probe_requests_taken_at"), "probe_requests", ["taken_at"], unique=False
    )

    op.create_table(
        "standings",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("health", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("issues", sa.String(length=400), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("hold_seconds", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("dissent", sa.Integer(), nullable=False),
        sa.Column("dissent_since", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("mismatches", sa.Integer(), nullable=False),
        sa.Column("mismatch_since", sa.BigInteger(), nullable=True),
        sa.Column("substituted", sa.Boolean(), nullable=False),
        sa.Column("settled_until", sa.BigInteger(), nullable=False),
        sa.Column("last_up_at", sa.BigInteger(), nullable=True),
        sa.Column("identified_at", sa.BigInteger(), nullable=True),
        sa.Column("authentication", sa.String(length=20), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_credential_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_offset_seconds", sa.Double(), nullable=True),
        sa.Column("manufacturer", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("firmware", sa.String(length=80), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_standings_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_standings")),
    )
    op.create_table(
        "substitutions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at > started_at", name=op.f("ck_substitutions_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_substitutions_camera_id_cameras")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_substitutions_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitutions")),
    )
    op.create_index(
        op.f("ix_substitutions_camera_id"), "substitutions", ["camera_id"], unique=False
    )
    op.create_index(
        "uq_substitutions_open",
        "substitutions",
        ["camera_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(
        "uq_substitutions_open",
        "substitutions",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_substitutions_camera_id"), "substitutions")

    op.drop_table("substitutions")
    op.drop_table("standings")
    op.drop_index(op.f("ix_probe_requests_taken_at"), "probe_requests")
    op.drop_index(op.f("ix_probe_requests_requested_at"), "probe_requests")
    op.drop_index(op.f("ix_probe_requests_camera_id"), "probe_requests")

    op.drop_table("probe_requests")
    op.drop_index(
        "uq_outages_open",
        "outages",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_outages_started_at"), "outages")
    op.drop_index(op.f("ix_outages_camera_id"), "outages")

    op.drop_table("outages")
    op.drop_index(op.f("ix_maintenance_windows_site_id"), "maintenance_windows")
    op.drop_index(op.f("ix_maintenance_windows_ends_at"), "maintenance_windows")
    op.drop_index(op.f("ix_maintenance_windows_camera_id"), "maintenance_windows")

    op.drop_table("maintenance_windows")
    op.drop_index("uq_intervals_start", "intervals")
    op.drop_index(
        "uq_intervals_open",
        "intervals",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_intervals_ended_at", "intervals")

    op.drop_table("intervals")
    op.drop_table("site_counters")
    op.drop_table("snapshots")
    op.drop_table("monitor_leases")
