"""The same answer of the same device is read once; any other is read anew."""

import pytest

from probes.checks.memory import Memory
from probes.onvif.reply import Fault, Named, Other
from probes.verdict import Unusable

ANSWER = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:d="http://www.onvif.org/ver10/device/wsdl"><e:Body>'
    "<d:GetDeviceInformationResponse><d:Manufacturer>Simulated</d:Manufacturer>"
    "<d:Model>SIM</d:Model><d:FirmwareVersion>1</d:FirmwareVersion>"
    "<d:SerialNumber>{}</d:SerialNumber><d:HardwareId>7</d:HardwareId>"
    "</d:GetDeviceInformationResponse></e:Body></e:Envelope>"
)
FAULT = b"<Envelope><Body><Fault><faultstring>no</faultstring></Fault></Body></Envelope>"


def answer(serial: str) -> bytes:
    """Write the answer of a device with this serial."""
    return ANSWER.format(serial).encode()


def serial(said: Named | Fault | Other) -> str:
    """Give the serial of an answer that was read."""
    assert isinstance(said, Named)
    return said.identity.serial


def test_the_same_answer_is_read_once() -> None:
    """Every minute of the year a camera says the same: that is what is remembered."""
    memory = Memory()

    first, second = memory.read(1, answer("A")), memory.read(1, answer("A"))

    assert second is first
    assert serial(second) == "A"


def test_another_answer_is_seen_at_once() -> None:
    """A camera that was swapped must not keep the name of the one before."""
    memory = Memory()

    serials = [serial(memory.read(1, answer(each))) for each in ("A", "B", "A")]

    assert serials == ["A", "B", "A"]


def test_devices_are_told_apart() -> None:
    """What one device said is never given for another."""
    memory = Memory()

    serials = [serial(memory.read(key, answer(f"S{key}"))) for key in (1, 2, 1)]

    assert serials == ["S1", "S2", "S1"]


def test_a_fault_is_not_remembered_and_forgets_nothing() -> None:
    """One bad minute changes nothing about who the device is."""
    memory = Memory()
    first = memory.read(1, answer("A"))

    refused = memory.read(1, FAULT)

    assert isinstance(refused, Fault)
    assert memory.read(1, answer("A")) is first


def test_what_is_no_answer_is_still_refused() -> None:
    """A web page in place of the device is news, whatever was known before."""
    memory = Memory()
    memory.read(1, answer("A"))

    with pytest.raises(Unusable):
        memory.read(1, b"<html>login</html>")


def test_the_longest_known_is_forgotten_first() -> None:
    """A fleet that grows past the bound costs time, not memory."""
    memory = Memory(most=2)
    known = {key: memory.read(key, answer(str(key))) for key in (1, 2, 3)}

    assert memory.read(3, answer("3")) is known[3]
    assert memory.read(2, answer("2")) is known[2]
    assert memory.read(1, answer("1")) is not known[1]
