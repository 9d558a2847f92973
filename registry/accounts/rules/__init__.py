"""What each role may do, which passwords are strong enough, what a token may reach."""

from registry.accounts.rules.people import (
    RIGHTS,
    Right,
    RoleName,
    address_problems,
    normalise_address,
    normalise_password,
    password_problems,
    rights_of,
    role_problems,
)
from registry.accounts.rules.tokens import (
    MARK,
    READS,
    TokenOrder,
    hash_secret,
    may_come_from,
    order_problems,
    prefix_of,
    split_territory,
)

__all__ = [
    "MARK",
    "READS",
    "RIGHTS",
    "Right",
    "RoleName",
    "TokenOrder",
    "address_problems",
    "hash_secret",
    "may_come_from",
    "normalise_address",
    "normalise_password",
    "order_problems",
    "password_problems",
    "prefix_of",
    "rights_of",
    "role_problems",
    "split_territory",
]
