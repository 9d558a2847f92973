"""`vigiparc inventory` and `vigiparc discover`: what devices say, and which there are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from registry.cli import edge

if TYPE_CHECKING:
    from probes.target import Target
    from registry.db import SessionFactory
    from registry.monitoring.runner.walk import Walked
    from registry.settings import Settings


@click.command()
@click.option("--camera", type=int, help="The number of one camera.")
@click.option("--site", default="", help="The identifier of a site, such as 59054-01.")
@click.option("--all", "everything", is_flag=True, help="Every camera with an address.")
@edge.as_json
def inventory(*, camera: int | None, site: str, everything: bool, as_json: bool) -> int:
    """Ask devices at length who they are and how they are set up, and keep the answers."""
    if sum((camera is not None, bool(site), everything)) != 1:
        choice = "--camera N, --site X or --all"
        raise click.UsageError(f"say which: {choice}")
    settings = edge.settings()
    results = []
    with edge.database(settings) as (_, sessions):
        for told in _take_inventories(settings, sessions, camera=camera, site=site):
            results.append(told)
            if not as_json:
                click.echo(_line(told))
    failed = [told for told in results if told["reason"]]
    if as_json:
        edge.print_json({"asked": len(results), "failed": len(failed), "cameras": results})
    elif not results:
        click.echo("no camera with an address", err=True)
    return edge.FAILED if failed or not results else 0


def _take_inventories(
    settings: "Settings", sessions: "SessionFactory", *, camera: int | None, site: str
) -> Iterator[dict[str, Any]]:
    """Ask each camera, a few at once; each answer is written as it comes."""
    from concurrent.futures import ThreadPoolExecutor

    from probes.onvif.facts import Inventory
    from probes.onvif.inventory import Library
    from probes.transport.tls import Contexts
    from registry import clock
    from registry.monitoring.runner.surveyor import Survey, keep

    seconds = settings.inventory.timeout_seconds
    library = Library(settings.probes.wsdl_folder or None)
    survey = Survey(library, seconds, clock.utc_now, Contexts())
    targets = _targets(settings, sessions, camera=camera, site=site)
    with ThreadPoolExecutor(settings.inventory.threads) as threads:
        for target, found in zip(targets, threads.map(survey.take, targets), strict=True):
            changed = keep(sessions, target.key, found, at=clock.utc_now())
            read = isinstance(found, Inventory)
            yield {
                "camera": target.key,
                "reason": None if read else str(found),
                "facts": found.lines() if isinstance(found, Inventory) else {},
                "changed": changed,
            }


def _targets(
    settings: "Settings", sessions: "SessionFactory", *, camera: int | None, site: str
) -> "list[Target]":
    from probes.target import InvalidTarget
    from registry import clock
    from registry.fleet.queries import probe_inputs
    from registry.fleet.rules import Zones
    from registry.fleet.vault import Vault
    from registry.monitoring.agenda.targets import Targets
    from registry.monitoring.queries.memories import read_memories
    from registry.monitoring.queries.surveys import cameras_to_survey
    from registry.monitoring.rules.memory import Memory

    maker = Targets(
        Vault.open(settings.key_file),
        Zones(settings.networks_by_zone),
        timeout_seconds=settings.probes.timeout_seconds,
    )
    with sessions() as session:
        wanted = set(cameras_to_survey(session, camera_id=camera, public_id=site))
        memories = read_memories(session)
        inputs = [each for each in probe_inputs(session) if each.camera_id in wanted]
    made = []
    for each in inputs:
        memory = memories.get(each.camera_id, Memory())
        try:
            made.append(maker.make(each, memory, at=clock.utc_now()))
        except InvalidTarget as error:
            click.echo(f"camera {each.camera_id}: {error}", err=True)
    return made


def _line(told: dict[str, Any]) -> str:
    if told["reason"]:
        return f"camera {told['camera']}: {told['reason']}"
    facts = told["facts"]
    shown = (facts[name] for name in ("manufacturer", "model", "serial", "firmware", "mac"))
    changed = f" (changed: {', '.join(told['changed'])})" if told["changed"] else ""
    return f"camera {told['camera']}: {', '.join(filter(None, shown))}{changed}"


@click.command()
@click.option("--zone", default="local", show_default=True, help="A zone of the settings.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.5, 60),
    default=4.0,
    show_default=True,
    help="How long to listen for answers.",
)
@edge.as_json
def discover(*, zone: str, seconds: float, as_json: bool) -> int:
    """Call for ONVIF devices in a zone: known, moved or unknown; nothing is written."""
    from probes.onvif.contract import load_requests
    from registry import clock
    from registry.monitoring.queries.surveys import positions
    from registry.monitoring.runner.walk import walk

    settings = edge.settings()
    zones = settings.networks_by_zone
    if zone not in zones:
        raise click.BadParameter(f"expected one of {', '.join(zones)}", param_hint="--zone")
    with edge.database(settings) as (_, sessions), sessions() as session:
        registered = positions(session)
    try:
        called_from, walked = walk(
            registered,
            load_requests(settings.probes.wsdl_folder or None),
            networks=zones[zone],
            seconds=seconds,
            timeout_seconds=settings.probes.timeout_seconds,
            clock=clock.utc_now,
        )
    except OSError as error:
        raise click.ClickException(f"UDP port 3702: {error}") from None
    if as_json:
        devices = [each.to_dict() for each in walked]
        edge.print_json({"zone": zone, "called_from": called_from, "devices": devices})
    else:
        _tell_walk(zone, called_from, walked)
    return 0 if called_from else edge.FAILED


def _tell_walk(zone: str, called_from: list[str], walked: "list[Walked]") -> None:
    french = edge.language() == "fr"
    if not called_from:
        words = (
            f"aucune interface de cette machine n'est dans les réseaux de la zone {zone}"
            if french
            else f"no interface of this machine lies in the networks of zone {zone}"
        )
        click.echo(words, err=True)
        return
    for each in walked:
        click.echo(_walked_line(each, french=french))
    count = len(walked)
    said = f"{count} appareils trouvés" if french else f"{count} devices found"
    click.echo(f"{said} ({', '.join(called_from)})", err=True)


def _walked_line(walked: "Walked", *, french: bool) -> str:
    words = {
        "known": ("connu", "known"),
        "moved": ("déplacé", "moved"),
        "unknown": ("inconnu", "unknown"),
    }[walked.match.whereabouts][not french]
    verdict, position = walked.verdict, walked.match.position
    silent = "ne répond pas" if french else "does not answer"
    where = str(walked.door) if walked.door else f"{walked.found.source} ({silent})"
    identity = verdict.identity if verdict else None
    who = " ".join(filter(None, (identity.model, identity.serial))) if identity else ""
    camera = ""
    if position is not None:
        camera = f"{position.site} {position.label} ({position.host}:{position.port})"
    return "  ".join(filter(None, (f"{words:8}", where, who, camera)))
