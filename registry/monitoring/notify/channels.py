"""
Carries a message to its reader, by mail or to a webhook, through Apprise.

Apprise writes a Message-ID of its own into each mail, so the key of a message travels as
Idempotency-Key, or at the end of the text where a service takes no header of ours: the
same message sent twice carries the same one.
"""

import logging
from dataclasses import dataclass, field

import apprise

from registry.monitoring.models import Message

KEY_HEADER = "Idempotency-Key"
FAILURE_LENGTH = 200
NO_SERVER = "no mail server is set: notices.smtp_host"
NO_SERVICE = "the address is none that Apprise understands"
NOT_TAKEN = "the service did not take it"
# Services that take a message over HTTP; Apprise knows many more schemes, some of
# which run programs or write to this machine.
SCHEMES = frozenset(
    {"json", "jsons", "form", "forms", "xml", "xmls", "gotify", "gotifys", "matrix", "matrixs"}
    | {"mmost", "mmosts", "msteams", "ntfy", "ntfys", "rocket", "rockets", "slack", "workflows"}
)


class Undelivered(Exception):
    """The message was not taken; the text says why, without the secret of an address."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over; `security` is none, starttls or tls. An empty host is none."""

    host: str = ""
    port: int = 25
    security: str = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""


def is_known_address(address: str) -> bool:
    """Tell whether an Apprise address is one of a service that may be used."""
    scheme, found, _rest = address.strip().partition("://")
    return bool(found) and scheme.lower() in SCHEMES and _service(address) is not None


def send_mail(message: Message, recipient: str, server: MailServer) -> None:
    """
    Hand a message to the mail server.

    Raises:
        Undelivered: No mail server is set, or it did not take the message.
    """
    if not server.host:
        raise Undelivered(NO_SERVER)
    service = apprise.Apprise.instantiate(
        {
            "schema": "mailto" if server.security == "none" else "mailtos",
            "host": server.host,
            "port": server.port,
            "secure_mode": {"none": "insecure", "starttls": "starttls", "tls": "ssl"}[
                server.security
            ],
            "user": server.username or None,
            "password": server.password or None,
            "smtp_host": server.host,
            "from_addr": server.sender,
            "targets": [recipient],
            "format": "text",
            "headers": {KEY_HEADER: message.key, "Auto-Submitted": "auto-generated"},
        },
        suppress_exceptions=True,
    )
    _deliver(service, message.title, message.body, secrets=(server.password,))


def call_webhook(message: Message, address: str) -> None:
    """
    Hand a message to a service on the web.

    Raises:
        Undelivered: The address is not known, or the service did not take the message.
    """
    service = _service(address) if is_known_address(address) else None
    headers, body = getattr(service, "headers", None), message.body
    if isinstance(headers, dict):
        headers[KEY_HEADER] = message.key
    else:
        body = f"{body}\n{KEY_HEADER}: {message.key}\n"
    _deliver(service, message.title, body, secrets=(address,))


def _service(address: str) -> apprise.NotifyBase | None:
    found: apprise.NotifyBase | None = apprise.Apprise.instantiate(
        address.strip(), suppress_exceptions=True
    )
    return found


def _deliver(
    service: apprise.NotifyBase | None, title: str, body: str, *, secrets: tuple[str, ...]
) -> None:
    """Send once: when to try again is the herald's business, not Apprise's."""
    if service is None:
        raise Undelivered(NO_SERVICE)
    service.request_rate_per_sec = 0
    capture = apprise.LogCapture(level=logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call]
    with capture as said:
        taken = service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        if taken:
            return
        text = " ".join(str(said.getvalue()).split())
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    raise Undelivered(text[:FAILURE_LENGTH] or NOT_TAKEN)
