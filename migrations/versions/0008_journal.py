"""
The journal says where a change came from, and nobody can rewrite it unnoticed.

Entries that stand are numbered from 1 without a hole and chained anew in the
canonical form of docs/journal.md. Whether their old chain held is the first thing
that the new one tells. The code before this revision appends entries that the new
chain does not know: stop it before the upgrade.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "journal_entries",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    *(
        sa.column(name, sa.String)
        for name in (
            "actor", "channel", "address", "request_id", "action", "subject",
            "before", "after", "reason", "previous_digest", "digest",
        )
    ),
)  # fmt: skip
HEADS = sa.table(
    "journal_heads",
    sa.column("id", sa.Integer),
    sa.column("length", sa.Integer),
    sa.column("digest", sa.String),
)
OLD = ("previous_digest", "at", "actor", "action", "subject", "before", "after", "reason")
NEW = (
    "previous_digest", "id", "at", "actor", "channel", "address", "request_id",
    "action", "subject", "before", "after", "reason",
)  # fmt: skip


def upgrade() -> None:
    """Add the columns and the head, chain what stands, then close the table."""
    with op.batch_alter_table("journal_entries") as entries:
        entries.add_column(sa.Column("channel", sa.String(20), nullable=False, server_default=""))
        entries.add_column(sa.Column("address", sa.String(120), nullable=False, server_default=""))
        entries.add_column(
            sa.Column("request_id", sa.String(64), nullable=False, server_default="")
        )
        entries.drop_index("ix_journal_entries_subject")
        entries.create_index("ix_journal_entries_subject_id", ["subject", "id"])
        entries.create_index("ix_journal_entries_actor_id", ["actor", "id"])
    op.create_table(
        "journal_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_heads_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_heads")),
    )
    length, digest = _chain_anew(old_form=False)
    op.execute(HEADS.insert().values(id=1, length=length, digest=digest))
    _refuse_changes()


def downgrade() -> None:
    """Open the table again, and chain it as the code before this revision does."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_entries_no_update")
        op.execute("DROP TRIGGER journal_entries_no_delete")
    else:
        op.execute("DROP TRIGGER journal_entries_no_change ON journal_entries")
        op.execute("DROP TRIGGER journal_entries_no_truncate ON journal_entries")
        op.execute("DROP FUNCTION refuse_journal_change()")
    op.drop_table("journal_heads")
    length, _digest = _chain_anew(old_form=True)
    with op.batch_alter_table("journal_entries") as entries:
        entries.drop_index("ix_journal_entries_actor_id")
        entries.drop_index("ix_journal_entries_subject_id")
        entries.create_index("ix_journal_entries_subject", ["subject"])
        entries.drop_column("request_id")
        entries.drop_column("address")
        entries.drop_column("channel")
    if op.get_bind().dialect.name == "postgresql" and length:
        # The code before lets the database number the entries.
        op.execute(f"SELECT setval(pg_get_serial_sequence('journal_entries', 'id'), {length})")


def _chain_anew(*, old_form: bool) -> tuple[int, str]:
    """Give every entry its place and digest; return how many there are and the last digest."""
    connection = op.get_bind()
    rows = [
        dict(row)
        for row in connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.id)).mappings()
    ]
    if rows and not old_form:
        rows.append(_tell_of_upgrade(rows))
    # Every digest changes, and each must differ from all others at every moment.
    connection.execute(ENTRIES.delete())
    digest = ""
    for place, row in enumerate(rows, start=1):
        row["id"], row["previous_digest"] = place, digest
        row["digest"] = digest = _digest(row, old_form=old_form)
    if rows:
        connection.execute(ENTRIES.insert(), rows)
    return len(rows), digest


def _tell_of_upgrade(rows: list[dict[str, object]]) -> dict[str, object]:
    """Keep where the old chain ended, and the first entry that did not fit it."""
    broken, previous = None, ""
    for row in rows:
        if row["previous_digest"] != previous or row["digest"] != _digest(row, old_form=True):
            broken = row["id"]
            break
        previous = str(row["digest"])
    told = {"broken_at": broken, "digest": rows[-1]["digest"], "entries": len(rows)}
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        **dict.fromkeys(ENTRIES.c.keys(), ""),
        "at": now,
        "actor": "cli",
        "channel": "cli",
        "action": "journal.rechain",
        "subject": "journal",
        "before": json.dumps(told, sort_keys=True),
    }


def _digest(row: Mapping[str, object], *, old_form: bool) -> str:
    at = row["at"]
    if not isinstance(at, datetime):
        raise TypeError(at)
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if old_form:
        words = [aware.isoformat() if name == "at" else row[name] for name in OLD]
        text = json.dumps(words, ensure_ascii=False)
    else:
        spelled = aware.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        words = [spelled if name == "at" else row[name] for name in NEW]
        text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_changes() -> None:
    refusal = "the journal is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_entries_no_{verb.lower()} BEFORE {verb} "
                f"ON journal_entries BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_entries_no_change BEFORE UPDATE OR DELETE ON journal_entries "
        "FOR EACH ROW EXECUTE FUNCTION refuse_journal_change()"
    )
    op.execute(
        "CREATE TRIGGER journal_entries_no_truncate BEFORE TRUNCATE ON journal_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change()"
    )
