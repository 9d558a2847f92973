"""Communes, departments, regions and groupings, with their official codes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "epcis",
        sa.Column("siren", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("siren", name=op.f("pk_epcis")),
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_table(
        "departments",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_departments_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departments")),
    )
    op.create_index(
        op.f("ix_departments_region_code"), "departments", ["region_code"], unique=False
    )

    op.create_table(
        "communes",
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search_name", sa.String(length=120), nullable=False),
        sa.Column("department_code", sa.String(length=3), nullable=False),
        sa.Column("epci_siren", sa.String(length=9), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "population IS NULL OR population >= 0", name=op.f("ck_communes_population")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["departments.code"],
            name=op.f("fk_communes_department_code_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["epci_siren"], ["epcis.siren"], name=op.f("fk_communes_epci_siren_epcis")
        ),
        sa.PrimaryKeyConstraint("insee", name=op.f("pk_communes")),
    )
    op.create_index(
        op.f("ix_communes_department_code"), "communes", ["department_code"], unique=False
    )
    op.create_index(op.f("ix_communes_epci_siren"), "communes", ["epci_siren"], unique=False)
    op.create_index("ix_communes_search", "communes", ["search_name"], unique=False)

    op.create_table(
        "former_communes",
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("successor_insee", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["successor_insee"],
            ["communes.insee"],
            name=op.f("fk_former_communes_successor_insee_communes"),
        ),
        sa.PrimaryKeyConstraint("insee", name=op.f("pk_former_communes")),
    )
    op.create_index(
        op.f("ix_former_communes_successor_insee"),
        "former_communes",
        ["successor_insee"],
        unique=False,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(op.f("ix_former_communes_successor_insee"), "former_communes")

    op.drop_table("former_communes")
    op.drop_index("ix_communes_search", "communes")
    op.drop_index(op.f("ix_communes_epci_siren"), "communes")
    op.drop_index(op.f("ix_communes_department_code"), "communes")

    op.drop_table("communes")
    op.drop_index(op.f("ix_departments_region_code"), "departments")

    op.drop_table("departments")
    op.drop_table("regions")
    op.drop_table("epcis")
