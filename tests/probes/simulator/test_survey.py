"""What a simulated camera says of its set-up."""

import pytest

from probes.onvif.document import open_document
from probes.simulator import Device
from probes.simulator.survey import survey_answer


@pytest.mark.parametrize(
    "asked", ["GetServices", "GetCapabilities", "GetScopes", "GetHostname", "GetNTP"]
)
def test_every_answer_is_sound_xml_in_the_style_of_the_device(asked: str) -> None:
    """Prefixes differ from device to device, and all are declared."""
    for number in range(8):
        said = survey_answer(Device(serial=f"SIM-{number}"), asked)

        assert said is not None
        assert not open_document(said).broken
        assert f"{asked}Response".encode() in said


def test_what_no_inventory_asks_has_no_answer() -> None:
    """Least of all anything that leads to an image."""
    assert survey_answer(Device(), "GetSnapshotUri") is None
