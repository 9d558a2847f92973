"""Commands that stay in the foreground: the service, its halves, the demonstration."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from registry.demo.region import Region
    from registry.settings import Settings


@click.command()
def run() -> int:
    """Run all in one, for a small region: database, monitor and web server."""
    from registry.supervisor.processes import supervise

    settings = edge.settings()
    edge.bring_up_to_date(settings)
    return supervise(settings, announce=lambda: _announce(settings))


@click.command()
def serve() -> None:
    """Serve the pages and /metrics."""
    from registry.supervisor.server import serve as serve_pages

    settings = edge.settings()
    with edge.database(settings):
        pass
    serve_pages(settings)


@click.command()
def monitor() -> None:
    """Probe what is due and write down what was seen."""
    from registry.jobs import run_monitor

    settings = edge.settings()
    with edge.database(settings):
        pass
    run_monitor(settings)


@click.command()
def demo() -> int:
    """Run a simulated region: cameras, faults, monitor and web server."""
    from registry.demo import region
    from registry.supervisor.processes import SERVICE, Child, supervise

    # The children read their settings from the environment, as always.
    os.environ.update(region.environment(edge.settings().storage.folder))
    settings = edge.settings()
    files = region.ready(settings) or _make_region(settings)
    options = ("--devices", str(files.devices), "--faults", str(files.faults))
    return supervise(
        settings,
        (*SERVICE, Child("simulator", ("simulate", *options))),
        announce=lambda: _announce(settings, files.accounts()),
    )


def _make_region(settings: "Settings") -> "Region":
    from registry import clock
    from registry.demo import making

    click.echo("Making the demonstration region (a few seconds, once)", err=True)
    return making.make(settings, at=clock.utc_now())


@click.command()
@click.option("--cameras", type=click.IntRange(1, 20_000), default=10, show_default=True)
@click.option("--base-port", type=click.IntRange(1, 65_535), default=8900, show_default=True)
@click.option("--username", default="admin", show_default=True)
@click.option("--password-file", type=edge.FILE, help="The password of every simulated camera.")
@click.option(
    "--devices", type=edge.FILE, help="A JSON or TOML list of devices instead of numbers."
)
@click.option("--faults", type=edge.FILE, help="A JSON or TOML plan of faults by time.")
def simulate(  # noqa: PLR0913 - one parameter for each option
    *,
    cameras: int,
    base_port: int,
    username: str,
    password_file: Path | None,
    devices: Path | None,
    faults: Path | None,
) -> None:
    """Run simulated ONVIF cameras on addresses of this machine."""
    from probes import simulator

    try:
        chosen = (
            simulator.load_devices(devices)
            if devices
            else simulator.numbered_devices(
                cameras, base_port, username, edge.secret(password_file)
            )
        )
        plan = simulator.load_plan(faults) if faults else []
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    try:
        simulator.run_simulator(
            chosen,
            plan,
            ready=lambda _: click.echo(f"{len(chosen)} simulated cameras are listening", err=True),
        )
    except OSError as error:
        raise click.ClickException(f"--base-port: {error}") from None


def _announce(settings: "Settings", account: str = "") -> None:
    host = f"[{settings.web.host}]" if ":" in settings.web.host else settings.web.host
    click.echo(f"VigiParc   http://{host}:{settings.web.port}/   (Ctrl-C stops it)")
    if account:
        click.echo(account)
