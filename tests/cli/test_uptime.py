"""The command that tells an uptime."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from probes.verdict import Health
from registry.clock import paris_midnight
from registry.db import open_engine, session_factory, session_scope, upgrade
from registry.fleet.models import MaintenanceContract, Site
from registry.monitoring.models import RollupSpan
from registry.monitoring.queries.rollups import REMOVED
from registry.monitoring.service import record
from registry.settings import migrations_folder
from tests import factories
from tests.cli.command import vigiparc
from tests.monitoring.telling import told


def region(folder: Path) -> str:
    """Make a database in which one site was up for a minute and down for two; name the site."""
    engine = open_engine(f"sqlite:///{folder / 'vigiparc.db'}")
    upgrade(engine, migrations_folder())
    with session_scope(session_factory(engine)) as session:
        camera = factories.make_camera(session)
        for minute, health in enumerate((Health.UP, Health.DOWN, Health.DOWN, Health.UP)):
            record(session, [told(camera.id, minute, health)], patience=1)
        name = camera.site.public_id
    engine.dispose()
    return name


def test_an_uptime_is_told_with_all_its_seconds(tmp_path: Path) -> None:
    """For a machine and for a person: the same seconds, the coverage beside the ratio."""
    site = region(tmp_path)
    window = ("--from", "2026-11-23T12:00:00Z", "--to", "2026-11-23T13:03:00+01:00")

    machine = vigiparc("uptime", "--site", site, *window, "--json", folder=tmp_path)
    person = vigiparc("uptime", "--site", site, *window, folder=tmp_path)

    found = json.loads(machine.stdout)
    assert found["device_availability"]["percent"] == "33.3333"
    assert (found["seconds"]["up"], found["seconds"]["down"]) == (60, 120)
    assert "device availability          33.3333 % [33.3333 %, 33.3333 %] = 60 / 180" in (
        person.stdout
    )
    assert "coverage                     100.0000 % = 180 / 180" in person.stdout
    assert (machine.returncode, person.returncode) == (0, 0)


def test_a_contract_is_told_with_its_verdict(tmp_path: Path) -> None:
    """What was promised, what was reached, and why that is not enough."""
    site = region(tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'vigiparc.db'}")
    with session_scope(session_factory(engine)) as session:
        session.add(
            MaintenanceContract(
                reference="M-26",
                contractor="Lumières",
                starts_on=date(2026, 1, 1),
                target_availability=Decimal("0.985"),
                sites=[session.scalars(select(Site).filter_by(public_id=site)).one()],
            )
        )
    engine.dispose()
    window = ("--from", "2026-11-23T12:00:00Z", "--to", "2026-11-23T12:03:00Z")

    machine = vigiparc("uptime", "--contract", "M-26", *window, "--json", folder=tmp_path)
    person = vigiparc("uptime", "--contract", "M-26", *window, folder=tmp_path)

    (account,) = json.loads(machine.stdout)["contracts"]
    assert (account["outcome"], account["why"]) == ("not met", ["under_target"])
    assert account["device_availability"]["percent"] == "33.3333"
    assert "contract M-26\n" in person.stdout
    for line in (
        "verdict                      not met; under the target",
        "target                       98.50 %",
        "coverage floor               90.00 %",
        "of which does not count      0 s",
    ):
        assert line in person.stdout


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    """No such site, no subject, no instant: each names what was expected."""
    region(tmp_path)

    absent = vigiparc("uptime", "--site", "59999-99", "--from", "2026-11-01", folder=tmp_path)
    nobody = vigiparc("uptime", "--from", "2026-11-01", folder=tmp_path)
    never = vigiparc("uptime", "--camera", "1", "--from", "yesterday", folder=tmp_path)
    ages = ("--from", "1990-01-01", "--group", "day")
    many = vigiparc("uptime", "--camera", "1", *ages, folder=tmp_path)

    assert (absent.returncode, absent.stderr) == (1, "vigiparc: site 59999-99\n")
    assert nobody.returncode == never.returncode == many.returncode == 1 + 1
    assert "--group: day: expected a shorter window" in many.stderr
    assert "expected exactly one of --camera" in nobody.stderr
    assert "'yesterday': expected a day (2026-11-24) or an instant" in never.stderr


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (("2026-11-24", "--to", "2026-11-23"), "--to: '2026-11-23': expected an end after"),
        (("2026-11-24", "--to", "2026-11-24"), "--to: '2026-11-24': expected an end after"),
        (("2150-11-24",), "--from: '2150-11-24': expected an instant that has passed"),
        (("0001-01-01",), "--from: '0001-01-01': expected a day"),
        (("9999-12-31T23:59:59Z",), "--from: '9999-12-31T23:59:59Z': expected a day"),
        (("2026-11-24T12:00:00",), "--from: '2026-11-24T12:00:00': expected a day"),
    ],
)
def test_a_window_that_cannot_be_is_named(
    tmp_path: Path, window: tuple[str, ...], said: str
) -> None:
    """The option, what it said and what was expected; never a stack trace."""
    refused = vigiparc("uptime", "--camera", "1", "--from", *window, folder=tmp_path)

    assert refused.returncode == 1 + 1
    assert f"Invalid value for {said}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_was_removed_is_said(tmp_path: Path) -> None:
    """The option, the instant that it named, and from when on it can be answered."""
    site = region(tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'vigiparc.db'}")
    days = {"starts_at": paris_midnight(date(2026, 11, 20))}
    with session_scope(session_factory(engine)) as session:
        session.add(RollupSpan(name=REMOVED, ends_at=paris_midnight(date(2026, 11, 22)), **days))
    engine.dispose()
    since = ("uptime", "--site", site, "--from")

    cut = vigiparc(*since, "2026-11-21T12:00:00Z", folder=tmp_path)
    whole = vigiparc(*since, "2026-11-21", "--to", "2026-11-24", folder=tmp_path)

    assert cut.returncode == 1 + 1
    assert "--from: 2026-11-21T12:00:00Z: what was seen before 2026-11-22 was removed" in cut.stderr
    assert whole.returncode == 0
