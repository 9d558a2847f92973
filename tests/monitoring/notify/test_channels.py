"""Messages reach a real mail server and a real web server on this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from registry.monitoring.models import Message
from registry.monitoring.notify.channels import (
    MailServer,
    Undelivered,
    call_webhook,
    is_known_address,
    send_mail,
)
from tests.monitoring.notify.conftest import Postbox

KEY = "5b0a6a1e-6f0f-4a44-9a5e-0d5a3b1f2c11"
SECRET = "un-jeton-tres-secret"


class Hook(BaseHTTPRequestHandler):
    """Keeps what it was posted, and answers with what it was told to."""

    seen: list[tuple[str, dict[str, str], bytes]]
    status: int

    def do_POST(self) -> None:
        """Take a call."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def hook() -> Iterator[tuple[type[Hook], str]]:
    """Run a web server on loopback; give its handler and its address."""
    handler = type("Calls", (Hook,), {"seen": [], "status": 200})
    web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield handler, f"127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()


@pytest.fixture
def message() -> Message:
    """Return a message that was never in a database."""
    return Message(key=KEY, title="VigiParc – Ham, Gare : site éteint", body="- CAM-01 : éteinte\n")


def test_a_mail_carries_title_text_and_key(
    postbox: Postbox, server: MailServer, message: Message
) -> None:
    """Accents survive, the key travels, and no robot answers it."""
    send_mail(message, "camille@ville.test", server)

    (recipients, mail), *others = postbox.mails
    assert (recipients, others) == (["camille@ville.test"], [])
    assert mail["Idempotency-Key"] == KEY
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "vigiparc@region.test" in mail["From"]
    payload = mail.get_payload(decode=True) if not mail.is_multipart() else None
    assert isinstance(payload, bytes)
    assert "CAM-01 : éteinte" in payload.decode()


def test_a_mail_sent_again_carries_the_same_key(
    postbox: Postbox, server: MailServer, message: Message
) -> None:
    """Whoever gets a message twice can tell that it is one."""
    send_mail(message, "camille@ville.test", server)
    send_mail(message, "camille@ville.test", server)

    assert [mail["Idempotency-Key"] for _to, mail in postbox.mails] == [KEY, KEY]


def test_a_refused_recipient_is_told(server: MailServer, message: Message) -> None:
    """A full mailbox is no success."""
    with pytest.raises(Undelivered):
        send_mail(message, "camille@full.test", server)


def test_a_silent_mail_server_is_told(message: Message) -> None:
    """Nobody listens at that port."""
    with pytest.raises(Undelivered, match="Connection error"):
        send_mail(message, "camille@ville.test", MailServer("127.0.0.1", 1, sender="v@region.test"))


def test_without_a_mail_server_the_setting_is_named(message: Message) -> None:
    """The reason says which setting is empty."""
    with pytest.raises(Undelivered, match=r"notices\.smtp_host"):
        send_mail(message, "camille@ville.test", MailServer())


def test_the_password_of_the_mail_server_shows_nowhere() -> None:
    """A repr ends up in logs."""
    assert SECRET not in repr(MailServer("mail.test", password=SECRET))


def test_a_webhook_gets_title_text_and_key(hook: tuple[type[Hook], str], message: Message) -> None:
    """The call carries the same key whenever it is made."""
    handler, address = hook

    call_webhook(message, f"json://{address}/{SECRET}")

    ((path, headers, body),) = handler.seen
    assert path.startswith(f"/{SECRET}")
    assert headers["Idempotency-Key"] == KEY
    said = json.loads(body)
    assert (said["title"], "CAM-01 : éteinte" in said["message"]) == (message.title, True)


@pytest.mark.parametrize("scheme", ["ntfy", "gotify"])
def test_a_service_without_headers_of_ours_is_told_the_key_in_the_text(
    hook: tuple[type[Hook], str], message: Message, scheme: str
) -> None:
    """Whoever reads a message twice in a chat sees that it is one."""
    handler, address = hook

    call_webhook(message, f"{scheme}://{address}/{SECRET}")

    ((_path, headers, body),) = handler.seen
    assert "Idempotency-Key" not in headers
    assert json.loads(body)["message"].endswith(f"\nIdempotency-Key: {KEY}")


def test_a_webhook_that_fails_is_told_without_its_secret(
    hook: tuple[type[Hook], str], message: Message
) -> None:
    """The reason is kept and shown; what the address hides is not."""
    handler, address = hook
    handler.status = 500

    with pytest.raises(Undelivered) as refusal:
        call_webhook(message, f"json://{address}/{SECRET}")

    assert "500" in str(refusal.value)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("json://hooks.region.test/abc", True),
        (" jsons://hooks.region.test ", True),
        ("ntfys://hooks.region.test/parc", True),
        ("mailto://somebody:secret@region.test", False),
        ("syslog://", False),
        ("https://hooks.region.test/abc", False),
        ("hooks.region.test", False),
        ("json://", False),
    ],
)
def test_only_services_on_the_web_are_called(address: str, *, known: bool) -> None:
    """Apprise also knows schemes that run programs or write files here: they are refused."""
    assert is_known_address(address) is known


def test_an_address_that_became_unknown_is_not_called(message: Message) -> None:
    """What was sealed before a scheme was refused is refused as well."""
    with pytest.raises(Undelivered):
        call_webhook(message, "syslog://")
