"""What a probe is sent out with."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet

from probes.verdict import Reason
from registry.fleet.vault import Vault
from tests.monitoring.agenda.cameras import (
    CAMERA,
    INTERVAL,
    NETWORKS,
    agenda_of,
    first_errand,
)
from tests.monitoring.telling import NOON


def test_a_target_carries_what_the_register_expects() -> None:
    """The password is opened for the probe alone, and shows in no repr."""
    errand = first_errand(agenda_of(CAMERA))

    target = errand.target
    assert (target.username, target.password) == ("vigiparc", "correct horse")
    assert target.expected is not None
    assert target.expected.serial == "SN1"
    assert (target.networks, target.site, target.timeout_seconds) == (NETWORKS, 7, 5)
    assert "correct horse" not in repr(errand)
    assert INTERVAL - 1 <= errand.delay_seconds <= INTERVAL


def test_a_camera_without_credentials_is_asked_without() -> None:
    """No empty user name is ever sent, and nothing is expected where nothing is known."""
    bare = replace(CAMERA, username="", sealed_password=None, credential_changed_at=None)
    unknown = replace(bare, manufacturer="", model="", firmware="", serial="")

    target = first_errand(agenda_of(unknown)).target

    assert (target.username, target.expected) == ("", None)


def test_a_password_under_a_lost_key_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """The camera is probed without it, and the log names the camera."""
    other = Vault([Fernet.generate_key().decode()])
    camera = replace(CAMERA, sealed_password=other.seal("correct horse"))

    target = first_errand(agenda_of(camera)).target

    assert (target.username, target.password) == ("", "")
    assert "camera 1" in caplog.text


def test_a_site_is_dialled_in_its_own_networks_else_in_its_zone() -> None:
    """The narrower word counts."""
    coast = first_errand(agenda_of(replace(CAMERA, zone="littoral")))
    narrow = first_errand(agenda_of(replace(CAMERA, networks="127.0.9.0/24")))

    assert coast.target.networks == (ip_network("127.1.0.0/16"),)
    assert narrow.target.networks == (ip_network("127.0.9.0/24"),)


def test_a_zone_that_the_settings_no_longer_know_is_not_probed() -> None:
    """Its networks are not known either; the verdict says that it is a matter of settings."""
    agenda = agenda_of(replace(CAMERA, zone="mars"))

    errands, verdicts = agenda.due(at=NOON + timedelta(seconds=INTERVAL))

    assert errands == []
    assert [each.verdict.reason for each in verdicts] == [Reason.NOT_CONFIGURED]
    assert verdicts[0].verdict.detail == "zone"


def test_a_password_goes_in_the_clear_only_where_its_certificate_is_known() -> None:
    """Not to the first one seen, which is pinned by what comes back."""
    clear = replace(CAMERA, scheme="https", password_text=True)

    pinned = first_errand(agenda_of(replace(clear, tls_verify="pin:" + "ab" * 32)))
    first = first_errand(agenda_of(replace(clear, tls_verify="pin")))

    assert (pinned.target.password_text, first.target.password_text) == (True, False)
