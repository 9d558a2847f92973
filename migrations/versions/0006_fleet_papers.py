"""Positions say what they are, units cannot overlap, contracts and authorisations cover sites."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TRIGGER = """
CREATE TRIGGER devices_{name} BEFORE {when} ON devices
WHEN EXISTS (
    SELECT 1 FROM devices AS other
    WHERE other.camera_id = NEW.camera_id AND other.id <> COALESCE(NEW.id, -1)
    AND (NEW.removed_at IS NULL OR other.mounted_at < NEW.removed_at)
    AND (other.removed_at IS NULL OR NEW.mounted_at < other.removed_at)
) BEGIN SELECT RAISE(ABORT, 'devices overlap at one camera'); END
"""
_OVERLAP = {
    "sqlite": (
        _TRIGGER.format(name="insert", when="INSERT"),
        _TRIGGER.format(name="update", when="UPDATE OF camera_id, mounted_at, removed_at"),
    ),
    "postgresql": (
        """
ALTER TABLE devices ADD CONSTRAINT ex_devices_overlap EXCLUDE USING gist (
    int4range(camera_id, camera_id, '[]') WITH &&, tstzrange(mounted_at, removed_at) WITH &&
)
""",
    ),
}
_NO_OVERLAP = {
    "sqlite": ("DROP TRIGGER devices_insert", "DROP TRIGGER devices_update"),
    "postgresql": ("ALTER TABLE devices DROP CONSTRAINT ex_devices_overlap",),
}
_FIVE_YEARS = {
    "sqlite": "expires_on <= date(decided_on, CASE kind WHEN 'provisional' THEN '+4 months'"
    " ELSE '+5 years' END)",
    "postgresql": "expires_on <= decided_on + CASE kind WHEN 'provisional' THEN"
    " interval '4 months' ELSE interval '5 years' END",
}
# Columns with a default: the code before this revision keeps inserting without them.
_ADDED = (
    ("sites", "owner", sa.String(length=200), ""),
    ("sites", "operator", sa.String(length=200), ""),
    ("cameras", "camera_type", sa.String(length=20), None),
    ("cameras", "mount", sa.String(length=20), None),
    ("cameras", "land", sa.String(length=20), None),
    ("cameras", "expected_view", sa.String(length=200), ""),
    ("cameras", "retirement_reason", sa.String(length=200), ""),
)


def upgrade() -> None:
    """Add the columns, the tables and the rule against overlaps."""
    for table, name, kind, default in _ADDED:
        nullable = default is None
        op.add_column(table, sa.Column(name, kind, nullable=nullable, server_default=default))
    for statement in _OVERLAP[op.get_bind().dialect.name]:
        op.execute(statement)
    _create_power_hours()
    _create_replacements()
    _create_contracts()
    _create_authorisations()
    _create_cover("contract_sites", "contract_id", "maintenance_contracts")
    _create_cover("authorisation_sites", "authorisation_id", "authorisations")


def _create_power_hours() -> None:
    op.create_table(
        "power_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on > from_on", name=op.f("ck_power_hours_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_power_hours_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_hours")),
    )
    op.create_index(op.f("ix_power_hours_site_id"), "power_hours", ["site_id"], unique=False)
    op.create_index(
        "uq_power_hours_in_force",
        "power_hours",
        ["site_id"],
        unique=True,
        postgresql_where=sa.text("until_on IS NULL"),
        sqlite_where=sa.text("until_on IS NULL"),
    )


def _create_replacements() -> None:
    op.create_table(
        "replacements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=False),
        sa.Column("incoming_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("paper", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["outgoing_id"], ["devices.id"], name=op.f("fk_replacements_outgoing_id_devices")
        ),
        sa.ForeignKeyConstraint(
            ["incoming_id"], ["devices.id"], name=op.f("fk_replacements_incoming_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacements")),
        sa.UniqueConstraint("outgoing_id", name=op.f("uq_replacements_outgoing_id")),
        sa.UniqueConstraint("incoming_id", name=op.f("uq_replacements_incoming_id")),
    )


def _create_contracts() -> None:
    op.create_table(
        "maintenance_contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("contractor", sa.String(length=200), nullable=False),
        sa.Column("gti_hours", sa.Integer(), nullable=True),
        sa.Column("gtr_hours", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.String(length=20), nullable=False),
        sa.Column("business_hours", sa.String(length=200), nullable=False),
        sa.Column("target_availability", sa.Integer(), nullable=True),
        sa.Column("exclusions", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_maintenance_contracts_ordered")
        ),
        sa.CheckConstraint(
            "gti_hours IS NULL OR gti_hours > 0", name=op.f("ck_maintenance_contracts_gti")
        ),
        sa.CheckConstraint(
            "gtr_hours IS NULL OR gtr_hours > 0", name=op.f("ck_maintenance_contracts_gtr")
        ),
        sa.CheckConstraint(
            "target_availability IS NULL OR target_availability BETWEEN 1 AND 10000",
            name=op.f("ck_maintenance_contracts_target"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_contracts")),
        sa.UniqueConstraint("reference", name=op.f("uq_maintenance_contracts_reference")),
    )


def _create_authorisations() -> None:
    op.create_table(
        "authorisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(length=3), nullable=False),
        sa.Column("act_number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("renewal_filed_on", sa.Date(), nullable=True),
        sa.Column("public_road_cameras", sa.Integer(), nullable=False),
        sa.Column("exterior_cameras", sa.Integer(), nullable=False),
        sa.Column("interior_cameras", sa.Integer(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("purposes", sa.String(length=400), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.CheckConstraint("expires_on > decided_on", name=op.f("ck_authorisations_ordered")),
        sa.CheckConstraint(
            _FIVE_YEARS[op.get_bind().dialect.name], name=op.f("ck_authorisations_lasting")
        ),
        sa.CheckConstraint(
            "public_road_cameras >= 0 AND exterior_cameras >= 0 AND interior_cameras >= 0",
            name=op.f("ck_authorisations_counts"),
        ),
        sa.CheckConstraint(
            "retention_days IS NULL OR retention_days > 0",
            name=op.f("ck_authorisations_retention"),
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["departments.code"],
            name=op.f("fk_authorisations_department_code_departments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisations")),
        sa.UniqueConstraint(
            "department_code",
            "act_number",
            name=op.f("uq_authorisations_department_code_act_number"),
        ),
    )


def _create_cover(table: str, column: str, parent: str) -> None:
    """Create the table that says which sites a paper covers."""
    op.create_table(
        table,
        sa.Column(column, sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            [column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id_sites")),
        sa.PrimaryKeyConstraint(column, "site_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_site_id"), table, ["site_id"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    for table in ("authorisation_sites", "contract_sites"):
        op.drop_index(op.f(f"ix_{table}_site_id"), table)
        op.drop_table(table)
    for table in ("authorisations", "maintenance_contracts", "replacements"):
        op.drop_table(table)
    op.drop_index(
        "uq_power_hours_in_force",
        "power_hours",
        postgresql_where=sa.text("until_on IS NULL"),
        sqlite_where=sa.text("until_on IS NULL"),
    )
    op.drop_index(op.f("ix_power_hours_site_id"), "power_hours")
    op.drop_table("power_hours")
    for statement in _NO_OVERLAP[op.get_bind().dialect.name]:
        op.execute(statement)
    for table, name, _, _ in reversed(_ADDED):
        op.drop_column(table, name)
