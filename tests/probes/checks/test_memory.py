"""The same answer of the same device is read once; any other is read anew."""

import pytest

from probes.checks.memory import Memory
from probes.onvif.reply import Fault, Named, Other
from probes.verdict import Identity, Issue, Unusable

ANSWER = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:d="http://www.onvif.org/ver10/device/wsdl"><e:Body>'
    "<d:GetDeviceInformationResponse><d:Manufacturer>Simulated</d:Manufacturer>"
    "<d:Model>SIM</d:Model><d:FirmwareVersion>1</d:FirmwareVersion>"
    "<d:SerialNumber>{}</d:SerialNumber><d:HardwareId>7</d:HardwareId>"
    "</d:GetDeviceInformationResponse></e:Body></e:Envelope>"
)
# Nothing is registered.
NOBODY = (None, "", frozenset[str]())
FAULT = b"<Envelope><Body><Fault><faultstring>no</faultstring></Fault></Body></Envelope>"


def answer(serial: str) -> bytes:
    """Write the answer of a device with this serial."""
    return ANSWER.format(serial).encode()


def identity(said: Named | Fault | Other) -> Identity:
    """Give the identity of an answer that was read."""
    assert isinstance(said, Named)
    return said.identity


def serial(said: Named | Fault | Other) -> str:
    """Give the serial of an answer that was read."""
    return identity(said).serial


def test_the_same_answer_is_read_once() -> None:
    """Every minute of the year a camera says the same: that is what is remembered."""
    memory = Memory()

    first, second = memory.read(1, answer("A"), NOBODY), memory.read(1, answer("A"), NOBODY)

    assert identity(second) is identity(first)
    assert serial(second) == "A"


def test_another_answer_is_seen_at_once() -> None:
    """A camera that was swapped must not keep the name of the one before."""
    memory = Memory()

    serials = [serial(memory.read(1, answer(each), NOBODY)) for each in ("A", "B", "A")]

    assert serials == ["A", "B", "A"]


def test_devices_are_told_apart() -> None:
    """What one device said is never given for another."""
    memory = Memory()

    serials = [serial(memory.read(key, answer(f"S{key}"), NOBODY)) for key in (1, 2, 1)]

    assert serials == ["S1", "S2", "S1"]


def test_a_fault_is_not_remembered_and_forgets_nothing() -> None:
    """One bad minute changes nothing about who the device is."""
    memory = Memory()
    first = memory.read(1, answer("A"), NOBODY)

    refused = memory.read(1, FAULT, NOBODY)

    assert isinstance(refused, Fault)
    assert identity(memory.read(1, answer("A"), NOBODY)) is identity(first)


def test_what_is_no_answer_is_still_refused() -> None:
    """A web page in place of the device is news, whatever was known before."""
    memory = Memory()
    memory.read(1, answer("A"), NOBODY)

    with pytest.raises(Unusable):
        memory.read(1, b"<html>login</html>", NOBODY)


def test_the_longest_known_is_forgotten_first() -> None:
    """A fleet that grows past the bound costs time, not memory."""
    memory = Memory(most=2)

    def ask(key: int) -> Identity:
        return identity(memory.read(key, answer(str(key)), NOBODY))

    known = {key: ask(key) for key in (1, 2, 3)}

    assert ask(3) is known[3]
    assert ask(2) is known[2]
    assert ask(1) is not known[1]


def test_what_is_expected_anew_is_compared_anew() -> None:
    """A camera that is replaced in the register is another one from that minute on."""
    memory = Memory()
    said = Named(Identity("Simulated", "SIM", "1", "B8A44F0001", "7"))
    declared = (Identity("Simulated", "SIM", "1", "B8A44F0001"), "", frozenset[str]())
    replaced = (Identity("Simulated", "SIM", "1", "B8A44F0002"), "", frozenset[str]())

    memory.learn(1, answer("B8A44F0001"), said, declared)

    assert memory.recall(1, answer("B8A44F0001"), replaced) is None
    assert memory.learn(1, answer("B8A44F0001"), said, replaced).compared is Issue.IDENTITY_MISMATCH
    known = memory.recall(1, answer("B8A44F0001"), replaced)
    assert known is not None
    assert known.compared is Issue.IDENTITY_MISMATCH
