"""Communes are searched by words and former names; stations, lycées and contours have tables."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the tables; `vigiparc db upgrade` fills what is shipped."""
    # With a default: the code before this revision keeps inserting without them.
    op.add_column(
        "communes",
        sa.Column("postal_codes", sa.String(length=200), nullable=False, server_default=""),
    )
    op.add_column(
        "communes", sa.Column("former_names", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "commune_words",
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["insee"], ["communes.insee"], name=op.f("fk_commune_words_insee_communes")
        ),
        sa.PrimaryKeyConstraint("insee", "word", name=op.f("pk_commune_words")),
    )
    op.create_index(
        "ix_commune_words_search", "commune_words", ["word", "population", "insee"], unique=False
    )
    _create_places("stations", "uic", name_length=120)
    _create_places("schools", "uai", name_length=200)
    _create_contours()


def _create_places(table: str, key: str, *, name_length: int) -> None:
    own = (
        (
            sa.Column("trigram", sa.String(length=8), nullable=False),
            sa.Column("segment", sa.String(length=20), nullable=False),
        )
        if table == "stations"
        else (sa.Column("address", sa.String(length=200), nullable=False),)
    )
    op.create_table(
        table,
        sa.Column(key, sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=name_length), nullable=False),
        sa.Column("search_name", sa.String(length=name_length), nullable=False),
        *own,
        sa.Column("insee", sa.String(length=5), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["insee"], ["communes.insee"], name=op.f(f"fk_{table}_insee_communes")
        ),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_insee"), table, ["insee"], unique=False)


def _create_contours() -> None:
    op.create_table(
        "contours",
        sa.Column("insee", sa.String(length=5), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("south", "north", "west", "east", "latitude", "longitude")
        ),
        sa.Column("rings", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("south <= north AND west <= east", name=op.f("ck_contours_box")),
        sa.ForeignKeyConstraint(
            ["insee"], ["communes.insee"], name=op.f("fk_contours_insee_communes")
        ),
        sa.PrimaryKeyConstraint("insee", name=op.f("pk_contours")),
    )
    op.create_index("ix_contours_box", "contours", ["south", "north", "west", "east"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_contours_box", "contours")
    op.drop_table("contours")
    for table in ("schools", "stations"):
        op.drop_index(op.f(f"ix_{table}_insee"), table)
        op.drop_table(table)
    op.drop_index("ix_commune_words_search", "commune_words")
    op.drop_table("commune_words")
    op.drop_column("communes", "former_names")
    op.drop_column("communes", "postal_codes")
