"""Pages of accounts: signing in and out, one's own account, the tokens of other systems."""

from registry.accounts.views import tokens
from registry.accounts.views.people import actor_of_request, bp, install

__all__ = ["actor_of_request", "bp", "install", "tokens"]
