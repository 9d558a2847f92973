"""`vigiparc simulate`: cameras to set a service upon, and a sheet of them to import."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from probes.simulator import Change, Device


@click.command()
@click.option("--cameras", type=click.IntRange(1, 20_000), default=10, show_default=True)
@click.option("--base-port", type=click.IntRange(1, 65_535), default=8900, show_default=True)
@click.option(
    "--addresses",
    is_flag=True,
    help="One port, and an address from 127.1.0.1 on for each camera, instead of many ports.",
)
@click.option("--username", default="admin", show_default=True)
@click.option("--password-file", type=edge.FILE, help="The password of every simulated camera.")
@click.option(
    "--devices", type=edge.FILE, help="A JSON or TOML list of devices instead of numbers."
)
@click.option("--faults", type=edge.FILE, help="A JSON or TOML plan of faults by time.")
@click.option(
    "--fault",
    multiple=True,
    metavar="FAULT:DEVICES@AFTER+FOR",
    help="One fault by time: refuse:0-199@60+300 lets 200 cameras refuse at 60 s for 5 minutes.",
)
@click.option("--sheet", type=edge.NEW_FILE, help="Write the cameras as an import sheet as well.")
def simulate(  # noqa: PLR0913 - one parameter for each option
    *,
    cameras: int,
    base_port: int,
    addresses: bool,
    username: str,
    password_file: Path | None,
    devices: Path | None,
    faults: Path | None,
    fault: tuple[str, ...],
    sheet: Path | None,
) -> None:
    """Run simulated ONVIF cameras on addresses of this machine."""
    from probes import simulator

    password = edge.secret(password_file)
    try:
        if devices:
            chosen = simulator.load_devices(devices)
        elif addresses:
            chosen = simulator.addressed_devices(cameras, base_port, username, password)
        else:
            chosen = simulator.numbered_devices(cameras, base_port, username, password)
        plan = [
            *(simulator.load_plan(faults) if faults else ()),
            *(simulator.read_change(each) for each in fault),
        ]
        if sheet is not None:
            _write_sheet(sheet, chosen)
        _run(chosen, plan)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _run(devices: "list[Device]", plan: "list[Change]") -> None:
    from probes import simulator

    try:
        simulator.run_simulator(
            devices,
            plan,
            ready=lambda _: click.echo(f"{len(devices)} simulated cameras are listening", err=True),
        )
    except OSError as error:
        raise click.ClickException(f"--base-port: {error}") from None


def _write_sheet(sheet: Path, devices: "list[Device]") -> None:
    from registry.demo.street import write_sheet

    try:
        write_sheet(sheet, devices)
    except OSError as error:
        raise click.BadParameter(str(error), param_hint="--sheet") from None
    click.echo(f"{sheet}", err=True)
