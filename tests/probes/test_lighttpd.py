"""The probe is right on lighttpd in front of a device: Digest, own certificate, redirect."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from probes.engine import run_probe
from probes.explain import Trace
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Reason, Verdict
from tests.ipycam_device import PASSWORD, USERNAME, running_ipycam
from tests.lighttpd_server import digest_front, redirect_front, running_lighttpd, tls_front
from tests.probes.certificates import pin_of, write_certificate
from tests.probes.conftest import LOOPBACK
from tests.simulated_device import running_simulator

FAILED, NONE, VERIFIED = Authentication.FAILED, Authentication.NONE, Authentication.VERIFIED
Upstream = Callable[[str, str], AbstractContextManager[int]]
UPSTREAMS: dict[str, Upstream] = {"simulator": running_simulator, "ipycam": running_ipycam}
MAKERS = {"simulator": "Simulated", "ipycam": "PythonCam"}


@pytest.fixture(scope="module", params=UPSTREAMS)
def make(request: pytest.FixtureRequest) -> str:
    """Choose the device behind the server."""
    return str(request.param)


@pytest.fixture(scope="module")
def locked(make: str) -> Iterator[int]:
    """Run a device that wants a token; return its port."""
    with UPSTREAMS[make](USERNAME, PASSWORD) as port:
        yield port


@pytest.fixture(scope="module")
def unlocked(make: str) -> Iterator[int]:
    """Run a device that leaves logins to the server in front of it; return its port."""
    with UPSTREAMS[make]("", "") as port:
        yield port


def probe(
    requests: Requests,
    port: int,
    *,
    password: str = PASSWORD,
    trace: Trace | None = None,
    **options: Any,  # noqa: ANN401 - any field of a target
) -> Verdict:
    """Probe the server once, as by hand."""
    target = Target(
        1,
        "127.0.0.1",
        port,
        username=USERNAME,
        password=password,
        networks=LOOPBACK,
        verify_authentication=True,
        **options,
    )
    return run_probe(requests, target, trace=trace)


def named(verdict: Verdict) -> str:
    """Give the maker that a verdict names."""
    assert verdict.identity is not None
    return verdict.identity.manufacturer


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_http_digest_is_answered(
    requests: Requests, make: str, unlocked: int, algorithm: str, tmp_path: Path
) -> None:
    """Every call wants it, the clock call too: a wrong password is an issue, and no outage."""
    front = digest_front(
        tmp_path, unlocked, username=USERNAME, password=PASSWORD, algorithm=algorithm
    )
    with running_lighttpd(tmp_path, front, "mod_auth", "mod_authn_file", "mod_proxy") as port:
        right = probe(requests, port)
        wrong = probe(requests, port, password="wrong")

    assert (right.health, right.authentication) == (Health.UP, VERIFIED)
    assert right.issues == frozenset()
    assert named(right) == MAKERS[make]
    assert (wrong.health, wrong.authentication) == (Health.UP, FAILED)
    assert wrong.issues == {Issue.AUTH_FAILED}


def test_a_certificate_of_nobody_gets_no_password(
    requests: Requests, make: str, locked: int, tmp_path: Path
) -> None:
    """Up all the same; once it is pinned the login goes through, and not to another one."""
    certificate = write_certificate(tmp_path / "own.pem", days=30)
    front = tls_front(locked, certificate=certificate)
    traces = [Trace(keep=True) for _ in range(3)]
    policies = ("ca", pin_of(certificate), f"pin:{'0' * 64}")
    with running_lighttpd(tmp_path, front, "mod_openssl", "mod_proxy") as port:
        unknown, pinned, other = (
            probe(requests, port, scheme="https", tls_verify=policy, trace=trace)
            for policy, trace in zip(policies, traces, strict=True)
        )

    assert [each.health for each in (unknown, pinned, other)] == [Health.UP] * 3
    assert (unknown.issues, unknown.authentication) == (frozenset({Issue.TLS_UNTRUSTED}), NONE)
    assert (pinned.issues, pinned.authentication) == (frozenset(), VERIFIED)
    assert (other.issues, other.authentication) == (frozenset({Issue.TLS_CERT_CHANGED}), NONE)
    assert named(pinned) == MAKERS[make]
    logins = [[step for step in each.steps if step.code.startswith("login")] for each in traces]
    assert [len(each) for each in logins] == [0, 1, 0]


def test_plain_http_to_the_https_port_is_down_and_reachable(
    requests: Requests, locked: int, tmp_path: Path
) -> None:
    """Something is there; the sentence says to look at the scheme."""
    certificate = write_certificate(tmp_path / "own.pem", days=30)
    front = tls_front(locked, certificate=certificate)
    with running_lighttpd(tmp_path, front, "mod_openssl", "mod_proxy") as port:
        verdict = probe(requests, port)

    assert (verdict.health, verdict.reachable) == (Health.DOWN, True)
    assert verdict.reason in {Reason.CLOSED_EARLY, Reason.CONNECT_RESET, Reason.HTTP_STATUS}


def test_a_redirect_is_reported_with_its_target_and_not_followed(
    requests: Requests, locked: int, tmp_path: Path
) -> None:
    """To the very device: even there the login does not go by itself."""
    front = redirect_front(f"http://127.0.0.1:{locked}/onvif/device_service")
    with running_lighttpd(tmp_path, front, "mod_redirect") as port:
        verdict = probe(requests, port)

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.REDIRECT)
    assert f"http://127.0.0.1:{locked}/" in verdict.detail
