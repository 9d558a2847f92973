"""Devices and faults are read from files that people write."""

from pathlib import Path

import pytest

from probes.simulator import (
    Change,
    Device,
    Fault,
    load_devices,
    load_plan,
    numbered_devices,
    read_change,
)
from probes.simulator.plan import select


def test_devices_are_read_from_json_and_toml(tmp_path: Path) -> None:
    """Both, bare or under their name."""
    toml, bare = tmp_path / "a.toml", tmp_path / "b.json"
    toml.write_text('[[devices]]\nhost = "127.1.0.1"\nport = 80\n')
    bare.write_text('[{"host": "127.1.0.1", "port": 80}]')

    expected = [Device(host="127.1.0.1", port=80)]
    assert load_devices(toml) == load_devices(bare) == expected


def test_a_plan_is_read(tmp_path: Path) -> None:
    """At 60 s these refuse for five minutes, and one is swapped for good."""
    path = tmp_path / "plan.toml"
    path.write_text(
        '[[faults]]\nfault = "refuse"\ndevices = ["0-1", 3]\n'
        "after_seconds = 60\nfor_seconds = 300\n"
        '[[faults]]\nfault = "other_serial"\nhosts = ["127.0.0.1:20002"]\n'
    )

    changes = load_plan(path)

    assert changes == [
        Change(Fault.REFUSE, ("0-1", 3), 60.0, 300.0),
        Change(Fault.OTHER_SERIAL, ("127.0.0.1:20002",)),
    ]
    assert list(select(changes[0].devices, numbered_devices(5, 20_000))) == [0, 1, 3]
    assert list(select(changes[1].devices, numbered_devices(5, 20_000))) == [2]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[{"fault": "explode"}]', "fault 0: .*explode"),
        ('[{"fault": "stall"}, {}]', "fault 1"),
        ('[{"fault": "stall", "when": 3}]', "when"),
        ('{"other": []}', "a list of faults"),
        ("[", "plan.json"),
    ],
)
def test_a_mistake_in_a_plan_is_named(tmp_path: Path, text: str, named: str) -> None:
    """The entry, and what is wrong with it."""
    path = tmp_path / "plan.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=named):
        load_plan(path)


@pytest.mark.parametrize("selector", [9, "7-9", "10.0.0.1"])
def test_a_device_that_is_not_there_is_named(selector: int | str) -> None:
    """A plan that strikes nobody is a mistake."""
    with pytest.raises(ValueError, match=str(selector)):
        list(select([selector], numbered_devices(5, 20_000)))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("refuse:0-199@60+300", Change(Fault.REFUSE, ("0-199",), 60.0, 300.0)),
        ("dark:127.1.0.1,3", Change(Fault.DARK, ("127.1.0.1", "3"))),
        ("slow_clock:5@0.5", Change(Fault.SLOW_CLOCK, ("5",), 0.5)),
        ("stall:7+10", Change(Fault.STALL, ("7",), 0.0, 10.0)),
    ],
)
def test_a_fault_is_read_from_a_command_line(text: str, change: Change) -> None:
    """At 60 s these 200 refuse for 5 minutes, in one word."""
    assert read_change(text) == change


@pytest.mark.parametrize("text", ["refuse", "refuse:", "refuse:0@soon", "explode:0", "refuse:0@1+"])
def test_a_fault_that_is_not_understood_is_named(text: str) -> None:
    """With what was expected, or the fault that is not known."""
    with pytest.raises(ValueError, match=r"refuse|explode"):
        read_change(text)
