"""Commands that stay in the foreground: the service, its halves, the demonstration."""

import os
from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from flask import Flask

    from registry.demo.region import Region
    from registry.settings import Settings


@click.command()
def run() -> int:
    """Run all in one, for a small region: database, monitor and web server."""
    from registry.supervisor.processes import supervise

    settings = edge.settings()
    edge.apart(edge.bring_up_to_date, settings)
    return supervise(settings, announce=lambda: _announce(settings))


@click.command()
def serve() -> None:
    """Serve the pages and /metrics."""
    from registry.supervisor.server import serve as serve_pages

    settings = edge.settings()
    edge.apart(edge.require_database, settings)
    serve_pages(settings, _application)


def _application(settings: "Settings") -> "Flask":
    from registry.app import create_app

    return create_app(settings)


@click.command()
def monitor() -> None:
    """Probe what is due and write down what was seen."""
    # The settings come first: with them the log is set up, before onvif-zeep's import
    # gives the root logger a handler of its own.
    settings = edge.settings()
    edge.apart(edge.require_database, settings)
    from registry.jobs import run_monitor

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


def _announce(settings: "Settings", account: str = "") -> None:
    host = f"[{settings.web.host}]" if ":" in settings.web.host else settings.web.host
    click.echo(f"VigiParc   http://{host}:{settings.web.port}/   (Ctrl-C stops it)")
    if account:
        click.echo(account)
