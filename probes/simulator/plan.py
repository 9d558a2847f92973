"""Reads who is simulated, and which faults come and go when."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probes.simulator.device import Device, Fault

_NUMBER = r"\d{1,9}(?:\.\d{1,3})?"
_IN_WORDS = re.compile(rf"(\w+):([^@+\s]+)(?:@({_NUMBER}))?(?:\+({_NUMBER}))?\Z")
_KEYS = frozenset({"devices", "indices", "hosts", "fault", "after_seconds", "for_seconds"})


@dataclass(frozen=True, slots=True)
class Change:
    """
    A fault that some devices take on, for a while or for good.

    `devices` are positions in the list, from 0, or selectors as `select` takes
    them. `for_seconds` is none for good.
    """

    fault: Fault
    devices: tuple[int | str, ...]
    after_seconds: float = 0.0
    for_seconds: float | None = None


def load_devices(path: str | Path) -> list[Device]:
    """
    Read a list of devices from JSON or TOML (`[[devices]]`).

    Raises:
        ValueError: The file is not such a list; the message says where.
        OSError: The file cannot be read.
    """
    devices = []
    for number, entry in enumerate(_entries(Path(path), "devices")):
        try:
            devices.append(Device.from_dict(entry))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}, device {number}: {error}") from error
    return devices


def load_plan(path: str | Path) -> list[Change]:
    """
    Read a plan of faults from JSON or TOML (`[[faults]]`).

    Each entry names a `fault`, the `devices` it strikes (positions, ranges such
    as "0-199", hosts, or host:port), and `after_seconds` and `for_seconds`.

    Raises:
        ValueError: An entry is not understood; the message says which and why.
        OSError: The file cannot be read.
    """
    changes = []
    for number, entry in enumerate(_entries(Path(path), "faults")):
        try:
            changes.append(_change(entry))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path}, fault {number}: {error}") from error
    return changes


def read_change(text: str) -> Change:
    """
    Read a change from the words of a command line: `refuse:0-199@60+300`.

    The fault, who it strikes (positions, ranges, hosts, separated by commas), after how
    many seconds (0 if left out), and for how many (for good if left out).

    Raises:
        ValueError: It is not of that form, or no such fault is known.
    """
    found = _IN_WORDS.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not FAULT:DEVICES@AFTER+FOR, such as refuse:0-199@60+300")
    fault, devices, after, during = found.groups()
    return Change(
        Fault(fault),
        tuple(devices.split(",")),
        after_seconds=float(after or 0),
        for_seconds=float(during) if during else None,
    )


def _entries(path: Path, name: str) -> list[dict[str, Any]]:
    """Read a file that holds a list, bare or under its name."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    entries = data.get(name) if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise ValueError(f"{path}: a list of {name} is expected")
    return entries


def _change(entry: Mapping[str, Any]) -> Change:
    """Read one entry of a plan."""
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}")
    for_seconds = entry.get("for_seconds")
    selectors = [each for key in ("devices", "indices", "hosts") for each in entry.get(key, ())]
    return Change(
        fault=Fault(entry["fault"]),
        devices=tuple(selectors),
        after_seconds=float(entry.get("after_seconds", 0)),
        for_seconds=None if for_seconds is None else float(for_seconds),
    )


def select(selectors: Iterable[int | str], devices: Sequence[Device]) -> Iterator[int]:
    """
    Give the positions that selectors mean: numbers, ranges, hosts, host:port.

    Raises:
        ValueError: A selector means no device.
    """
    for selector in selectors:
        if isinstance(selector, int):
            chosen = [selector] if 0 <= selector < len(devices) else []
        elif selector.replace("-", "", 1).isdigit():
            first, _, last = selector.partition("-")
            chosen = list(range(int(first), min(int(last or first) + 1, len(devices))))
        else:
            chosen = [
                position
                for position, each in enumerate(devices)
                if selector in {each.host, f"{each.host}:{each.port}"}
            ]
        if not chosen:
            raise ValueError(f"no device is meant by {selector!r}")
        yield from chosen
