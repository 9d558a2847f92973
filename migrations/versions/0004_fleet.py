"""Sites, cameras, the units mounted there and their sealed credentials."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("normalised_name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("uic", sa.String(length=8), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("gateway_host", sa.String(length=253), nullable=False),
        sa.Column("gateway_port", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["insee"], ["communes.insee"], name=op.f("fk_sites_insee_communes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint(
            "insee", "kind", "normalised_name", name=op.f("uq_sites_insee_kind_normalised_name")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_sites_public_id")),
    )
    op.create_index(op.f("ix_sites_insee"), "sites", ["insee"], unique=False)

    op.create_table(
        "cameras",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("camera_class", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("commissioned_on", sa.Date(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("tls_verify", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("ck_cameras_port")),
        sa.CheckConstraint(
            "retired_on IS NULL OR commissioned_on IS NULL OR retired_on >= commissioned_on",
            name=op.f("ck_cameras_ordered"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_cameras_grant_id_grants")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cameras_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameras")),
        sa.UniqueConstraint("site_id", "label", name=op.f("uq_cameras_site_id_label")),
    )
    op.create_index(op.f("ix_cameras_changed_at"), "cameras", ["changed_at"], unique=False)
    op.create_index(op.f("ix_cameras_grant_id"), "cameras", ["grant_id"], unique=False)
    op.create_index(op.f("ix_cameras_site_id"), "cameras", ["site_id"], unique=False)

    op.create_table(
        "credentials",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=120), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_credentials_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("normalised_serial", sa.String(length=80), nullable=False),
        sa.Column("manufacturer", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("firmware", sa.String(length=80), nullable=False),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("mounted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "removed_at IS NULL OR removed_at >= mounted_at", name=op.f("ck_devices_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name=op.f("fk_devices_camera_id_cameras")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_camera_id"), "devices", ["camera_id"], unique=False)
    op.create_index(
        op.f("ix_devices_normalised_serial"), "devices", ["normalised_serial"], unique=False
    )
    op.create_index(
        "uq_devices_mounted",
        "devices",
        ["camera_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(
        "uq_devices_mounted",
        "devices",
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index(op.f("ix_devices_normalised_serial"), "devices")
    op.drop_index(op.f("ix_devices_camera_id"), "devices")

    op.drop_table("devices")
    op.drop_table("credentials")
    op.drop_index(op.f("ix_cameras_site_id"), "cameras")
    op.drop_index(op.f("ix_cameras_grant_id"), "cameras")
    op.drop_index(op.f("ix_cameras_changed_at"), "cameras")

    op.drop_table("cameras")
    op.drop_index(op.f("ix_sites_insee"), "sites")

    op.drop_table("sites")
