"""Grants keep their steps, payments, co-funders and papers; campaigns keep rules as data."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ONCE = "kind IN ('advance', 'balance', 'declared')"


def upgrade() -> None:
    """Create the tables; what stood before is carried over by the next revision."""
    _create_rules()
    _create_events()
    _create_lines()
    _create_payments()
    _create_documents()


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("uq_documents_kept", "documents", **_where("withdrawn_at IS NULL"))
    for name in ("payment_id", "sha256"):
        op.drop_index(op.f(f"ix_documents_{name}"), "documents")
    op.drop_table("documents")
    op.drop_index("uq_payments_once", "payments", **_where(_ONCE))
    op.drop_table("payments")
    op.drop_table("funding_lines")
    op.drop_index("uq_grant_events_open", "grant_events", **_where("ended_on IS NULL"))
    op.drop_table("grant_events")
    op.drop_index("uq_campaign_rules_lasting", "campaign_rules", **_where("valid_until IS NULL"))
    op.drop_table("campaign_rules")


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _create_rules() -> None:
    op.create_table(
        "campaign_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
            name=op.f("ck_campaign_rules_ordered"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_rules_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_rules")),
        sa.UniqueConstraint(
            "campaign_id",
            "code",
            "valid_from",
            name=op.f("uq_campaign_rules_campaign_id_code_valid_from"),
        ),
    )
    op.create_index(
        "uq_campaign_rules_lasting",
        "campaign_rules",
        ["campaign_id", "code"],
        unique=True,
        **_where("valid_until IS NULL"),
    )


def _create_events() -> None:
    op.create_table(
        "grant_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_grant_events_rank")),
        sa.CheckConstraint(
            "happened_on IS NOT NULL OR rank = 1", name=op.f("ck_grant_events_dated")
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= happened_on", name=op.f("ck_grant_events_ordered")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_grant_events_grant_id_grants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_events")),
        sa.UniqueConstraint("grant_id", "rank", name=op.f("uq_grant_events_grant_id_rank")),
    )
    op.create_index(
        "uq_grant_events_open",
        "grant_events",
        ["grant_id"],
        unique=True,
        **_where("ended_on IS NULL"),
    )


def _create_lines() -> None:
    op.create_table(
        "funding_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("funder", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("granted_cents", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "asked_cents >= 0 AND granted_cents >= 0", name=op.f("ck_funding_lines_amounts")
        ),
        sa.CheckConstraint(
            "granted_cents = 0 OR state = 'granted'", name=op.f("ck_funding_lines_granted")
        ),
        sa.CheckConstraint(
            "asked_on IS NULL OR decided_on IS NULL OR decided_on >= asked_on",
            name=op.f("ck_funding_lines_ordered"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_funding_lines_grant_id_grants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_lines")),
        sa.UniqueConstraint(
            "grant_id", "funder", "name", name=op.f("uq_funding_lines_grant_id_funder_name")
        ),
    )


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("asked_cents", sa.BigInteger(), nullable=True),
        sa.Column("expense_cents", sa.BigInteger(), nullable=True),
        sa.Column("certified_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_cents", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "(asked_cents IS NULL OR asked_cents >= 0)"
            " AND (expense_cents IS NULL OR expense_cents >= 0)"
            " AND (paid_cents IS NULL OR paid_cents >= 0)",
            name=op.f("ck_payments_amounts"),
        ),
        sa.CheckConstraint(
            "kind = 'declared' OR (paid_on IS NULL) = (paid_cents IS NULL)",
            name=op.f("ck_payments_dated"),
        ),
        sa.CheckConstraint(
            "(asked_on IS NULL OR certified_on IS NULL OR certified_on >= asked_on)"
            " AND (asked_on IS NULL OR paid_on IS NULL OR paid_on >= asked_on)"
            " AND (certified_on IS NULL OR paid_on IS NULL OR paid_on >= certified_on)",
            name=op.f("ck_payments_ordered"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_payments_grant_id_grants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "grant_id", "kind", "rank", name=op.f("uq_payments_grant_id_kind_rank")
        ),
    )
    op.create_index(
        "uq_payments_once", "payments", ["grant_id", "kind"], unique=True, **_where(_ONCE)
    )


def _create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_documents_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_documents_digest")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_documents_grant_id_grants")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_documents_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_payment_id"), "documents", ["payment_id"], unique=False)
    op.create_index(op.f("ix_documents_sha256"), "documents", ["sha256"], unique=False)
    op.create_index(
        "uq_documents_kept",
        "documents",
        ["grant_id", "kind", "sha256"],
        unique=True,
        **_where("withdrawn_at IS NULL"),
    )
