"""
Asks a device the two questions with onvif-zeep-async, whose camera object is kept.

It runs in an environment that holds that library and nothing of ours.
"""

import asyncio
import importlib
import resource
import sys

_WARM = 20


async def main(port: int, count: int) -> float:
    """Give the CPU of one probe, in microseconds."""
    # By name: here `onvif` is another distribution than the one that is type-checked.
    camera = importlib.import_module("onvif").ONVIFCamera("127.0.0.1", port, "admin", "secret")
    service = await camera.create_devicemgmt_service()
    before = 0.0
    for number in range(_WARM + count):
        if number == _WARM:
            before = _cpu_seconds()
        await service.GetSystemDateAndTime()
        if (await service.GetDeviceInformation()).SerialNumber != "SIM-000001":
            raise SystemExit(f"port {port} gave another serial")
    spent = _cpu_seconds() - before
    await camera.close()
    return spent / count * 1e6


def _cpu_seconds() -> float:
    """Give the CPU time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))}\n")
