"""A target that cannot be probed is refused with the name of the field."""

import json
from ipaddress import ip_network
from typing import Any

import pytest

from probes.target import InvalidTarget, Target
from probes.verdict import Identity


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""),
        ("host", "10.0.0.256"),
        ("host", "camera one"),
        ("host", "[::1]"),
        ("host", "evil\r\nHost: other"),
        ("host", "a" * 300),
        ("port", 0),
        ("port", 65536),
        ("path", "onvif/device_service"),
        ("path", "/x HTTP/1.1\r\nX: y"),
        ("scheme", "ftp"),
        ("tls_verify", "pin:1234"),
        ("tls_verify", "never"),
        ("password_text", True),
        ("networks", ("10.0.0.0/8",)),
        ("timeout_seconds", 0),
        ("timeout_seconds", 3600),
        ("gateway_host", "not a host"),
        ("gateway_port", -1),
        ("username", "two\nlines"),
    ],
)
def test_a_bad_field_is_named(field: str, value: Any) -> None:  # noqa: ANN401 - of any type
    """It fails in the register, where somebody can mend it, and never in the loop."""
    with pytest.raises(InvalidTarget, match=f"^{field}: ") as caught:
        Target(**{"key": 1, "host": "10.0.0.1", field: value})

    assert caught.value.field == field


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "2001:db8::1", "fe80::1%eth0", "camera-1.site.example", "cam_2"]
)
def test_a_host_is_an_address_or_a_name(host: str) -> None:
    """Both kinds of address, and names as town halls give them."""
    assert Target(1, host).host == host


def test_a_password_is_neither_shown_nor_written() -> None:
    """Targets are logged and queued; passwords are not."""
    target = Target(1, "10.0.0.1", username="admin", password="s3cret-word")

    assert "s3cret-word" not in repr(target)
    assert "s3cret-word" not in json.dumps(target.to_dict())


def test_a_target_survives_the_journey_through_json() -> None:
    """What is queued for a distant zone is probed there, with the password handed over apart."""
    expected = Identity("Axis", "P3245", "", "B8A44F")
    target = Target(
        key=3,
        host="10.1.2.3",
        networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
        site="59054-01",
        username="admin",
        password="word",
        expected=expected,
        inventory_mac="b8:a4:4f:00:11:22",
        common_serials=frozenset({"20210801"}),
        gateway_host="10.1.2.1",
    )

    data = json.loads(json.dumps(target.to_dict()))
    read = Target.from_dict(data, expected=Identity.from_dict(data["expected"]), password="word")

    assert read == target


def test_the_device_is_where_it_answers() -> None:
    """Two cameras behind one forwarded address are two devices."""
    assert Target(1, "10.0.0.1", 8001).device != Target(2, "10.0.0.1", 8002).device


@pytest.mark.parametrize("policy", ["off", "pin"])
def test_a_password_in_the_clear_needs_a_certificate_that_was_verified(policy: str) -> None:
    """One that is accepted unseen, or seen for the first time, protects nothing."""
    with pytest.raises(InvalidTarget, match=r"^password_text: "):
        Target(1, "10.0.0.1", scheme="https", tls_verify=policy, password_text=True)

    assert Target(1, "10.0.0.1", scheme="https", password_text=True).password_text
