"""
Makes the questions out of the standard's own files, once, at the start.

onvif-zeep ships the WSDLs; zeep serialises each question from them. What the
hot path gets is bytes: sending one costs microseconds instead of milliseconds.
"""

# zeep is typed only in part.
# mypy: disable-error-code="no-untyped-call"

from importlib import metadata
from pathlib import Path

from lxml import etree
from zeep import Client, Settings, Transport
from zeep.exceptions import Error as ZeepError
from zeep.wsse.username import UsernameToken

from probes.target import Requests

_DISTRIBUTION = "onvif-zeep"
_WSDL = "devicemgmt.wsdl"
BINDING = "{http://www.onvif.org/ver10/device/wsdl}DeviceBinding"
# They install into the same folder `onvif` and overwrite one another.
_RIVALS = ("onvif-zeep-async", "onvif-python")
_MARKS = {"Username": "~NAME~", "Password": "~DIGEST~", "Nonce": "~NONCE~", "Created": "~AT~"}


class ContractError(Exception):
    """The requests cannot be made: the service must not start."""


class Offline(Transport):
    """A transport that reads files and never the network."""

    def _load_remote_data(self, url: str) -> bytes:
        """Refuse every address that is not a file."""
        raise ContractError(f"the WSDLs refer to {url}, which is not on this machine")


def load_requests(wsdl_dir: str | Path | None = None) -> Requests:
    """
    Serialise the questions of a probe.

    Args:
        wsdl_dir: Where the WSDLs lie, if not where onvif-zeep installed them.

    Raises:
        ContractError: onvif-zeep or its WSDLs are absent or overwritten.
    """
    wsdl = find_wsdl(wsdl_dir)
    try:
        client = Client(
            str(wsdl),
            transport=Offline(),
            settings=Settings(strict=True, forbid_dtd=True, forbid_entities=True),
        )
        clock = _serialise(client, "GetSystemDateAndTime")
        identity = _serialise(client, "GetDeviceInformation")
        signed = _serialise(client, "GetDeviceInformation", with_token=True)
    except (OSError, ZeepError, etree.LxmlError) as error:
        raise ContractError(f"{wsdl} cannot be read: {error}") from error
    return Requests(
        clock=clock,
        clock_action=_action(client, "GetSystemDateAndTime"),
        identity=identity,
        identity_action=_action(client, "GetDeviceInformation"),
        signed=_cut(signed),
    )


def find_wsdl(wsdl_dir: str | Path | None = None) -> Path:
    """
    Locate devicemgmt.wsdl among the files that onvif-zeep installed.

    onvif-zeep itself looks beside its package, where some installers do not
    put them (its issues 13 and 109); the distribution's record knows better.

    Raises:
        ContractError: It says what is missing and what to do.
    """
    if wsdl_dir is not None:
        path = Path(wsdl_dir) / _WSDL
        if path.is_file():
            return path
        raise ContractError(f"there is no {_WSDL} in {wsdl_dir}")
    refuse_rivals()
    for file in metadata.files(_DISTRIBUTION) or ():
        path = Path(str(file.locate()))
        if file.name == _WSDL and path.is_file():
            return path
    raise ContractError(
        f"{_DISTRIBUTION} is installed without its WSDLs: set the folder of {_WSDL}"
    )


def refuse_rivals() -> None:
    """
    Refuse to work where another distribution has overwritten the folder `onvif`.

    Raises:
        ContractError: It names the distribution, and what to do.
    """
    for rival in _RIVALS:
        if _is_installed(rival):
            raise ContractError(
                f"{rival} overwrites {_DISTRIBUTION}: uninstall both, then install "
                f"{_DISTRIBUTION} again"
            )
    if not _is_installed(_DISTRIBUTION):
        raise ContractError(f"{_DISTRIBUTION} is not installed")


def _is_installed(distribution: str) -> bool:
    """Tell whether a distribution is there."""
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _serialise(client: Client, operation: str, *, with_token: bool = False) -> bytes:
    """Give the bytes of a request, with a token full of marks if so asked."""
    service = client.create_service(BINDING, "http://device.invalid/")
    client.wsse = UsernameToken("name", "password", use_digest=True) if with_token else None
    envelope = client.create_message(service, operation)
    if with_token:
        for name, mark in _MARKS.items():
            envelope.find(f".//{{*}}{name}").text = mark
    written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return written


def _cut(request: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Cut a request around its four marks."""
    pieces = []
    for mark in _MARKS.values():
        piece, _, request = request.partition(mark.encode())
        pieces.append(piece)
    before_name, before_digest, before_nonce, before_created = pieces
    return before_name, before_digest, before_nonce, before_created, request


def _action(client: Client, operation: str) -> str:
    """Give the SOAP action that the WSDL states for an operation."""
    return str(client.wsdl.bindings[BINDING].get(operation).soapaction)
