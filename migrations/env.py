"""
How Alembic runs here: on a connection that the caller opened, without alembic.ini.

Our column types are rendered as the plain ones underneath, so that a migration
keeps meaning what it meant when it was written.
"""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator

from registry import models


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Spell our own types by the database type that they decorate."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.metadata,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
