"""Who answers, where devices say little of themselves: point 41 of the quirk list."""

import pytest

from probes.simulator import Device
from probes.verdict import Health, Identity, Issue
from tests.probes.conftest import Probe

MAC, OTHER_MAC = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def camera(serial: str, *, manufacturer: str = "Simulated", model: str = "SIM-2000") -> Device:
    """Make a camera that says this of itself."""
    return Device(password="word", serial=serial, manufacturer=manufacturer, model=model)


# The hardware id of a simulated camera is SIM.
@pytest.mark.parametrize("serial", ["", "0000000", "NONE", "  ", "SIM", "20210801"])
@pytest.mark.parametrize("manufacturer", ["", "NONE", "ONVIF", "H264", "Simulated"])
def test_q41_a_placeholder_raises_no_swap_alarm(
    probe: Probe, serial: str, manufacturer: str
) -> None:
    """Serial or maker empty, invented, the hardware's, or the same on a whole batch."""
    expected = Identity("Simulated", "SIM-2000", serial="B8A44F001122")

    verdict = probe(
        camera(serial, manufacturer=manufacturer),
        expected=expected,
        common_serials=frozenset({"20210801"}),
    )

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())


@pytest.mark.parametrize("serial", ["b8a4-4f00 1122", "00B8A44F001122", "B8:A4:4F:00:11:22"])
def test_q41_a_serial_that_is_written_otherwise_is_the_same(probe: Probe, serial: str) -> None:
    """Case, spaces, separators and leading zeros do not make another unit."""
    expected = Identity("Simulated", "SIM-2000", serial="B8A44F001122")

    assert probe(camera(serial), expected=expected).issues == frozenset()


def test_q41_a_like_for_like_swap_is_seen(probe: Probe) -> None:
    """Same maker, same model, same firmware, another serial: another unit answers."""
    expected = Identity("Simulated", "SIM-2000", "1.0.0", serial="B8A44F001122")

    verdict = probe(camera("B8A44F001133"), expected=expected)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset({Issue.IDENTITY_MISMATCH}))


@pytest.mark.parametrize(
    ("inventory_mac", "model", "issues"),
    [
        (OTHER_MAC, "SIM-2000", {Issue.IDENTITY_MISMATCH}),
        (MAC.upper(), "SIM-2000", set()),
        ("", "SIM-2000", set()),
        ("", "SIM-9", {Issue.IDENTITY_MISMATCH}),
        (MAC, "SIM-9", {Issue.IDENTITY_MISMATCH}),
    ],
)
def test_q41_where_the_serial_says_nothing_mac_and_model_do(
    probe: Probe, inventory_mac: str, model: str, issues: set[Issue]
) -> None:
    """The MAC is that of the last inventory: a probe does not ask for it."""
    expected = Identity("Simulated", "SIM-2000", serial="0000000", mac=MAC)

    verdict = probe(camera("0000000", model=model), expected=expected, inventory_mac=inventory_mac)

    assert verdict.issues == issues


def test_q41_a_new_firmware_is_information(probe: Probe) -> None:
    """The same unit, updated."""
    expected = Identity("Simulated", "SIM-2000", "0.9", serial="B8A44F001122")

    verdict = probe(camera("B8A44F001122"), expected=expected)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset({Issue.FIRMWARE_CHANGED}))
