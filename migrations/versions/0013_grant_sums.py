"""
Carries grants and campaigns over to their new tables, and drops what is a sum from now on.

Nothing is lost on the way. The status of each grant becomes its first step, dated
from its decision; an amount paid becomes a declared payment; the columns of a
campaign become rules with the campaign's source. What was paid is a sum from now on,
so the code before this revision does not run on it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AUTHOR = "migration:0013"
# What a status of before is now, and what those of now were before.
RENAMED = {"applied": "filed"}
BEFORE = {
    "draft": "applied",
    "filed": "applied",
    "complete": "applied",
    "instructed": "applied",
    "agreement": "notified",
    "advance": "started",
    "interim": "started",
    "received": "commissioned",
    "balance_asked": "commissioned",
    "certified": "commissioned",
    "checked": "settled",
    "closed": "settled",
    "refused": "cancelled",
    "abandoned": "cancelled",
    "lapsed": "cancelled",
    "repayment": "cancelled",
}
CARRIED = {
    "rate": "rate",
    "cap": "cap_cents",
    "population_below": "population_below",
    "first_equipment_only": "first_equipment_only",
    "not_aided_before": "excludes_aided_year_before",
    "groupings_eligible": "groupings_eligible",
    "opens_on": "opens_on",
    "closes_on": "closes_on",
}
FLAGS = ("first_equipment_only", "not_aided_before", "groupings_eligible")

GRANTS = sa.table(
    "grants",
    *(sa.column(n) for n in ("id", "status", "decision_number")),
    sa.column("decided_on", sa.Date),
    sa.column("paid_cents", sa.BigInteger),
)
EVENTS = sa.table(
    "grant_events",
    *(sa.column(n) for n in ("grant_id", "rank", "status", "decision_number", "author", "reason")),
    sa.column("happened_on", sa.Date),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
)
PAYMENTS = sa.table(
    "payments",
    *(sa.column(n) for n in ("grant_id", "kind", "rank", "paid_cents", "reference")),
)
CAMPAIGNS = sa.table(
    "campaigns",
    *(sa.column(n) for n in ("id", "source", "rate", "cap_cents", "population_below")),
    *(
        sa.column(n, sa.Boolean)
        for n in ("first_equipment_only", "excludes_aided_year_before", "groupings_eligible")
    ),
    *(sa.column(n, sa.Date) for n in ("opens_on", "closes_on")),
)
RULES = sa.table(
    "campaign_rules",
    *(sa.column(n) for n in ("campaign_id", "code", "value", "source", "note")),
    sa.column("certain", sa.Boolean),
)


def upgrade() -> None:
    """Carry everything over, and drop what is computed from now on."""
    connection = op.get_bind()
    _carry_rules(connection)
    _carry_grants(connection)
    with op.batch_alter_table("campaigns", copy_from=_campaigns_before()) as campaigns:
        campaigns.drop_constraint(op.f("ck_campaigns_rate"), type_="check")
        campaigns.drop_constraint(op.f("ck_campaigns_cap"), type_="check")
        for name in CARRIED.values():
            campaigns.drop_column(name)
    with op.batch_alter_table("grants", copy_from=_grants_before()) as grants:
        grants.drop_constraint(op.f("ck_grants_paid"), type_="check")
        grants.drop_column("paid_cents")
        grants.add_column(sa.Column("project_cents", sa.BigInteger(), nullable=True))
        grants.add_column(sa.Column("rate", sa.Integer(), nullable=True))
        grants.add_column(
            sa.Column("population_source", sa.String(200), nullable=False, server_default="")
        )
        grants.create_check_constraint(
            op.f("ck_grants_project"), "project_cents IS NULL OR project_cents >= 0"
        )
        grants.create_check_constraint(
            op.f("ck_grants_rate"), "rate IS NULL OR (rate > 0 AND rate <= 10000)"
        )


def downgrade() -> None:
    """Take the sum back into a column, and the rules back into theirs."""
    connection = op.get_bind()
    _restore_grants(connection)
    _restore_campaigns(connection)
    for table in (EVENTS, PAYMENTS, RULES):
        connection.execute(table.delete())


def _carry_rules(connection: sa.Connection) -> None:
    rows = [
        {
            "campaign_id": campaign.id,
            "code": code,
            "value": value,
            "source": campaign.source,
            "note": "",
            "certain": True,
        }
        for campaign in connection.execute(sa.select(CAMPAIGNS)).all()
        for code, value in _rules_of(campaign)
    ]
    if rows:
        connection.execute(RULES.insert(), rows)


def _rules_of(campaign: sa.Row[Any]) -> Iterator[tuple[str, str]]:
    for code, column in CARRIED.items():
        value = getattr(campaign, column)
        if value is None:
            continue
        if code == "rate":
            yield code, f"{value / 10_000:.4f}".rstrip("0")
        elif code in FLAGS:
            yield code, "yes" if value else "no"
        else:
            yield code, str(value)


def _carry_grants(connection: sa.Connection) -> None:
    for old, new in RENAMED.items():
        connection.execute(GRANTS.update().where(GRANTS.c.status == old).values(status=new))
    grants = connection.execute(sa.select(GRANTS)).all()
    if not grants:
        return
    now = datetime.now(UTC)
    connection.execute(
        EVENTS.insert(),
        [
            {
                "grant_id": grant.id,
                "rank": 1,
                "status": grant.status,
                # Only of the vote itself is the day known.
                "happened_on": grant.decided_on if grant.status == "voted" else None,
                "decision_number": grant.decision_number,
                "author": AUTHOR,
                "reason": "",
                "recorded_at": now,
            }
            for grant in grants
        ],
    )
    paid = [
        {
            "grant_id": grant.id,
            "kind": "declared",
            "rank": 1,
            "paid_cents": grant.paid_cents,
            "reference": "",
        }
        for grant in grants
        if grant.paid_cents
    ]
    if paid:
        connection.execute(PAYMENTS.insert(), paid)


def _restore_grants(connection: sa.Connection) -> None:
    with op.batch_alter_table("grants", copy_from=_grants_after()) as grants:
        grants.drop_constraint(op.f("ck_grants_project"), type_="check")
        grants.drop_constraint(op.f("ck_grants_rate"), type_="check")
        for name in ("project_cents", "rate", "population_source"):
            grants.drop_column(name)
        grants.add_column(
            sa.Column("paid_cents", sa.BigInteger(), nullable=False, server_default="0")
        )
        grants.create_check_constraint(op.f("ck_grants_paid"), "paid_cents >= 0")
    connection.execute(
        sa.text(
            "UPDATE grants SET paid_cents = COALESCE((SELECT SUM(CASE kind WHEN 'repayment' THEN"
            " -paid_cents ELSE paid_cents END) FROM payments WHERE grant_id = grants.id), 0)"
        )
    )
    for now, before in BEFORE.items():
        connection.execute(GRANTS.update().where(GRANTS.c.status == now).values(status=before))


def _restore_campaigns(connection: sa.Connection) -> None:
    with op.batch_alter_table("campaigns", copy_from=_campaigns_after()) as campaigns:
        for column in _rule_columns():
            campaigns.add_column(column)
        campaigns.create_check_constraint(
            op.f("ck_campaigns_cap"), "cap_cents IS NULL OR cap_cents > 0"
        )
        campaigns.create_check_constraint(
            op.f("ck_campaigns_rate"), "rate IS NULL OR (rate > 0 AND rate <= 10000)"
        )
    dated = sa.text("SELECT campaign_id, code, value FROM campaign_rules ORDER BY valid_from")
    for campaign_id, code, value in connection.execute(dated).all():
        if code in CARRIED:
            connection.execute(
                CAMPAIGNS.update()
                .where(CAMPAIGNS.c.id == campaign_id)
                .values({CARRIED[code]: _column_value(code, value)})
            )


def _column_value(code: str, value: str) -> object:
    if code == "rate":
        return round(float(value) * 10_000)
    if code in FLAGS:
        return value == "yes"
    if code in {"opens_on", "closes_on"}:
        return datetime.fromisoformat(value).date()
    return int(value)


def _rule_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("cap_cents", sa.BigInteger(), nullable=True),
        sa.Column("population_below", sa.Integer(), nullable=True),
        sa.Column("first_equipment_only", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column(
            "excludes_aided_year_before", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("groupings_eligible", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
    ]


# SQLite changes a table by building it anew, and reads no CHECK back from itself: the
# tables are told in full.
def _campaigns_after() -> sa.Table:
    return _campaigns([])


def _campaigns_before() -> sa.Table:
    return _campaigns(
        [
            *_rule_columns(),
            sa.CheckConstraint("cap_cents IS NULL OR cap_cents > 0", name="ck_campaigns_cap"),
            sa.CheckConstraint(
                "rate IS NULL OR (rate > 0 AND rate <= 10000)", name="ck_campaigns_rate"
            ),
        ]
    )


def _campaigns(more: list[Any]) -> sa.Table:
    return sa.Table(
        "campaigns",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_campaigns_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.UniqueConstraint("programme_id", "year", name="uq_campaigns_programme_id_year"),
    )


def _grants_before() -> sa.Table:
    return _grants(
        [
            sa.Column("paid_cents", sa.BigInteger(), nullable=False),
            sa.CheckConstraint("paid_cents >= 0", name="ck_grants_paid"),
        ]
    )


def _grants_after() -> sa.Table:
    return _grants(
        [
            sa.Column("project_cents", sa.BigInteger(), nullable=True),
            sa.Column("rate", sa.Integer(), nullable=True),
            sa.Column("population_source", sa.String(200), nullable=False, server_default=""),
            sa.CheckConstraint(
                "project_cents IS NULL OR project_cents >= 0", name="ck_grants_project"
            ),
            sa.CheckConstraint(
                "rate IS NULL OR (rate > 0 AND rate <= 10000)", name="ck_grants_rate"
            ),
        ]
    )


def _grants(more: list[Any]) -> sa.Table:
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
        *more,
        sa.CheckConstraint("cameras_funded >= 0", name="ck_grants_cameras"),
        sa.CheckConstraint(
            "eligible_cents IS NULL OR eligible_cents >= 0", name="ck_grants_eligible"
        ),
        sa.CheckConstraint("voted_cents >= 0", name="ck_grants_voted"),
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
