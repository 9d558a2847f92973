"""Programmes, campaigns, envelope votes, beneficiaries and grants."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "beneficiaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("normalised_name", sa.String(length=200), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficiaries")),
        sa.UniqueConstraint(
            "kind",
            "normalised_name",
            "insee",
            name=op.f("uq_beneficiaries_kind_normalised_name_insee"),
        ),
    )
    op.create_index(op.f("ix_beneficiaries_siren"), "beneficiaries", ["siren"], unique=False)

    op.create_table(
        "programmes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("frame", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("code", name=op.f("uq_programmes_code")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("cap_cents", sa.BigInteger(), nullable=True),
        sa.Column("population_below", sa.Integer(), nullable=True),
        sa.Column("first_equipment_only", sa.Boolean(), nullable=False),
        sa.Column("excludes_aided_year_before", sa.Boolean(), nullable=False),
        sa.Column("groupings_eligible", sa.Boolean(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("cap_cents IS NULL OR cap_cents > 0", name=op.f("ck_campaigns_cap")),
        sa.CheckConstraint(
            "rate IS NULL OR (rate > 0 AND rate <= 10000)", name=op.f("ck_campaigns_rate")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_campaigns_programme_id_programmes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("programme_id", "year", name=op.f("uq_campaigns_programme_id_year")),
    )
    op.create_table(
        "programme_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_programme_facts_programme_id_programmes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_facts")),
        sa.UniqueConstraint(
            "programme_id", "code", "as_of", name=op.f("uq_programme_facts_programme_id_code_as_of")
        ),
    )
    op.create_table(
        "envelope_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("beneficiaries", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_envelope_votes_amount")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_envelope_votes_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_votes")),
        sa.UniqueConstraint("campaign_id", "rank", name=op.f("uq_envelope_votes_campaign_id_rank")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_number", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("beneficiary_id", sa.Integer(), nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("purpose", sa.String(length=256), nullable=False),
        sa.Column("eligible_cents", sa.BigInteger(), nullable=True),
        sa.Column("voted_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("cameras_funded", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.CheckConstraint("cameras_funded >= 0", name=op.f("ck_grants_cameras")),
        sa.CheckConstraint(
            "eligible_cents IS NULL OR eligible_cents >= 0", name=op.f("ck_grants_eligible")
        ),
        sa.CheckConstraint("paid_cents >= 0", name=op.f("ck_grants_paid")),
        sa.CheckConstraint("voted_cents >= 0", name=op.f("ck_grants_voted")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"],
            ["beneficiaries.id"],
            name=op.f("fk_grants_beneficiary_id_beneficiaries"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_grants_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("file_number", name=op.f("uq_grants_file_number")),
    )
    op.create_index(op.f("ix_grants_beneficiary_id"), "grants", ["beneficiary_id"], unique=False)
    op.create_index(op.f("ix_grants_campaign_id"), "grants", ["campaign_id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(op.f("ix_grants_campaign_id"), "grants")
    op.drop_index(op.f("ix_grants_beneficiary_id"), "grants")

    op.drop_table("grants")
    op.drop_table("envelope_votes")
    op.drop_table("programme_facts")
    op.drop_table("campaigns")
    op.drop_table("programmes")
    op.drop_index(op.f("ix_beneficiaries_siren"), "beneficiaries")

    op.drop_table("beneficiaries")
