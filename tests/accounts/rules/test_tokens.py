"""What a token is made of, and from where it may be used."""

import pytest

from registry.accounts.rules import hash_secret, may_come_from, prefix_of, split_territory

TOKEN = "vgp_abcd2345_" + "A" * 43


@pytest.mark.parametrize(
    ("token", "prefix"),
    [
        (TOKEN, "abcd2345"),
        (TOKEN + "A", ""),
        (TOKEN[:-1], ""),
        (TOKEN.upper(), ""),
        (TOKEN + "\n", ""),
        ("", ""),
    ],
)
def test_only_the_whole_shape_is_a_token(token: str, prefix: str) -> None:
    """What is cut off or too long is not looked up at all."""
    assert prefix_of(token) == prefix


def test_a_hash_tells_tokens_apart_and_nothing_more() -> None:
    """64 hexadecimal digits, and none of the secret."""
    assert len(hash_secret(TOKEN)) == 64
    assert hash_secret(TOKEN) != hash_secret(TOKEN[:-1] + "B")


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ("", "203.0.113.9", True),
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("192.0.2.0/24 2001:db8::/32", "2001:db8::1", True),
        ("192.0.2.0/24", "2001:db8::1", False),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
        ("192.0.2.0/24", "unix:", False),
    ],
)
def test_networks_bind_a_token(networks: str, address: str, *, allowed: bool) -> None:
    """An address that cannot be read is in no network."""
    assert may_come_from(networks, address) is allowed


def test_a_territory_is_its_codes_by_kind() -> None:
    """Several of one kind stand together; an empty one binds nobody."""
    words = "department:59 commune:02691 department:02"

    assert split_territory(words) == {
        "department": frozenset({"59", "02"}),
        "commune": frozenset({"02691"}),
    }
    assert split_territory("") == {}
