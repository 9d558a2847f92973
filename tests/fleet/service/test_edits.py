"""Plain values against a table: what is read, what is refused, when a reason is asked for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.models import MaintenanceContract
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.tables import AUTHORISATIONS, CAMERAS, CONTRACTS, DEVICES, SITES, Table
from registry.fleet.service.edits import amend, ask_reason, days, read_values
from registry.signature import Signature
from tests.conftest import NOON

ZONES = Zones.only(ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("table", "key", "given", "meant"),
    [
        (CAMERAS, "camera_class", "public_road", "public_road"),
        (CAMERAS, "camera_type", "FIX180", "fixed_180"),
        (CAMERAS, "mount", "Candélabre", "lamp_post"),
        (CAMERAS, "commissioned_on", "2026-01-31", date(2026, 1, 31)),
        (CAMERAS, "port", 8080, 8080),
        (CAMERAS, "host", "10.0.0.9", "10.0.0.9"),
        (CAMERAS, "retired_on", None, None),
        (CAMERAS, "expected_view", "", ""),
        (SITES, "power_hours", "lun-dim 20h-6h", "mon-sun 20:00-06:00"),
        (DEVICES, "mounted_at", "2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (DEVICES, "mounted_at", "23/11/2026 13:05", datetime(2026, 11, 23, 12, 5, tzinfo=UTC)),
        (DEVICES, "mounted_at", "23/11/2026", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        (CONTRACTS, "target_availability", "98,5 %", Decimal("0.985")),
        (CONTRACTS, "target_availability", 0.97, Decimal("0.97")),
        (CONTRACTS, "sites", "59054-02, 59054-01", "59054-01 59054-02"),
        (CONTRACTS, "exclusions", "Vandalisme; Foudre", "vandalism force_majeure"),
        (AUTHORISATIONS, "purposes", "terrorism traffic", "traffic terrorism"),
    ],
)
def test_values_are_read_as_people_and_programs_write_them(
    table: Table, key: str, given: object, meant: object
) -> None:
    """Codes and words, ISO and French dates, numbers and texts; None empties a field."""
    assert read_values(table, {key: given}, zones=ZONES, complete=False) == {key: meant}


@pytest.mark.parametrize(
    ("table", "values", "codes"),
    [
        (SITES, {}, ["cell.required"] * 3),
        (SITES, {"insee": "59054", "kind": "commune", "name": None}, ["cell.required"]),
        (CAMERAS, {"colour": "red", "port": 0}, ["field.unknown", "port"]),
        (CAMERAS, {"host": "8.8.8.8"}, ["host.blocked"]),
        (CAMERAS, {"scheme": ""}, ["cell.required"]),
        (SITES, {"power_hours": "at night"}, ["hours"]),
        (DEVICES, {"mounted_at": "tomorrow", "mac": "0"}, ["instant", "mac"]),
        (CONTRACTS, {"target_availability": "130 %"}, ["percent"]),
        (CONTRACTS, {"target_availability": "98,555 %"}, ["percent"]),
        (CONTRACTS, {"sites": "Bavinchove"}, ["places"]),
        (AUTHORISATIONS, {"purposes": "traffic; curiosity"}, ["codes"]),
    ],
)
def test_every_wrong_value_is_named(table: Table, values: dict[str, Any], codes: list[str]) -> None:
    """All of them at once, each under its field."""
    complete = table is SITES and "power_hours" not in values

    with pytest.raises(Invalid) as refused:
        read_values(table, values, zones=ZONES, complete=complete)

    assert [each.code for each in refused.value.problems] == codes


def test_a_telling_change_asks_for_a_reason() -> None:
    """Identity and dates need one, an address does not."""
    ask_reason(SITES, {"address": "x"}, Signature("user:1", NOON))
    ask_reason(SITES, {"name": "x"}, Signature("user:1", NOON, "mal lu"))

    with pytest.raises(Invalid) as refused:
        ask_reason(SITES, {"name": "x", "address": "y"}, Signature("user:1", NOON, " "))

    (problem,) = refused.value.problems
    assert (problem.code, problem.where) == ("reason.required", "reason")
    assert problem.parameters == {"fields": "name"}


def test_what_is_the_same_is_no_change(session: Session) -> None:
    """Nothing is written, nothing is journaled, no reason is asked for."""
    contract = MaintenanceContract(reference="M1", contractor="X", starts_on=date(2026, 1, 1))

    changed = amend(
        session, contract, {"reference": "M1"}, table=CONTRACTS, subject="contract:M1",
        signed=Signature("user:1", NOON),
    )  # fmt: skip

    assert changed is False


def test_spans_are_written_for_people() -> None:
    """Both ends, or one and an open end."""
    assert days(date(2026, 1, 1), date(2026, 2, 1)) == "01/01/2026 – 01/02/2026"
    assert days(date(2026, 1, 1), None) == "01/01/2026 – …"
