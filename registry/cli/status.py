"""`vigiparc status`: is the service well, for a person and for a program."""

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import click

from registry.cli import edge

if TYPE_CHECKING:
    from registry.monitoring.queries.status import Status
    from registry.settings import Settings

TROUBLED = 3
WEB_SECONDS = 2.0
# What is shown, in English and in French.
WORDS = {
    "version": ("version", "version"),
    "database": ("database", "base de données"),
    "schema": ("schema", "schéma"),
    "web": ("web server", "serveur web"),
    "monitor": ("monitor", "moniteur"),
    "monitor_version": ("its version", "sa version"),
    "monitor_since": ("at work since", "au travail depuis"),
    "heartbeat_age_seconds": ("last sign of life (s ago)", "dernier signe de vie (s)"),
    "lag_seconds": ("probes late by (s)", "retard des sondes (s)"),
    "in_flight": ("probes in flight", "sondes en cours"),
    "attempts": ("probes since then", "sondes depuis"),
    "verdicts_dropped": ("verdicts dropped since then", "verdicts écartés depuis"),
    "last_verdict_at": ("last verdict", "dernier verdict"),
    "troubles": ("troubles", "anomalies"),
}
TROUBLES = {
    "schema_mismatch": (
        "the schema is not that of this version: run `vigiparc db upgrade`",
        "le schéma n'est pas celui de cette version : lancez `vigiparc db upgrade`",
    ),
    "no_monitor": ("no monitor has ever run here", "aucun moniteur n'a encore tourné ici"),
    "monitor_silent": (
        "the monitor gives no sign of life: is it running?",
        "le moniteur ne donne plus signe de vie : tourne-t-il ?",
    ),
    "heartbeat_ahead": (
        "the last sign of life is from the future: none since the clock was set back",
        "le dernier signe de vie vient du futur : aucun depuis que l'horloge a été reculée",
    ),
    "web_silent": ("the web server does not answer", "le serveur web ne répond pas"),
}


@click.command()
@edge.as_json
def status(*, as_json: bool) -> int:
    """
    Tell what runs, since when, and how it fares.

    Exit code 0 when all is well, 1 when it could not look, 3 when something is wrong.
    """
    from registry import clock
    from registry.db import newest_revision, open_engine, session_factory
    from registry.monitoring.queries.status import read_status
    from registry.settings import migrations_folder

    settings = edge.settings()
    expected = newest_revision(migrations_folder())
    engine = open_engine(settings.database_url)
    try:
        with session_factory(engine)() as session:
            found = read_status(session, schema_expected=expected, at=clock.utc_now())
    finally:
        engine.dispose()
    facts = _facts(settings, found)
    if as_json:
        edge.print_json(facts)
    else:
        for line in _lines(facts, french=edge.language() == "fr"):
            click.echo(line)
    return TROUBLED if facts["troubles"] else 0


def _facts(settings: "Settings", found: "Status") -> dict[str, object]:
    from importlib.metadata import version

    from sqlalchemy import make_url

    web = _web_answers(settings)
    troubles = [*found.troubles(silent_seconds=settings.metrics.silent_seconds)]
    monitor = found.monitor
    return {
        "version": version("vigiparc"),
        "database": make_url(settings.database_url).get_backend_name(),
        "schema": found.schema,
        "schema_expected": found.schema_expected,
        "web": "up" if web else "down",
        "monitor": monitor.holder if monitor else None,
        "monitor_version": monitor.version if monitor else None,
        "monitor_since": _spelt(monitor.started_at) if monitor else None,
        "heartbeat_age_seconds": found.heartbeat_age_seconds,
        "lag_seconds": round(monitor.lag_seconds, 3) if monitor else None,
        "in_flight": monitor.in_flight if monitor else None,
        "attempts": monitor.attempts if monitor else None,
        "verdicts_dropped": monitor.dropped if monitor else None,
        "last_verdict_at": _spelt(found.last_verdict_at),
        "troubles": [str(each) for each in troubles] + ([] if web else ["web_silent"]),
    }


def _web_answers(settings: "Settings") -> bool:
    """Ask the web server of this machine whether it is alive."""
    host, port = settings.web.host, settings.web.port
    # Listening everywhere is no address to connect to.
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    place = f"[{near}]:{port}" if ":" in near else f"{near}:{port}"
    try:
        with urlopen(f"http://{place}/healthz", timeout=WEB_SECONDS) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (URLError, OSError):
        return False


def _spelt(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _lines(facts: dict[str, object], *, french: bool) -> list[str]:
    """Write one line a fact; what is not known yet is left out."""
    lines = []
    for key, names in WORDS.items():
        value = facts[key]
        if key == "troubles":
            found = value if isinstance(value, list) else []
            value = "; ".join(TROUBLES[each][french] for each in found) or "-"
        if value is not None:
            lines.append(f"{names[french]:<28} {value}")
    return lines
