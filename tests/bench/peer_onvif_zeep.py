"""Asks a device the two questions with onvif-zeep, whose service object is kept."""

import resource
import sys

from onvif import ONVIFService  # type: ignore[import-untyped]

from probes.onvif.contract import find_wsdl

_WARM = 20


def main(port: int, count: int) -> float:
    """Give the CPU of one probe, in microseconds."""
    service = ONVIFService(
        f"http://127.0.0.1:{port}/onvif/device_service",
        "admin",
        "secret",
        str(find_wsdl()),
        encrypt=True,
        binding_name="{http://www.onvif.org/ver10/device/wsdl}DeviceBinding",
    )
    before = 0.0
    for number in range(_WARM + count):
        if number == _WARM:
            before = _cpu_seconds()
        service.GetSystemDateAndTime()
        if service.GetDeviceInformation()["SerialNumber"] != "SIM-000001":
            raise SystemExit(f"port {port} gave another serial")
    return (_cpu_seconds() - before) / count * 1e6


def _cpu_seconds() -> float:
    """Give the CPU time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]), int(sys.argv[2]))}\n")
