"""Writes what a simulated camera says of its set-up: services, scopes, name, time server."""

from collections.abc import Callable, Mapping

from probes.simulator import answers
from probes.simulator.device import Device

_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"
# A device behind an address translation knows no other address than its own.
_INNER_HOST = "192.168.1.64"


def survey_answer(device: Device, asked: str) -> bytes | None:
    """Write the answer to one question of an inventory; none to any other."""
    writer = _WRITERS.get(asked)
    return answers.answer(device, asked, writer(device)) if writer else None


def _services(_device: Device) -> str:
    return "".join(
        f"<{{tds}}:Service><{{tds}}:Namespace>{namespace}</{{tds}}:Namespace>"
        f"<{{tds}}:XAddr>http://{_INNER_HOST}/onvif/{path}</{{tds}}:XAddr>"
        "<{tds}:Version><{tt}:Major>2</{tt}:Major><{tt}:Minor>60</{tt}:Minor></{tds}:Version>"
        "</{tds}:Service>"
        for namespace, path in ((_DEVICE, "device_service"), (_MEDIA, "media_service"))
    )


def _capabilities(_device: Device) -> str:
    return (
        "<{tds}:Capabilities><{tt}:Device>"
        f"<{{tt}}:XAddr>http://{_INNER_HOST}/onvif/device_service</{{tt}}:XAddr>"
        "</{tt}:Device></{tds}:Capabilities>"
    )


def _scopes(device: Device) -> str:
    return "".join(
        "<{tds}:Scopes><{tt}:ScopeDef>Fixed</{tt}:ScopeDef>"
        f"<{{tt}}:ScopeItem>onvif://www.onvif.org/{each}</{{tt}}:ScopeItem></{{tds}}:Scopes>"
        for each in ("type/video_encoder", f"hardware/{device.model}", "Profile/Streaming")
    )


def _hostname(device: Device) -> str:
    return (
        "<{tds}:HostnameInformation><{tt}:FromDHCP>false</{tt}:FromDHCP>"
        f"<{{tt}}:Name>{device.serial.lower()}</{{tt}}:Name></{{tds}}:HostnameInformation>"
    )


def _ntp(_device: Device) -> str:
    return (
        "<{tds}:NTPInformation><{tt}:FromDHCP>false</{tt}:FromDHCP><{tt}:NTPManual>"
        "<{tt}:Type>DNS</{tt}:Type><{tt}:DNSname>ntp.region.example</{tt}:DNSname>"
        "</{tt}:NTPManual></{tds}:NTPInformation>"
    )


_WRITERS: Mapping[str, Callable[[Device], str]] = {
    "GetServices": _services,
    "GetCapabilities": _capabilities,
    "GetScopes": _scopes,
    "GetHostname": _hostname,
    "GetNTP": _ntp,
}
