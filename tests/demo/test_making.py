"""Making the demonstration region: once, whole, and plainly simulated."""

import json
import stat
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from probes.simulator import Fault, load_devices, load_plan
from registry import settings
from registry.accounts.models import User
from registry.db import open_engine, session_factory
from registry.demo import making
from registry.demo.region import PEOPLE, Region, ready
from registry.fleet.models import Camera, Credential, Site
from registry.fleet.queries import probe_inputs
from registry.funding.models import Grant
from registry.monitoring.models import Interval
from registry.settings import Settings
from tests.conftest import NOON


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a demonstration in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    return settings.load(
        storage={"folder": str(folder)},
        probes={"networks": ["127.0.0.0/8"]},
        demo={"enabled": True},
    )


@pytest.fixture(scope="module")
def region(chosen: Settings) -> Region:
    """Make the region once for the whole module: it takes a few seconds."""
    return making.make(chosen, at=NOON)


@pytest.fixture(scope="module")
def made(region: Region, chosen: Settings) -> Iterator[Engine]:
    """Open the database that the region was made in."""
    assert region.devices.is_file()
    engine = open_engine(chosen.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(made: Engine) -> Iterator[Session]:
    """Open a session on the region."""
    with session_factory(made)() as session:
        yield session


def count(session: Session, table: type) -> int:
    """Count the rows of a table."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_region_is_as_large_as_a_campaign(session: Session) -> None:
    """At least 60 sites and 400 cameras, each funded, each with an account to be probed by."""
    assert count(session, Site) >= 60
    assert count(session, Camera) >= 400
    assert count(session, Grant) >= 40
    assert count(session, User) == len(PEOPLE)
    assert count(session, Credential) == len(probe_inputs(session))


def test_the_past_is_35_days_long_and_all_of_it_is_labelled(session: Session) -> None:
    """What no device ever said is marked as simulated, down to the last stretch."""
    first = session.scalar(select(func.min(Interval.started_at)))

    assert first is not None
    assert timedelta(days=34) < NOON - first <= making.PAST
    assert session.scalar(select(func.count()).where(Interval.simulated.is_(False))) == 0


def test_a_second_start_changes_nothing_but_reads_the_same(
    chosen: Settings, region: Region, made: Engine
) -> None:
    """The region is made once; the account keeps its password."""
    before = region.devices.read_bytes()
    with session_factory(made)() as session:
        stretches = count(session, Interval)

    assert ready(chosen) == region
    again = making.make(chosen, at=NOON + timedelta(hours=1))

    assert again == region
    assert again.devices.read_bytes() == before
    with session_factory(made)() as session:
        assert count(session, Interval) == stretches


def test_what_holds_a_secret_is_its_owners_alone(chosen: Settings, region: Region) -> None:
    """Passwords of simulated cameras are kept like those of real ones."""
    files = [region.devices, chosen.storage.folder / "account", chosen.key_file]

    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600] * 3


def test_the_account_that_is_announced_is_the_one_that_is_kept(
    chosen: Settings, region: Region
) -> None:
    """People read the password where the command prints it."""
    password = json.loads((chosen.storage.folder / "account").read_text())

    assert password in region.accounts()
    assert all(email in region.accounts() for email, _ in PEOPLE.values())


def test_the_simulator_reads_what_the_region_wrote(region: Region) -> None:
    """Every probed camera has its simulated device, on an address of this machine."""
    devices = load_devices(region.devices)

    assert all(device.host.startswith("127.") for device in devices)
    assert len({(device.host, device.port) for device in devices}) == len(devices)
    assert all(device.fault is Fault.NONE for device in devices)


def test_every_fault_of_the_demonstration_comes_after_a_healthy_start(region: Region) -> None:
    """Healthy at first; then refusing ones, a dark site, a swap, a slow clock, a password."""
    plan = load_plan(region.faults)

    assert {change.fault for change in plan} == {
        Fault.DARK,
        Fault.REFUSE,
        Fault.OTHER_SERIAL,
        Fault.SLOW_CLOCK,
        Fault.WRONG_PASSWORD,
    }
    assert {change.after_seconds for change in plan} == {making.FAULTS_AFTER_SECONDS}


def test_no_camera_has_two_faults_and_one_whole_site_is_dark(
    session: Session, region: Region
) -> None:
    """Each fault can be read on its own, and the dark site leaves no camera lit."""
    plan = {change.fault: set(change.devices) for change in load_plan(region.faults)}
    struck = [host for hosts in plan.values() for host in hosts]
    dark = plan[Fault.DARK]
    sites = {each.site_id for each in probe_inputs(session) if each.host in dark}

    assert len(struck) == len(set(struck))
    assert len(sites) == 1
    assert {each.host for each in probe_inputs(session) if each.site_id in sites} == dark
