"""Sites lie in a zone and may have networks of their own; cameras get probe options."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Written out, because SQLite takes a check with a new column but not beside it, and
# to rebuild `cameras` would drop a table that others refer to.
_CLEAR_OPTION = """
    ALTER TABLE cameras ADD COLUMN password_text BOOLEAN NOT NULL DEFAULT false
    CONSTRAINT ck_cameras_password_text
    CHECK (NOT password_text OR (scheme = 'https' AND tls_verify <> 'off'))
"""
_RTSP_PORT = """
    ALTER TABLE cameras ADD COLUMN rtsp_port INTEGER
    CONSTRAINT ck_cameras_rtsp_port CHECK (rtsp_port BETWEEN 1 AND 65535)
"""


def upgrade() -> None:
    """Add the columns; every site is in the local zone, no camera uses an option."""
    op.add_column("sites", sa.Column("zone", sa.String(40), nullable=False, server_default="local"))
    op.add_column("sites", sa.Column("networks", sa.String(400), nullable=False, server_default=""))
    op.execute(_CLEAR_OPTION)
    op.execute(_RTSP_PORT)
    op.add_column(
        "cameras", sa.Column("rtsp_path", sa.String(200), nullable=False, server_default="/")
    )


def downgrade() -> None:
    """Drop them again."""
    for column in ("rtsp_path", "rtsp_port", "password_text"):
        op.drop_column("cameras", column)
    op.drop_column("sites", "networks")
    op.drop_column("sites", "zone")
