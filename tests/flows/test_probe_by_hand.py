"""`vigiparc probe` on servers that are not ours, as a technician runs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.by_hand import probe, verdict
from tests.ipycam_device import PASSWORD, USERNAME, running_ipycam
from tests.lighttpd_server import digest_front, redirect_front, running_lighttpd, tls_front
from tests.probes.certificates import pin_of, write_certificate
from tests.simulated_device import running_simulator


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run an ipycam with a password; return its ONVIF port."""
    with running_ipycam() as port:
        yield port


def test_the_right_password_is_up_and_verified(port: int, tmp_path: Path) -> None:
    """The device refuses without credentials and passes with them: proven in one shot."""
    code, found = verdict(port, PASSWORD, tmp_path)

    assert code == 0
    assert (found["health"], found["authentication"]) == ("up", "verified")
    assert found["issues"] == []


def test_a_wrong_password_is_up_with_an_issue(port: int, tmp_path: Path) -> None:
    """A wrong password is not an outage."""
    code, found = verdict(port, "not-the-right-one", tmp_path)

    assert code == 0
    assert (found["health"], found["authentication"]) == ("up", "failed")
    assert found["issues"] == ["auth_failed"]


def test_a_server_that_wants_http_digest_is_up_and_verified(tmp_path: Path) -> None:
    """Each step is told, and none of them shows what was sent."""
    with running_simulator("", "") as upstream:
        front = digest_front(
            tmp_path, upstream, username=USERNAME, password=PASSWORD, algorithm="MD5"
        )
        with running_lighttpd(tmp_path, front, "mod_auth", "mod_authn_file", "mod_proxy") as port:
            code, told = probe(port, PASSWORD, tmp_path, "--explain", "--lang", "en")

    assert code == 0
    assert told.startswith("The camera answers.")
    assert "Credentials: accepted, and proven necessary" in told
    assert "asked who it is, with HTTP Digest (HTTP 200" in told
    assert "response=" not in told


def test_a_certificate_of_its_own_is_an_issue_until_it_is_pinned(tmp_path: Path) -> None:
    """No credential travels before."""
    certificate = write_certificate(tmp_path / "own.pem", days=30)
    https = ("--scheme", "https")
    with running_simulator(USERNAME, PASSWORD) as upstream:
        front = tls_front(upstream, certificate=certificate)
        with running_lighttpd(tmp_path, front, "mod_openssl", "mod_proxy") as port:
            _, before = verdict(port, PASSWORD, tmp_path, *https)
            pin = ("--tls-verify", pin_of(certificate))
            _, after = verdict(port, PASSWORD, tmp_path, *https, *pin)

    assert (before["health"], before["issues"]) == ("up", ["tls_untrusted"])
    assert before["authentication"] == "none"
    assert (after["issues"], after["authentication"]) == ([], "verified")


def test_a_redirect_is_down_and_says_where_to(tmp_path: Path) -> None:
    """And what to check first."""
    with running_lighttpd(tmp_path, redirect_front("https://127.0.0.1:1/"), "mod_redirect") as port:
        code, told = probe(port, PASSWORD, tmp_path, "--explain", "--lang", "fr")

    assert code == 1
    assert "(redirect)" in told
    assert "https://127.0.0.1:1/" in told
    assert "corriger protocole et port dans le registre" in told
