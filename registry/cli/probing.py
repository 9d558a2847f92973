"""`vigiparc probe`: one question to one camera, from a terminal."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from probes.target import Target
    from registry.settings import Settings


@click.command()
@click.option("--host", required=True, help="Address or name of the camera.")
@click.option("--port", type=click.IntRange(1, 65_535), default=80, show_default=True)
@click.option("--path", default="/onvif/device_service", show_default=True)
@click.option("--scheme", type=click.Choice(["http", "https"]), default="http", show_default=True)
@click.option("--tls-verify", default="ca", show_default=True, help="ca, pin, pin:SHA256 or off.")
@click.option("--username", default="", help="ONVIF account; without it nothing is proven.")
@click.option("--password-file", type=edge.FILE, help="A file whose first line is the password.")
@click.option("--allow", multiple=True, metavar="CIDR", help="A network that may be dialled.")
@click.option("--timeout", type=click.FloatRange(0.1, 120), help="Seconds for the whole probe.")
@click.option("--explain", is_flag=True, help="Show each step, and what to check first.")
@click.option("--lang", type=click.Choice(["fr", "en"]), help="Language of the words.")
@edge.as_json
def probe(
    *,
    password_file: Path | None,
    as_json: bool,
    explain: bool,
    lang: str | None,
    **options: object,
) -> int:
    """Ask one camera whether it lives; exit code 0 when it is up, else 1."""
    from probes.engine import Limits, run_probe
    from probes.explain import Trace
    from probes.explain import explain as put_into_words
    from probes.onvif.contract import load_requests
    from probes.verdict import Health

    settings = edge.settings()
    target = _target(settings, edge.secret(password_file), options)
    trace = Trace(keep=explain, secret=target.password)
    limits = Limits(
        clock_skew_seconds=settings.probes.clock_skew_seconds,
        slow_seconds=settings.probes.slow_seconds,
    )
    requests = load_requests(settings.probes.wsdl_folder or None)
    verdict = run_probe(requests, target, limits=limits, trace=trace)
    if as_json:
        edge.print_json(verdict.to_dict())
    else:
        language = lang or edge.language()
        for line in put_into_words(verdict, language, trace=trace if explain else None):
            click.echo(line)
    return 0 if verdict.health is Health.UP else edge.FAILED


def _target(settings: "Settings", password: str, options: Mapping[str, object]) -> "Target":
    from probes.target import InvalidTarget, Target

    try:
        allowed = tuple(ip_network(each) for each in options["allow"])  # type: ignore[attr-defined]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow") from None
    everywhere = (each for of in settings.networks_by_zone.values() for each in of)
    try:
        return Target(
            key=0,
            host=str(options["host"]),
            port=int(str(options["port"])),
            path=str(options["path"]),
            scheme=str(options["scheme"]),
            tls_verify=str(options["tls_verify"]),
            username=str(options["username"]),
            password=password,
            networks=(*everywhere, *allowed),
            verify_authentication=True,
            timeout_seconds=float(str(options["timeout"] or settings.probes.timeout_seconds)),
        )
    except InvalidTarget as error:
        hint = f"--{error.field.replace('_', '-')}"
        raise click.BadParameter(f"expected {error.expected}", param_hint=hint) from None
