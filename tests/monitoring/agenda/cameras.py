"""A camera of the register, and agendas that were told of it at noon."""

from datetime import date, datetime, timedelta
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet

from probes.verdict import Health, Reason, Verdict
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.monitoring.agenda import Agenda, Errand
from registry.monitoring.rules.memory import Memory
from tests.monitoring.telling import NOON

INTERVAL = 60
NETWORKS = (ip_network("127.0.0.0/8"),)
ZONES = Zones({"local": NETWORKS, "littoral": (ip_network("127.1.0.0/16"),)})
VAULT = Vault([Fernet.generate_key().decode()])
CHANGED_AT = NOON - timedelta(days=3)

CAMERA = ProbeInput(
    camera_id=1,
    site_id=7,
    host="127.0.0.1",
    port=8899,
    path="/onvif/device_service",
    scheme="http",
    tls_verify="ca",
    commissioned_on=date(2026, 1, 1),
    retired_on=None,
    changed_at=NOON,
    password_text=False,
    rtsp_port=None,
    rtsp_path="/",
    zone="local",
    networks="",
    gateway_host="",
    gateway_port=80,
    username="vigiparc",
    sealed_password=VAULT.seal("correct horse"),
    credential_changed_at=CHANGED_AT,
    manufacturer="Axis",
    model="P3245",
    firmware="10.1",
    serial="SN1",
    mac="00:1A:2B:3C:4D:5E",
)


def agenda_of(*cameras: ProbeInput, memory: Memory | None = None) -> Agenda:
    """Return an agenda that was told of some cameras at noon."""
    agenda = Agenda(VAULT, interval_seconds=INTERVAL, timeout_seconds=5, zones=ZONES)
    memories = {1: memory} if memory else {}
    agenda.update(cameras, memories, at=NOON)
    return agenda


def due_within(agenda: Agenda, seconds: int, *, since: datetime = NOON) -> dict[int, list[int]]:
    """Tick every second, answer at once, and return when each camera was probed."""
    found: dict[int, list[int]] = {}
    for second in range(seconds):
        at = since + timedelta(seconds=second)
        errands, _ = agenda.due(at=at)
        for errand in errands:
            found.setdefault(errand.target.key, []).append(second)
            agenda.answered(Verdict(errand.target.key, at, Health.UP))
    return found


def first_errand(agenda: Agenda, *, since: datetime = NOON) -> Errand:
    """Return the first probe that is due from an instant on."""
    for second in range(2 * INTERVAL):
        errands, _ = agenda.due(at=since + timedelta(seconds=second))
        if errands:
            return errands[0]
    pytest.fail("nothing was due")


def play(agenda: Agenda, seconds: int, health: Health) -> list[tuple[int, float]]:
    """Answer every probe at once, and return when each came and how long it may be held for."""
    found = []
    for second in range(seconds):
        at = NOON + timedelta(seconds=second)
        for errand in agenda.due(at=at)[0]:
            reason = None if health is Health.UP else Reason.CONNECT_TIMEOUT
            scheduled = agenda.answered(Verdict(errand.target.key, at, health, reason))
            assert scheduled is not None
            found.append((second, scheduled.delay_seconds))
    return found


def patient_agenda(*cameras: ProbeInput, memory: Memory | None = None) -> Agenda:
    """Return an agenda that backs off to five minutes."""
    agenda = Agenda(
        VAULT, interval_seconds=INTERVAL, timeout_seconds=5, zones=ZONES, longest_seconds=300
    )
    agenda.update(cameras, {1: memory} if memory else {}, at=NOON)
    return agenda
