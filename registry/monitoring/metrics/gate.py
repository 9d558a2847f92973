"""Who may scrape: machines of some networks, and whoever shows a token."""

from collections.abc import Callable, Sequence
from functools import wraps
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import ParamSpec

from flask import Response, g, request

from registry.accounts.queries import usable_token
from registry.accounts.rules import Right
from registry.web.access import current_session

Arguments = ParamSpec("Arguments")

# A proxy on this machine speaks from loopback for everybody: what it forwards is judged
# by its token alone, as the address that it names may be anybody's invention.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_BEARER = "bearer "
# The pages tell of every site and every grant: a token of the API must read both, everywhere.
_RIGHTS = frozenset({Right.SITES_READ, Right.GRANTS_READ})


class Gate:
    """
    Lets machines in by their address or by a bearer token; never by a key in a URL.

    The token is that of the settings, or one of the API.
    """

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network], token: str) -> None:
        """Let in these networks, and the holder of `token` unless it is empty."""
        self._networks = tuple(networks)
        self._token = token

    def __call__(self, view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
        """Answer 401 in the place of a view, unless whoever asks may scrape."""

        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
            if self._is_near() or self._shows_token():
                return view(*args, **kwargs)
            return _refuse()

        return guarded

    def _is_near(self) -> bool:
        """Tell whether the other end of this very connection is in an allowed network."""
        if any(name in request.headers for name in _FORWARDED):
            return False
        try:
            address = ip_address(request.remote_addr or "")
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)

    def _shows_token(self) -> bool:
        shown = request.headers.get("Authorization", "")
        if not shown.lower().startswith(_BEARER):
            return False
        secret = shown[len(_BEARER) :].strip()
        if self._token and compare_digest(secret.encode(), self._token.encode()):
            return True
        return _is_token_of_api(secret)


def _is_token_of_api(secret: str) -> bool:
    """Tell whether a secret is of a token of the API that may read all that is on the pages."""
    address = request.remote_addr or ""
    token = usable_token(current_session(), secret, address=address, at=g.now)
    return token is not None and not token.territory and set(token.rights.split()) >= _RIGHTS


def _refuse() -> Response:
    told = "not from this address without a token: send Authorization: Bearer ...\n"
    response = Response(told, HTTPStatus.UNAUTHORIZED, mimetype="text/plain")
    response.headers["WWW-Authenticate"] = 'Bearer realm="vigiparc"'
    return response
