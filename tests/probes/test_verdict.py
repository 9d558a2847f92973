"""A verdict travels as plain values, and identities are compared as people mean them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import (
    Authentication,
    Health,
    Identity,
    Issue,
    Reason,
    Verdict,
    firmware_changed,
    is_placeholder,
    mismatch,
    normalise_mac,
    normalise_serial,
    sanitise,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_codes_are_these_and_no_other() -> None:
    """Metrics, pages, the API and the guide share one closed list: a new code is a decision."""
    reasons = (
        "dns no_route connect_refused connect_timeout connect_reset tls_handshake "
        "timeout_first_byte timeout_body closed_early too_large not_http http_status redirect "
        "not_onvif malformed_xml soap_fault gateway_down "
        "not_configured blocked_address not_probed zone_silent inconclusive clock_step internal"
    )
    issues = (
        "auth_failed auth_locked auth_unverified auth_scheme_unsupported clock_skew "
        "clock_invalid identity_mismatch firmware_changed slow xml_broken tls_untrusted "
        "tls_cert_changed tls_cert_expired anonymous_access plain_http action_not_supported"
    )

    assert [str(each) for each in Reason] == reasons.split()
    assert [str(each) for each in Issue] == issues.split()
    assert [str(each) for each in Health] == ["up", "down", "unreachable", "unknown"]


def test_a_verdict_survives_the_journey_through_json() -> None:
    """What a distant zone sends is what the register reads."""
    verdict = Verdict(
        key=12,
        at=NOON,
        health=Health.UP,
        reachable=True,
        issues=frozenset({Issue.SLOW, Issue.CLOCK_SKEW}),
        authentication=Authentication.VERIFIED,
        clock_offset_seconds=-7.25,
        identity=Identity("Axis", "P3245", "11.9", "B8A44F", "7DB"),
        phases={"connect": 0.25, "total": 0.5},
        certificate="ab" * 32,
        detail="seen",
        certificate_until=NOON,
    )

    travelled = Verdict.from_dict(json.loads(json.dumps(verdict.to_dict())))

    assert travelled == verdict


def test_a_verdict_of_nothing_survives_too() -> None:
    """An outage has no identity, no offset and no issues."""
    verdict = Verdict(1, NOON, Health.DOWN, Reason.CONNECT_TIMEOUT)

    assert Verdict.from_dict(verdict.to_dict()) == verdict


def test_a_verdict_lists_its_issues_in_order() -> None:
    """Two equal verdicts give the same bytes, so that they can be compared and hashed."""
    issues = frozenset({Issue.XML_BROKEN, Issue.AUTH_FAILED, Issue.SLOW})

    written = Verdict(1, NOON, Health.UP, issues=issues).to_dict()

    assert written["issues"] == ["auth_failed", "slow", "xml_broken"]
    assert written["at"] == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ab-12 34", "AB1234"),
        ("00408CAABBCC", "00:40:8c:aa:bb:cc"),
        ("0000123", "123"),
        ("ＡＢ１２３", "AB123"),
        ("S/N_77", "sn77"),
    ],
)
def test_a_serial_is_the_same_however_it_is_written(one: str, other: str) -> None:
    """Case, width, spaces, separators and leading zeros do not make another camera."""
    assert normalise_serial(one) == normalise_serial(other)


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """The normal form is a natural key: it must be its own normal form."""
    once = normalise_serial(text)

    assert normalise_serial(once) == once


@pytest.mark.parametrize(
    "serial", ["", " ", "0000000", "NONE", "n/a", "unknown", "12345678", "ffffffff", "H264"]
)
def test_a_placeholder_is_no_serial(serial: str) -> None:
    """Makers fill the field with anything; that must not become a key."""
    assert is_placeholder(serial)


def test_a_serial_that_repeats_the_hardware_id_is_no_serial() -> None:
    """Some cameras of one model all answer their model's number."""
    assert is_placeholder("DCS-6511", "dcs6511")
    assert not is_placeholder("F07A1122", "dcs6511")


