"""When cameras are due, what is sent to them, and what is remembered."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Reason, Verdict
from registry.clock import paris_midnight
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.monitoring.agenda import Agenda, Errand, Memory, read_memories
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, told

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


def test_starts_are_spread_over_the_interval() -> None:
    """A fleet is never probed in one breath, and each camera once an interval."""
    agenda = agenda_of(*(replace(CAMERA, camera_id=number) for number in range(600)))

    found = due_within(agenda, 2 * INTERVAL + 1)

    assert len(agenda) == len(found) == 600
    assert {len(seconds) for seconds in found.values()} == {2}
    firsts = [seconds[0] for seconds in found.values()]
    assert max(firsts.count(second) for second in range(INTERVAL)) < 30


def test_a_camera_keeps_its_place_after_a_restart() -> None:
    """The hash of a camera decides, so a restart makes no herd."""
    later = NOON + timedelta(seconds=5 * INTERVAL)
    one = due_within(agenda_of(CAMERA), 10 * INTERVAL)[1]

    restarted = Agenda(VAULT, interval_seconds=INTERVAL, timeout_seconds=5, zones=ZONES)
    restarted.update([CAMERA], {}, at=later)

    other = due_within(restarted, 5 * INTERVAL, since=later)[1]
    assert other == [second - 5 * INTERVAL for second in one[5:]]


def test_a_target_carries_what_the_register_expects() -> None:
    """The password is opened for the probe alone, and shows in no repr."""
    errand = first_errand(agenda_of(CAMERA))

    target = errand.target
    assert (target.username, target.password) == ("vigiparc", "correct horse")
    assert target.expected is not None
    assert target.expected.serial == "SN1"
    assert (target.networks, target.site, target.timeout_seconds) == (NETWORKS, 7, 5)
    assert "correct horse" not in repr(errand)
    assert INTERVAL - 1 <= errand.delay_seconds <= INTERVAL


def test_a_camera_without_credentials_is_asked_without() -> None:
    """No empty user name is ever sent, and nothing is expected where nothing is known."""
    bare = replace(CAMERA, username="", sealed_password=None, credential_changed_at=None)
    unknown = replace(bare, manufacturer="", model="", firmware="", serial="")

    target = first_errand(agenda_of(unknown)).target

    assert (target.username, target.expected) == ("", None)


def test_a_password_under_a_lost_key_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """The camera is probed without it, and the log names the camera."""
    other = Vault([Fernet.generate_key().decode()])
    camera = replace(CAMERA, sealed_password=other.seal("correct horse"))

    target = first_errand(agenda_of(camera)).target

    assert (target.username, target.password) == ("", "")
    assert "camera 1" in caplog.text


def test_a_refused_credential_is_not_sent_again_until_it_changes() -> None:
    """Cameras lock accounts: one refusal is enough."""
    agenda = agenda_of(CAMERA)
    errand = first_errand(agenda)
    assert errand.target.send_credentials
    refusal = Verdict(1, NOON, Health.UP, authentication=Authentication.FAILED)
    agenda.answered(refusal)
    agenda.hurry(1, at=NOON + timedelta(seconds=70))

    (again,), _ = agenda.due(at=NOON + timedelta(seconds=70))
    assert not again.target.send_credentials
    assert again.target.authentication_known == "failed"

    agenda.answered(Verdict(1, NOON + timedelta(seconds=70), Health.UP))
    changed = replace(CAMERA, credential_changed_at=NOON + timedelta(seconds=80))
    agenda.update([changed], {}, at=NOON + timedelta(seconds=81))
    assert first_errand(agenda, since=NOON + timedelta(seconds=90)).target.send_credentials


@pytest.mark.parametrize(
    ("memory", "proving"),
    [
        (Memory(), True),
        (Memory(Authentication.VERIFIED, NOON - timedelta(hours=1)), False),
        (Memory(Authentication.VERIFIED, NOON - timedelta(hours=25)), True),
        (Memory(Authentication.VERIFIED, CHANGED_AT - timedelta(seconds=1)), True),
    ],
)
def test_a_credential_is_proven_at_first_daily_and_after_a_change(
    memory: Memory, *, proving: bool
) -> None:
    """A proof costs the device a refusal, so it is asked for no more than needed."""
    errand = first_errand(agenda_of(CAMERA, memory=memory))

    assert errand.proving is errand.target.verify_authentication is proving


def test_a_proof_is_remembered() -> None:
    """What a probe has proven need not be proven by the next."""
    agenda = agenda_of(CAMERA)
    assert first_errand(agenda).proving
    passed = Verdict(1, NOON, Health.UP, authentication=Authentication.VERIFIED)

    scheduled = agenda.answered(passed)

    assert scheduled is not None
    assert (scheduled.proving, scheduled.credential_changed_at) == (True, CHANGED_AT)
    again = first_errand(agenda, since=NOON + timedelta(seconds=61))
    assert not again.proving
    assert again.target.authentication_known == "verified"


def test_memories_are_read_from_the_standings(session: Session) -> None:
    """A restart forgets neither a proof nor a refusal."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, proving=True)], patience=2)

    assert read_memories(session) == {camera.id: Memory(Authentication.VERIFIED, NOON)}


