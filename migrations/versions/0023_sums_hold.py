"""The database itself refuses a vote beyond its base, and payments beyond their vote."""

import sqlalchemy as sa
from alembic import op

from registry.errors import Conflict

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOST_NAMED = 20
_BASE = "voted_cents <= COALESCE(eligible_cents, project_cents, voted_cents)"
_PAID = (
    "(SELECT COALESCE(SUM(CASE kind WHEN 'repayment' THEN -paid_cents ELSE paid_cents END), 0)"
    " FROM payments WHERE grant_id = {of})"
)
_VOTED = "(SELECT voted_cents FROM grants WHERE id = {of})"
_REFUSAL = "payments exceed the vote of their grant"
# Name, moment, the grant that it is about, and what was voted for it.
_TRIGGERS = (
    ("payments_vote_insert", "INSERT ON payments", "NEW.grant_id", _VOTED),
    ("payments_vote_update", "UPDATE ON payments", "NEW.grant_id", _VOTED),
    ("payments_vote_delete", "DELETE ON payments", "OLD.grant_id", _VOTED),
    ("grants_vote_update", "UPDATE OF voted_cents ON grants", "NEW.id", "NEW.voted_cents"),
)
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_payments_beyond_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_grant integer; voted bigint;
BEGIN
    IF TG_TABLE_NAME = 'grants' THEN of_grant := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN of_grant := OLD.grant_id;
    ELSE of_grant := NEW.grant_id;
    END IF;
    SELECT voted_cents INTO voted FROM grants WHERE id = of_grant FOR NO KEY UPDATE;
    IF {_PAID.format(of="of_grant")} > voted THEN
        RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - our own words
_RUN = "FOR EACH ROW EXECUTE FUNCTION refuse_payments_beyond_vote()"


def upgrade() -> None:
    """Look whether what stands holds, then add the check and the triggers."""
    _refuse_what_stands()
    with op.batch_alter_table("grants", copy_from=_grants()) as grants:
        grants.create_check_constraint(op.f("ck_grants_base"), _BASE)
    if op.get_bind().dialect.name == "sqlite":
        for name, when, of, voted in _TRIGGERS:
            over = f"{_PAID.format(of=of)} > {voted.format(of=of)}"
            op.execute(
                f"CREATE TRIGGER {name} AFTER {when} WHEN {over}"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(_FUNCTION)
    op.execute(f"CREATE TRIGGER payments_vote AFTER INSERT OR UPDATE OR DELETE ON payments {_RUN}")
    op.execute(f"CREATE TRIGGER grants_vote AFTER UPDATE OF voted_cents ON grants {_RUN}")


def downgrade() -> None:
    """Leave it to the services again."""
    if op.get_bind().dialect.name == "sqlite":
        for name, *_ in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER payments_vote ON payments")
        op.execute("DROP TRIGGER grants_vote ON grants")
        op.execute("DROP FUNCTION refuse_payments_beyond_vote()")
    with op.batch_alter_table("grants", copy_from=_grants(base=True)) as grants:
        grants.drop_constraint(op.f("ck_grants_base"), type_="check")


def _refuse_what_stands() -> None:
    """Name the grants that would not hold: what to write in their place, an officer knows."""
    query = f"SELECT file_number FROM grants WHERE NOT ({_BASE}) OR {_PAID} > voted_cents"  # noqa: S608 - our own words
    found = op.get_bind().execute(sa.text(query.format(of="grants.id") + " ORDER BY file_number"))
    if numbers := [str(each) for each in found.scalars()]:
        listed = ", ".join(numbers[:MOST_NAMED]) + (", …" if numbers[MOST_NAMED:] else "")
        message = (
            f"{len(numbers)} grants were voted more than their eligible base, or paid more than"
            f" was voted: set these right first, with the version before: {listed}"
        )
        raise Conflict(message)


def _grants(*, base: bool = False) -> sa.Table:
    return sa.Table(
        "grants",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_number", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("beneficiary_id", sa.Integer(), nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("purpose", sa.String(length=256), nullable=False),
        sa.Column("eligible_cents", sa.BigInteger(), nullable=True),
        sa.Column("voted_cents", sa.BigInteger(), nullable=False),
        sa.Column("cameras_funded", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("project_cents", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("population_source", sa.String(200), nullable=False, server_default=""),
        sa.CheckConstraint("voted_cents >= 0", name="ck_grants_voted"),
        *([sa.CheckConstraint(_BASE, name="ck_grants_base")] if base else []),
        sa.CheckConstraint(
            "eligible_cents IS NULL OR eligible_cents >= 0", name="ck_grants_eligible"
        ),
        sa.CheckConstraint("project_cents IS NULL OR project_cents >= 0", name="ck_grants_project"),
        sa.CheckConstraint("rate IS NULL OR (rate > 0 AND rate <= 10000)", name="ck_grants_rate"),
        sa.CheckConstraint("cameras_funded >= 0", name="ck_grants_cameras"),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name="fk_grants_beneficiary_id_beneficiaries"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_grants_campaign_id_campaigns"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.UniqueConstraint("file_number", name="uq_grants_file_number"),
        sa.Index("ix_grants_beneficiary_id", "beneficiary_id"),
        sa.Index("ix_grants_campaign_id", "campaign_id"),
    )
