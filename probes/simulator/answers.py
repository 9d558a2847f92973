"""
Writes what a simulated camera says, and checks logins as a real one does.

The prefixes differ from device to device, as they do among makes.
"""

import hashlib
import re
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from calendar import timegm
from hmac import compare_digest
from xml.sax.saxutils import escape, unescape
from zlib import crc32

from probes.simulator.device import Device, Fault

SLOW_CLOCK_SECONDS = -437.0
_STYLES = (
    ("SOAP-ENV", "tds", "tt"),
    ("env", "tds", "tt"),
    ("s", "ns1", "ns2"),
    ("soap", "tds", "onvif"),
)
_OPERATION = re.compile(rb"<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?(\w+)")
_TOKEN_PARTS = ("Username", "Password", "Nonce", "Created")
_TOKEN = {
    name: re.compile(rf"<(?:[\w.-]+:)?{name}\b[^>]*>([^<]*)<".encode()) for name in _TOKEN_PARTS
}
_AUTHORIZATION = re.compile(rb"(?im)^authorization:\s*digest\s+([^\r\n]+)")
_PARAMETER = re.compile(r"""(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))""")
REALM = "ONVIF"


def operation(body: bytes) -> str:
    """Give the local name of what a request asks for."""
    found = _OPERATION.search(body)
    return found[1].decode() if found else ""


def now(device: Device, fault: Fault) -> float:
    """Give the time by the device's own clock, in seconds since the epoch."""
    if fault is Fault.UNSET_CLOCK:
        return time.monotonic()
    offset = SLOW_CLOCK_SECONDS if fault is Fault.SLOW_CLOCK else device.clock_offset_seconds
    return time.time() + offset


def password(device: Device, fault: Fault) -> str:
    """Give the password that the device wants now."""
    return device.password + "-changed" * (fault is Fault.WRONG_PASSWORD)


def token_passes(body: bytes, device: Device, fault: Fault) -> bool:
    """Check a WS-UsernameToken: name, digest, and age if the device cares."""
    parts = {name: pattern.search(body) for name, pattern in _TOKEN.items()}
    values = {name: found[1].strip().decode() for name, found in parts.items() if found}
    if len(values) < len(_TOKEN) or unescape(values["Username"]) != device.username:
        return False
    try:
        nonce = b64decode(values["Nonce"], validate=True)
        created = timegm(time.strptime(values["Created"], "%Y-%m-%dT%H:%M:%SZ"))
    except (NotBase64, ValueError):
        return False
    skew = device.max_skew_seconds
    if skew is not None and abs(now(device, fault) - created) > skew:
        return False
    secret = nonce + values["Created"].encode() + password(device, fault).encode()
    digest = b64encode(hashlib.sha1(secret, usedforsecurity=False).digest()).decode()
    return compare_digest(digest, values["Password"])


def nonce_of(body: bytes) -> str:
    """Give the nonce of a WS-UsernameToken; empty where there is none."""
    found = _TOKEN["Nonce"].search(body)
    return found[1].strip().decode("latin-1") if found else ""