@pytest.mark.parametrize(
    "camera",
    [
        replace(CAMERA, host=""),
        replace(CAMERA, commissioned_on=None),
        replace(CAMERA, retired_on=date(2026, 11, 23)),
        replace(CAMERA, commissioned_on=date(2026, 11, 24)),
    ],
    ids=["no host", "not commissioned", "retired", "tomorrow"],
)
def test_what_is_not_in_service_is_not_probed(camera: ProbeInput) -> None:
    """Neither by its turn nor because somebody asks."""
    agenda = agenda_of(camera)

    assert due_within(agenda, 2 * INTERVAL) == {}
    assert not agenda.hurry(1, at=NOON)


def test_service_begins_and_ends_at_midnight_in_paris() -> None:
    """A camera of tomorrow is probed from tomorrow on, and a retired one no more."""
    midnight = paris_midnight(date(2026, 11, 24))
    one_day = replace(CAMERA, commissioned_on=date(2026, 11, 24), retired_on=date(2026, 11, 25))
    agenda = agenda_of(one_day)

    before = due_within(agenda, INTERVAL, since=midnight - timedelta(seconds=INTERVAL))
    during = due_within(agenda, INTERVAL, since=midnight)
    after = due_within(agenda, 2 * INTERVAL, since=paris_midnight(date(2026, 11, 25)))

    assert (before, list(during), after) == ({}, [1], {})


def test_a_change_of_the_register_shows_in_the_next_probe() -> None:
    """A camera that moves is asked at its new address; one that is retired no more."""
    agenda = agenda_of(CAMERA)

    agenda.update([replace(CAMERA, host="127.0.0.2")], {}, at=NOON)
    assert first_errand(agenda).target.host == "127.0.0.2"
    agenda.update([replace(CAMERA, host="")], {}, at=NOON)
    assert len(agenda) == 0


def test_a_wish_jumps_the_queue() -> None:
    """Who asks now is served by the next tick."""
    agenda = agenda_of(CAMERA)
    now = NOON + timedelta(minutes=5)
    due_within(agenda, 300)

    assert agenda.hurry(1, at=now)

    (errand,), _ = agenda.due(at=now)
    assert errand.target.key == 1
    assert not agenda.hurry(4711, at=now)


def test_a_camera_that_is_being_probed_is_not_probed_twice() -> None:
    """A slow answer is waited for; the next turn comes all the same."""
    agenda = agenda_of(CAMERA)
    first_errand(agenda)

    for second in range(INTERVAL, 3 * INTERVAL):
        assert agenda.due(at=NOON + timedelta(seconds=second)) == ([], [])

    assert agenda.answered(Verdict(1, NOON, Health.UP)) is not None
    assert agenda.answered(Verdict(1, NOON, Health.UP)) is None
    assert first_errand(agenda, since=NOON + timedelta(seconds=3 * INTERVAL))


def test_an_address_that_cannot_be_tried_gives_a_verdict_of_its_own() -> None:
    """What the register holds is shown for what it is: not configured."""
    agenda = agenda_of(replace(CAMERA, host="10.0.0.256"))

    found = [
        verdict
        for second in range(INTERVAL)
        for verdict in agenda.due(at=NOON + timedelta(seconds=second))[1]
    ]

    assert [(each.verdict.health, each.verdict.reason) for each in found] == [
        (Health.UNKNOWN, Reason.NOT_CONFIGURED)
    ]


def test_a_step_of_the_clock_leaves_every_camera_unknown() -> None:
    """Only cameras that are probed at all are concerned."""
    agenda = agenda_of(CAMERA, replace(CAMERA, camera_id=2, host=""))

    (lost,) = agenda.all_unknown(Reason.CLOCK_STEP, at=NOON)

    assert (lost.verdict.key, lost.verdict.reason) == (1, Reason.CLOCK_STEP)


def test_a_site_is_dialled_in_its_own_networks_else_in_its_zone() -> None:
    """The narrower word counts."""
    coast = first_errand(agenda_of(replace(CAMERA, zone="littoral")))
    narrow = first_errand(agenda_of(replace(CAMERA, networks="127.0.9.0/24")))

    assert coast.target.networks == (ip_network("127.1.0.0/16"),)
    assert narrow.target.networks == (ip_network("127.0.9.0/24"),)


def test_a_zone_that_the_settings_no_longer_know_is_not_probed() -> None:
    """Its networks are not known either; the verdict says that it is a matter of settings."""
    agenda = agenda_of(replace(CAMERA, zone="mars"))

    errands, verdicts = agenda.due(at=NOON + timedelta(seconds=INTERVAL))

    assert errands == []
    assert [each.verdict.reason for each in verdicts] == [Reason.NOT_CONFIGURED]
    assert verdicts[0].verdict.detail == "zone"


def test_a_password_goes_in_the_clear_only_where_its_certificate_is_known() -> None:
    """Not to the first one seen, which is pinned by what comes back."""
    clear = replace(CAMERA, scheme="https", password_text=True)

    pinned = first_errand(agenda_of(replace(clear, tls_verify="pin:" + "ab" * 32)))
    first = first_errand(agenda_of(replace(clear, tls_verify="pin")))

    assert (pinned.target.password_text, first.target.password_text) == (True, False)
