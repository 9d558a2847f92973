"""The database refuses two contracts at one site, and two sets of power hours, on one day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from registry.errors import Conflict

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOST_NAMED = 20
_CONTRACTS = "two maintenance contracts cover one site on one day"
_POWER = "two sets of power hours hold at one site on one day"
_MEET = """
SELECT {what} FROM contract_sites AS here
JOIN maintenance_contracts AS one ON one.id = here.contract_id
JOIN contract_sites AS there ON there.site_id = here.site_id AND there.contract_id {unlike} one.id
JOIN maintenance_contracts AS other ON other.id = there.contract_id
JOIN sites ON sites.id = here.site_id
WHERE {which} AND (one.ends_on IS NULL OR other.starts_on < one.ends_on)
AND (other.ends_on IS NULL OR one.starts_on < other.ends_on)
"""
_COVERED = "here.contract_id = NEW.contract_id AND here.site_id = NEW.site_id"
_SPAN = "here.contract_id = NEW.id"
# Name, moment, and the covers that it is about.
_TRIGGERS = (
    ("contract_sites_insert", "INSERT ON contract_sites", _COVERED),
    ("contract_sites_update", "UPDATE ON contract_sites", _COVERED),
    (
        "maintenance_contracts_span",
        "UPDATE OF starts_on, ends_on ON maintenance_contracts",
        _SPAN,
    ),
)
_POWER_TRIGGERS = (
    ("power_hours_insert", "INSERT"),
    ("power_hours_update", "UPDATE OF site_id, from_on, until_on"),
)
_POWER_TRIGGER = """
CREATE TRIGGER {name} BEFORE {when} ON power_hours WHEN EXISTS (
    SELECT 1 FROM power_hours AS other
    WHERE other.site_id = NEW.site_id AND other.id <> COALESCE(NEW.id, -1)
    AND (NEW.until_on IS NULL OR other.from_on < NEW.until_on)
    AND (other.until_on IS NULL OR NEW.from_on < other.until_on)
) BEGIN SELECT RAISE(ABORT, 'two sets of power hours hold at one site on one day'); END
"""
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_contracts_that_meet() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'contract_sites' THEN
        PERFORM 1 FROM maintenance_contracts WHERE id = NEW.contract_id FOR SHARE;
        PERFORM 1 FROM sites WHERE id = NEW.site_id FOR NO KEY UPDATE;
        IF EXISTS ({_MEET.format(what="1", unlike="<>", which=_COVERED)}) THEN
            RAISE EXCEPTION '{_CONTRACTS}' USING ERRCODE = 'exclusion_violation';
        END IF;
    ELSE
        PERFORM 1 FROM sites WHERE id IN
            (SELECT site_id FROM contract_sites WHERE contract_id = NEW.id)
            ORDER BY id FOR NO KEY UPDATE;
        IF EXISTS ({_MEET.format(what="1", unlike="<>", which=_SPAN)}) THEN
            RAISE EXCEPTION '{_CONTRACTS}' USING ERRCODE = 'exclusion_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - our own words
_RUN = "FOR EACH ROW EXECUTE FUNCTION refuse_contracts_that_meet()"
_EXCLUDE = """
ALTER TABLE power_hours ADD CONSTRAINT ex_power_hours_overlap EXCLUDE USING gist (
    int4range(site_id, site_id, '[]') WITH &&, daterange(from_on, until_on) WITH &&
)
"""


def upgrade() -> None:
    """Look whether what stands holds, then add the triggers and the constraint."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        # Nobody writes between the look and the trigger.
        op.execute("LOCK TABLE contract_sites, maintenance_contracts IN SHARE ROW EXCLUSIVE MODE")
    _refuse_what_stands()
    if on_sqlite:
        for name, when, which in _TRIGGERS:
            meet = _MEET.format(what="1", unlike="<>", which=which)
            op.execute(
                f"CREATE TRIGGER {name} AFTER {when} WHEN EXISTS ({meet})"
                f" BEGIN SELECT RAISE(ABORT, '{_CONTRACTS}'); END"
            )
        for name, when in _POWER_TRIGGERS:
            op.execute(_POWER_TRIGGER.format(name=name, when=when))
        return
    op.execute(_FUNCTION)
    op.execute(
        "CREATE TRIGGER contract_sites_meet AFTER INSERT OR UPDATE ON contract_sites " + _RUN
    )
    op.execute(
        "CREATE TRIGGER maintenance_contracts_meet"
        " AFTER UPDATE OF starts_on, ends_on ON maintenance_contracts " + _RUN
    )
    op.execute(_EXCLUDE)


def downgrade() -> None:
    """Leave it to the services again."""
    if op.get_bind().dialect.name == "sqlite":
        for name, *_ in (*_TRIGGERS, *_POWER_TRIGGERS):
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute("ALTER TABLE power_hours DROP CONSTRAINT ex_power_hours_overlap")
    op.execute("DROP TRIGGER maintenance_contracts_meet ON maintenance_contracts")
    op.execute("DROP TRIGGER contract_sites_meet ON contract_sites")
    op.execute("DROP FUNCTION refuse_contracts_that_meet()")


def _refuse_what_stands() -> None:
    """Name what would not hold: which of two is right, an officer knows."""
    pairs = _MEET.format(
        what="one.reference, other.reference, sites.public_id", unlike=">", which="1 = 1"
    )
    contracts = [
        f"{first} / {second} ({site})" for first, second, site in _rows(f"{pairs} ORDER BY 1, 2, 3")
    ]
    hours = [
        f"{site} ({first} / {second})"
        for site, first, second in _rows(
            "SELECT sites.public_id, one.from_on, other.from_on FROM power_hours AS one"
            " JOIN power_hours AS other ON other.site_id = one.site_id AND other.id <> one.id"
            " AND (one.from_on < other.from_on"
            " OR (one.from_on = other.from_on AND one.id < other.id))"
            " JOIN sites ON sites.id = one.site_id"
            " WHERE one.until_on IS NULL OR other.from_on < one.until_on ORDER BY 1, 2, 3"
        )
    ]
    found = [
        f"{len(rows)} times {what}: {', '.join(rows[:MOST_NAMED])}"
        + (", …" if rows[MOST_NAMED:] else "")
        for what, rows in ((_CONTRACTS, contracts), (_POWER, hours))
        if rows
    ]
    if found:
        message = f"set these right first, with the version before: {'; '.join(found)}"
        raise Conflict(message)


def _rows(query: str) -> Sequence[sa.Row[str, str, str]]:
    return op.get_bind().execute(sa.text(query)).all()
