"""Writes of accounts: people and their roles, API tokens."""

from registry.accounts.service.people import add_user, edit_user, ensure_roles, hash_password
from registry.accounts.service.tokens import USE_EVERY, make_token, note_use, revoke_token

__all__ = [
    "USE_EVERY",
    "add_user",
    "edit_user",
    "ensure_roles",
    "hash_password",
    "make_token",
    "note_use",
    "revoke_token",
]