def digest_passes(head: bytes, nonce: str, device: Device, fault: Fault) -> bool:
    """Check an HTTP Digest answer (RFC 7616) against the challenge that was sent."""
    found = _AUTHORIZATION.search(head)
    if found is None:
        return False
    given = {each[1]: each[2] or each[3] for each in _PARAMETER.finditer(found[1].decode())}
    path = head.split(b" ", 2)[1].decode()
    if (given.get("username"), given.get("nonce"), given.get("uri")) != (
        device.username,
        nonce,
        path,
    ):
        return False
    name = "sha256" if given.get("algorithm") == "SHA-256" else "md5"

    def hashed(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    secret = hashed(f"{device.username}:{REALM}:{password(device, fault)}")
    middle = f"{nonce}:{given.get('nc')}:{given.get('cnonce')}:auth"
    expected = hashed(f"{secret}:{middle}:{hashed(f'POST:{path}')}")
    return compare_digest(expected, str(given.get("response")))


def clock_answer(device: Device, fault: Fault) -> bytes:
    """Write the answer to GetSystemDateAndTime."""
    _, _, tt = _style(device)
    at = time.gmtime(now(device, fault))
    return answer(
        device,
        "GetSystemDateAndTime",
        f"<{{tds}}:SystemDateAndTime><{tt}:DateTimeType>NTP</{tt}:DateTimeType>"
        f"<{tt}:DaylightSavings>false</{tt}:DaylightSavings>"
        f"<{tt}:TimeZone><{tt}:TZ>CET-1CEST,M3.5.0,M10.5.0/3</{tt}:TZ></{tt}:TimeZone>"
        f"<{tt}:UTCDateTime><{tt}:Time><{tt}:Hour>{at.tm_hour}</{tt}:Hour>"
        f"<{tt}:Minute>{at.tm_min}</{tt}:Minute><{tt}:Second>{at.tm_sec}</{tt}:Second></{tt}:Time>"
        f"<{tt}:Date><{tt}:Year>{at.tm_year}</{tt}:Year><{tt}:Month>{at.tm_mon}</{tt}:Month>"
        f"<{tt}:Day>{at.tm_mday}</{tt}:Day></{tt}:Date></{tt}:UTCDateTime>"
        "</{tds}:SystemDateAndTime>",
        broken=fault is Fault.BROKEN_XML,
    )


def identity_answer(device: Device, fault: Fault) -> bytes:
    """Write the answer to GetDeviceInformation."""
    values = {
        "Manufacturer": device.manufacturer,
        "Model": device.model,
        "FirmwareVersion": device.firmware + "-other" * (fault is Fault.OTHER_FIRMWARE),
        "SerialNumber": device.serial + "9" * (fault is Fault.OTHER_SERIAL),
        "HardwareId": "SIM",
    }
    inside = "".join(
        f"<{{tds}}:{name}>{escape(value)}</{{tds}}:{name}>" for name, value in values.items()
    )
    return answer(device, "GetDeviceInformation", inside, broken=fault is Fault.BROKEN_XML)


def interfaces_answer(device: Device) -> bytes:
    """Write the answer to GetNetworkInterfaces."""
    _, _, tt = _style(device)
    return answer(
        device,
        "GetNetworkInterfaces",
        f'<{{tds}}:NetworkInterfaces token="eth0"><{tt}:Enabled>true</{tt}:Enabled>'
        f"<{tt}:Info><{tt}:HwAddress>{device.mac}</{tt}:HwAddress></{tt}:Info>"
        "</{tds}:NetworkInterfaces>",
    )


def fault_answer(device: Device, code: str, subcodes: tuple[str, ...], text: str) -> bytes:
    """Write a SOAP 1.2 fault; subcodes are nested in their order."""
    soap, _, _ = _style(device)
    nested = ""
    for subcode in reversed(subcodes):
        nested = f"<{soap}:Subcode><{soap}:Value>{subcode}</{soap}:Value>{nested}</{soap}:Subcode>"
    return _envelope(
        device,
        f"<{soap}:Fault><{soap}:Code><{soap}:Value>{soap}:{code}</{soap}:Value>{nested}"
        f'</{soap}:Code><{soap}:Reason><{soap}:Text xml:lang="en">{escape(text)}</{soap}:Text>'
        f"</{soap}:Reason></{soap}:Fault>",
    )


def blank(device: Device) -> bytes:
    """Write an answer to GetDeviceInformation that names nothing."""
    return answer(device, "GetDeviceInformation", "")


def empty_envelope(device: Device) -> bytes:
    """Write an envelope that says nothing."""
    return _envelope(device, "")


def _style(device: Device) -> tuple[str, str, str]:
    """Choose the prefixes of a device, always the same for the same serial."""
    return _STYLES[crc32(device.serial.encode()) % len(_STYLES)]


def answer(device: Device, name: str, inside: str, *, broken: bool = False) -> bytes:
    """Write a response; a broken one uses a prefix that it never declares."""
    _, tds, tt = _style(device)
    prefix = "vendor" if broken else tds
    inside = inside.replace("{tds}", tds).replace("{tt}", tt)
    return _envelope(device, f"<{prefix}:{name}Response>{inside}</{prefix}:{name}Response>")


def _envelope(device: Device, inside: str) -> bytes:
    """Wrap a body in an envelope with its namespaces."""
    soap, tds, tt = _style(device)
    spaces = {
        soap: "http://www.w3.org/2003/05/soap-envelope",
        tds: "http://www.onvif.org/ver10/device/wsdl",
        tt: "http://www.onvif.org/ver10/schema",
        "ter": "http://www.onvif.org/ver10/error",
    }
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in spaces.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<{soap}:Envelope{declared}><{soap}:Body>{inside}</{soap}:Body></{soap}:Envelope>"
    ).encode()
