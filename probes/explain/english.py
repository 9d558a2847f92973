"""Gives the words of a verdict in English: what was seen, and what to check first."""

from collections.abc import Mapping

HEALTHS: Mapping[str, str] = {
    "up": "The camera answers.",
    "down": "The camera does not answer.",
    "unreachable": "The site's link is down: the camera cannot be reached.",
    "unknown": "The camera's state is not known.",
}

LABELS: Mapping[str, str] = {
    "seen": "Seen",
    "check": "Check first",
    "issue": "Attention",
    "authentication": "Credentials",
    "clock": "Clock",
    "identity": "Device",
    "said": "In its own words",
    "steps": "Steps",
    "stopped": "It stopped",
}

# The heading of the steps.
ORDER = "in their order, with the time that each took"

AUTHENTICATIONS: Mapping[str, str] = {
    "verified": "accepted, and proven necessary",
    "unverified": "accepted, but not proven necessary",
    "failed": "refused",
    "none": "none in use",
}

STEPS: Mapping[str, str] = {
    "dns": "name resolved",
    "connect": "connected",
    "tls": "encrypted connection made",
    "clock": "asked for the time, without credentials",
    "identity": "asked who it is, without credentials",
    "login": "asked who it is, with a signed token",
    "login_digest": "asked who it is, with HTTP Digest",
    "login_text": "asked who it is, with the password inside verified TLS",
    "soap11": "no usable answer, asking in SOAP 1.1",
    "path": "nothing at the registered path, asking at the usual one",
    "retry": "first attempt failed, trying once more",
    "total": "whole probe",
}

STAGES: Mapping[str, str] = {
    "dns": "while its name was looked up",
    "connect": "while the connection was being made",
    "tls": "while encryption was being agreed upon",
    "first_byte": "while we waited for the first byte of an answer",
    "body": "within the answer",
    "answer": "at what it answered",
}

HINTS: Mapping[str, tuple[str, str]] = {
    "dns": (
        "The camera's name is unknown to the name server.",
        "The spelling of the name in the register, then the name server.",
    ),
    "no_route": (
        "No route leads to the camera's network.",
        "The VPN or the router of the site, then the address in the register.",
    ),
    "connect_refused": (
        "A host is there, and refuses the connection.",
        "That ONVIF is switched on in the camera, then the port in the register.",
    ),
    "connect_timeout": (
        "Nothing at all comes back from the address.",
        "The camera's power supply, then its cable or radio link, then the firewall.",
    ),
    "connect_reset": (
        "The connection was cut off as soon as it was made or used.",
        "Whether the camera is overloaded or restarting, then the firewall.",
    ),
    "tls_handshake": (
        "The camera and this server could not agree on an encrypted connection.",
        "That the port is really the https one, then the camera's TLS version (1.2 at least).",
    ),
    "timeout_first_byte": (
        "The camera accepts the connection and then says nothing.",
        "Restart the camera: its software hangs although its network card answers.",
    ),
    "timeout_body": (
        "The camera began to answer and did not finish in time.",
        "The quality of the link (packet loss, radio), then the camera's load.",
    ),
    "closed_early": (
        "The camera hung up before it had answered.",
        "Whether the port wants https, then whether the camera restarts by itself.",
    ),
    "too_large": (
        "The answer is far larger than any ONVIF answer.",
        "That the address and port belong to the camera.",
    ),
    "not_http": (
        "Something answers that is not a web server.",
        "The port in the register: this one belongs to another service.",
    ),
    "http_status": (
        "The camera's web server answers with an error.",
        "That ONVIF is switched on, then restart the camera.",
    ),
    "redirect": (
        "The camera sends us on to another address, which is never followed.",
        "Whether it wants https: set scheme and port in the register.",
    ),
    "not_onvif": (
        "A web page or something else answers where ONVIF should.",
        "That ONVIF is switched on, then the path and the port in the register.",
    ),
    "malformed_xml": (
        "The answer cannot be read, not even with repair.",
        "The camera's firmware: look for an update.",
    ),
    "soap_fault": (
        "The camera answers every question with a fault.",
        "Restart the camera, then look for a firmware update.",
    ),
    "gateway_down": (
        "Neither the camera nor the site's gateway answers.",
        "The site's power and its operator's line, before sending anybody to the camera.",
    ),
    "not_configured": (
        "The register holds no address for this camera.",
        "Enter the camera's address and port.",
    ),
    "blocked_address": (
        "The address lies outside the networks that may be probed; nothing was sent.",
        "The address in the register, then the list of allowed networks.",
    ),
    "not_probed": (
        "The camera has not been probed lately.",
        "That the monitor runs.",
    ),
    "zone_silent": (
        "The zone's own prober no longer reports.",
        "The prober of the zone, not its cameras.",
    ),
    "inconclusive": (
        "Nearly all the zone failed at once, and so did its control point.",
        "The network between the prober and the zone.",
    ),
    "clock_step": (
        "The monitor's own clock jumped.",
        "The time service of the server.",
    ),
    "internal": (
        "The prober itself failed; this says nothing about the camera.",
        "The monitor's log.",
    ),
    "auth_failed": (
        "The camera refuses the user name or the password; no more logins are tried.",
        "The ONVIF account on the camera, which is often not the web account.",
    ),
    "auth_locked": (
        "The camera has locked the account after wrong passwords.",
        "Wait for the camera to unlock it, then correct the password in the register.",
    ),
    "auth_unverified": (
        "The credentials pass, but the camera answers without them too.",
        "That authentication is required in the camera's ONVIF settings.",
    ),
    "auth_scheme_unsupported": (
        "The camera takes none of the logins that keep the password secret.",
        "Switch on Digest or WS-UsernameToken in the camera.",
    ),
    "clock_skew": (
        "The camera's clock is off: its recordings carry a wrong time.",
        "The NTP server in the camera's settings.",
    ),
    "clock_invalid": (
        "The camera's clock was never set, or shows a date that does not exist.",
        "The NTP server in the camera's settings, then its backup battery.",
    ),
    "identity_mismatch": (
        "Another device answers than the registered one.",
        "Whether the camera was replaced: record it; otherwise look for a mixed-up address.",
    ),
    "firmware_changed": (
        "The firmware is not the registered one.",
        "Whether the update was planned.",
    ),
    "slow": (
        "The camera answers, but slowly.",
        "The load of the camera and of its link: how many others watch it?",
    ),
    "xml_broken": (
        "The camera's answer had to be repaired to be read.",
        "The camera's firmware: look for an update.",
    ),
    "tls_untrusted": (
        "Nobody vouches for the camera's certificate; no credentials were sent.",
        "Pin the certificate in the register, or install one of your authority.",
    ),
    "tls_cert_changed": (
        "The certificate is not the pinned one; no credentials were sent.",
        "Whether the camera was replaced or reset; if not, somebody may stand in between.",
    ),
    "tls_cert_expired": (
        "The camera's certificate has expired; no credentials were sent.",
        "Renew the certificate; check the camera's clock at the same time.",
    ),
    "anonymous_access": (
        "The camera tells anybody who it is, without credentials.",
        "That authentication is required in the camera's ONVIF settings.",
    ),
    "plain_http": (
        "The camera is asked over plain HTTP.",
        "Switch on https in the camera and in the register.",
    ),
    "action_not_supported": (
        "The camera does not answer one of the two questions: unknown to it, or not allowed.",
        "The rights of the ONVIF account on the camera, then its firmware.",
    ),
}
