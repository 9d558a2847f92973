"""Outages name their site; one without a camera is of the whole site."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN_SITE = sa.text("ended_at IS NULL AND camera_id IS NULL")


def upgrade() -> None:
    """Name the site of every outage, and let go of the camera."""
    with _unreferenced(), op.batch_alter_table("outages") as outages:
        outages.add_column(sa.Column("site_id", sa.Integer(), nullable=True))
        outages.alter_column("camera_id", existing_type=sa.Integer(), nullable=True)
    op.execute(
        "UPDATE outages SET site_id ="
        " (SELECT cameras.site_id FROM cameras WHERE cameras.id = outages.camera_id)"
    )
    with _unreferenced(), op.batch_alter_table("outages") as outages:
        outages.alter_column("site_id", existing_type=sa.Integer(), nullable=False)
        outages.create_foreign_key(op.f("fk_outages_site_id_sites"), "sites", ["site_id"], ["id"])
    op.create_index(op.f("ix_outages_site_id"), "outages", ["site_id"])
    op.create_index(
        "uq_outages_open_site",
        "outages",
        ["site_id"],
        unique=True,
        postgresql_where=_OPEN_SITE,
        sqlite_where=_OPEN_SITE,
    )


def downgrade() -> None:
    """Forget the outages of whole sites, and the sites of the others."""
    op.drop_index("uq_outages_open_site", "outages")
    op.drop_index(op.f("ix_outages_site_id"), "outages")
    op.execute(
        "DELETE FROM outage_comments WHERE outage_id IN"
        " (SELECT id FROM outages WHERE camera_id IS NULL)"
    )
    op.execute("DELETE FROM outages WHERE camera_id IS NULL")
    with _unreferenced(), op.batch_alter_table("outages") as outages:
        outages.drop_constraint(op.f("fk_outages_site_id_sites"), type_="foreignkey")
        outages.drop_column("site_id")
        outages.alter_column("camera_id", existing_type=sa.Integer(), nullable=False)


@contextmanager
def _unreferenced() -> Iterator[None]:
    """Let SQLite write the table anew, which drops it for a moment under its comments."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    # The pragma does nothing inside a transaction; each step of this revision may be
    # repeated, so that nothing is lost where one is left half done.
    connection = op.get_bind().connection
    connection.commit()
    before = op.get_bind().exec_driver_sql("PRAGMA foreign_keys").scalar()
    op.execute("PRAGMA foreign_keys=OFF")
    yield
    connection.commit()
    op.execute(f"PRAGMA foreign_keys={before}")
