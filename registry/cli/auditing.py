"""The command that judges grants."""

from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from registry.audit.rules import Finding


@click.command()
@click.option("--grant", "file_number", help="Only the grant with this file number.")
@edge.as_json
def audit(file_number: str | None, *, as_json: bool) -> None:
    """Find what stands against grants: authorisations, cameras, money."""
    from registry import clock
    from registry.audit.queries import findings
    from registry.audit.rules import Thresholds
    from registry.errors import NotFound
    from registry.funding import queries as funding

    settings = edge.settings()
    at = clock.utc_now()
    with edge.database(settings) as (_, sessions), sessions() as session:
        grant = None if file_number is None else funding.grant(session, file_number)
        if file_number is not None and grant is None:
            raise NotFound(f"no grant {file_number}")
        thresholds = Thresholds(silent_days=settings.audit.silent_days)
        found = findings(session, at=at, thresholds=thresholds, grant=grant)
    if as_json:
        edge.print_json({"at": at.isoformat(), "findings": [_plain(each) for each in found]})
    else:
        _tell(found)


def _plain(finding: "Finding") -> dict[str, object]:
    from registry.audit.rules import sentence

    return {
        "grant": finding.grant,
        "rule": finding.rule,
        "severity": finding.severity,
        "detail": finding.detail,
        "source": finding.source,
        "parameters": dict(finding.parameters),
        "evidence": [each.to_dict() for each in finding.evidence],
        "fr": sentence(finding, "fr"),
        "en": sentence(finding, "en"),
    }


def _tell(found: "tuple[Finding, ...]") -> None:
    from registry.audit.rules import sentence, source

    language = edge.language()
    for each in found:
        ground = source(each, language)
        told = f" ({ground})" if ground else ""
        click.echo(f"{each.grant}  {each.rule}  {sentence(each, language)}{told}")
    count = len(found)
    if language == "fr":
        click.echo(f"{count} constat{'s' if count > 1 else ''}")
    else:
        click.echo(f"{count} finding{'' if count == 1 else 's'}")
