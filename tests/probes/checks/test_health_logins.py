"""The way in that worked is remembered, and a login never travels where it could be read."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import uvloop

from probes.engine import Engine
from probes.simulator import Device, Fault, Simulation
from probes.target import Requests, Target
from probes.verdict import Authentication, Issue, Verdict
from tests.probes.certificates import pin_of, write_certificate
from tests.probes.conftest import LOOPBACK, QUICK

SECRET = "a-word-that-stands-out"
CREDENTIALS = (SECRET.encode(), b"UsernameToken", b"Authorization", b"admin")


def cycles(
    requests: Requests,
    device: Device,
    **changes: Any,  # noqa: ANN401 - any field of a target
) -> tuple[list[Verdict], list[list[bytes]]]:
    """Probe a camera in two cycles of one engine; give the verdicts, and what it heard in each."""
    heard: list[list[bytes]] = []

    async def run() -> list[Verdict]:
        listen = lambda _, data: heard[-1].append(data)  # noqa: E731
        verdicts: list[Verdict] = []
        async with Simulation([device], heard=listen) as simulation:
            engine = Engine(requests, QUICK)
            target = Target(
                1,
                device.host,
                simulation.ports[0],
                username="admin",
                password=SECRET,
                networks=LOOPBACK,
                timeout_seconds=5,
                **changes,
            )
            for cycle in (1, 2):
                heard.append([])
                engine.feed([target])
                async with asyncio.timeout(10):
                    while len(verdicts) < cycle:
                        await asyncio.sleep(0.01)
                        verdicts += engine.drain()
            await engine.close()
        return verdicts

    verdicts = uvloop.run(run())
    return verdicts, [re.split(rb"(?=POST /)", b"".join(each))[1:] for each in heard]


def logins(asked: list[bytes]) -> list[bytes]:
    """Give the requests that carried a login."""
    return [each for each in asked if b"UsernameToken" in each or b"Authorization" in each]


def test_a_camera_of_http_digest_gets_no_token_once_it_is_known(requests: Requests) -> None:
    """One login a cycle, to a fresh challenge; the first contact needed two."""
    verdicts, (first, second) = cycles(
        requests, Device(password=SECRET, fault=Fault.HTTP_DIGEST), authentication_known="verified"
    )

    assert {verdict.authentication for verdict in verdicts} == {Authentication.VERIFIED}
    assert [b"Authorization" in each for each in logins(first)] == [True]
    assert [b"Authorization" in each for each in logins(second)] == [True]
    assert b"UsernameToken" not in b"".join(second)
    assert len(second) == 3


def test_a_camera_that_challenges_late_is_remembered(requests: Requests) -> None:
    """Its clock is open, so the token goes first; from then on it does not."""
    device = Device(password=SECRET, fault=Fault.SHA256_ONLY)

    verdicts, (first, second) = cycles(requests, device)

    assert all(verdict.issues == frozenset() for verdict in verdicts)
    assert len(logins(first)) <= 2
    assert len(logins(second)) == 1
    assert b"UsernameToken" not in b"".join(second)


def test_a_camera_that_lets_the_remembered_way_lapse_is_tried_anew(requests: Requests) -> None:
    """After a change of firmware the token may be wanted again."""

    async def run() -> list[Verdict]:
        verdicts: list[Verdict] = []
        async with Simulation([Device(password=SECRET, fault=Fault.HTTP_DIGEST)]) as simulation:
            engine = Engine(requests, QUICK)
            target = Target(
                1,
                "127.0.0.1",
                simulation.ports[0],
                username="admin",
                password=SECRET,
                networks=LOOPBACK,
            )
            for fault in (Fault.HTTP_DIGEST, Fault.NONE, Fault.NONE, Fault.ANONYMOUS):
                await simulation.cameras[0].become(fault)
                engine.feed([target])
                before = len(verdicts)
                async with asyncio.timeout(10):
                    while len(verdicts) == before:
                        await asyncio.sleep(0.01)
                        verdicts += engine.drain()
            await engine.close()
        return verdicts

    assert all(
        verdict.identity is not None and not verdict.issues & {Issue.AUTH_FAILED}
        for verdict in uvloop.run(run())
    )


def test_a_password_travels_in_the_clear_only_inside_verified_tls(
    requests: Requests, certificate: Path
) -> None:
    """After a digest that failed, and first from then on: two logins, then one."""
    device = Device(password=SECRET, certificate=certificate, fault=Fault.PASSWORD_TEXT)
    pinned = {"scheme": "https", "tls_verify": pin_of(certificate)}

    verdicts, (first, second) = cycles(requests, device, **pinned, password_text=True)
    refused, asked = cycles(requests, device, **pinned)

    assert [verdict.issues for verdict in verdicts] == [frozenset()] * 2
    assert [b"#PasswordText" in each for each in logins(first)] == [False, True]
    assert [b"#PasswordText" in each for each in logins(second)] == [True]
    assert refused[0].issues == {Issue.AUTH_FAILED}
    assert SECRET.encode() not in b"".join(asked[0])


@pytest.mark.parametrize("policy", ["ca", "pin", "another pin", "expired pin"])
@pytest.mark.parametrize("fault", [Fault.NONE, Fault.HTTP_DIGEST, Fault.AUTH_EVERYTHING])
@pytest.mark.parametrize("proving", [True, False])
def test_no_credential_is_sent_over_tls_that_is_not_trusted(
    requests: Requests,
    tmp_path: Path,
    policy: str,
    fault: Fault,
    proving: bool,  # noqa: FBT001
) -> None:
    """Every byte that reached the camera, deciphered, holds no name, token or digest."""
    days = -1 if policy == "expired pin" else 30
    shown = write_certificate(tmp_path / "shown.pem", days=days)
    pins = {"another pin": "pin:" + "0" * 64, "expired pin": pin_of(shown)}
    device = Device(password=SECRET, certificate=shown, fault=fault)

    verdicts, heard = cycles(
        requests,
        device,
        scheme="https",
        tls_verify=pins.get(policy, policy),
        password_text=policy == "ca",
        verify_authentication=proving,
    )

    assert [verdict.authentication for verdict in verdicts] == [Authentication.NONE] * 2
    assert all(heard)
    for cycle in heard:
        said = b"".join(cycle)
        assert b"GetSystemDateAndTime" in said
        assert not [each for each in CREDENTIALS if each in said]