REGISTERED = Identity("Axis", "P3245-LV", "10.12", "B8A44F001122")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Identity("AXIS", "P3245-LV", "11.0", "b8:a4:4f:00:11:22"), False),
        (Identity("AXIS", "P3245-LV", "10.12", "B8A44F001199"), True),
        (Identity("Axis", "P3245-LV", "10.12", "0000000"), False),
        (Identity("Axis Communications", "AXIS P3245-LV Dome", "10.12", ""), False),
        (Identity("Bosch", "P3245-LV", "10.12", ""), True),
        (Identity("Axis", "M2026", "10.12", "NONE"), True),
        (Identity("ONVIF", "P3245-LV", "10.12", ""), False),
    ],
)
def test_a_swap_is_seen_and_a_reformatted_answer_is_not(seen: Identity, *, expected: bool) -> None:
    """Another unit of the same model is a swap; another way to write it is not."""
    assert mismatch(REGISTERED, seen) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b8:a4:4f:00:11:22", "B8A44F001122"),
        ("B8-A4-4F-00-11-22", "B8A44F001122"),
        ("b8a4.4f00.1122", "B8A44F001122"),
        ("00:00:00:00:00:00", ""),
        ("FF:FF:FF:FF:FF:FF", ""),
        ("null", ""),
        ("", ""),
    ],
)
def test_a_mac_is_the_same_however_it_is_written(text: str, expected: str) -> None:
    """And what is none, or a placeholder of one, tells nothing apart."""
    assert normalise_mac(text) == expected


ONE, OTHER = "b8:a4:4f:00:11:22", "b8:a4:4f:00:11:33"


@pytest.mark.parametrize("serial", ["", "0000000", "NONE", "DCS6511", "SAME-ON-ALL"])
@pytest.mark.parametrize(
    ("registered", "inventory", "model", "expected"),
    [
        (ONE, OTHER, "DCS-6511", True),
        (ONE, ONE.upper().replace(":", "-"), "DCS-6511", False),
        (ONE, "", "DCS-6511", False),
        ("", OTHER, "DCS-6511", False),
        (ONE, "00:00:00:00:00:00", "DCS-6511", False),
        (ONE, ONE, "DCS-2000", True),
        (ONE, "", "DCS-2000", True),
    ],
)
def test_where_the_serial_says_nothing_the_mac_decides_and_then_the_names(
    serial: str, registered: str, inventory: str, model: str, *, expected: bool
) -> None:
    """A swap of units that all answer the same serial is seen by the next inventory."""
    before = Identity("D-Link", "DCS-6511", serial=serial, mac=registered)
    seen = Identity("D-Link", model, serial=serial, hardware_id="dcs-6511", mac=inventory)

    assert mismatch(before, seen, common={"SAMEONALL"}) is expected


def test_a_serial_that_says_something_outweighs_the_mac() -> None:
    """A network card may be replaced; the serial is the unit's own."""
    before = Identity("Axis", "P3245", serial="B8A44F001122", mac=ONE)
    seen = Identity("Axis", "P3245", serial="b8a4-4f00-1122", mac=OTHER)

    assert not mismatch(before, seen)


def test_a_serial_that_many_devices_share_is_none() -> None:
    """Until many answer it, it looks like one."""
    assert not is_placeholder("20210801")
    assert is_placeholder("2021-08-01", common={"20210801"})


def test_an_unnamed_device_is_never_a_mismatch() -> None:
    """Nothing registered means nothing to contradict."""
    assert not mismatch(Identity(), REGISTERED)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("1.0", "1.1", True), ("V5.5", " v5.5 ", False), ("", "1.1", False), ("1.0", "", False)],
)
def test_firmware_changes_only_between_two_known_versions(
    before: str, after: str, *, expected: bool
) -> None:
    """A first answer is no change."""
    assert firmware_changed(Identity(firmware=before), Identity(firmware=after)) is expected


@given(st.text())
def test_a_device_cannot_write_more_than_one_short_printable_line(text: str) -> None:
    """Details reach logs and pages: no control characters, no novel."""
    line = sanitise(text)

    assert len(line) <= 200
    assert line.isprintable()
