"""Commands on uptime: a figure with all that it is made of."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any

import click

from registry.cli import edge
from registry.errors import Invalid

WORDS = {
    "in_service": ("in service", "en service"),
    "up": ("up", "en service normal"),
    "down": ("down", "en panne"),
    "unreachable": ("unreachable", "injoignable"),
    "unknown": ("unknown", "inconnu"),
    "planned": ("planned", "planifié"),
    "planned_late": ("of which entered late", "dont saisi après coup"),
    "substituted": ("substituted", "autre appareil"),
    "excluded": ("of which does not count", "dont ne compte pas"),
}
RATIOS = {
    "device_availability": ("device availability", "disponibilité des caméras"),
    "service_availability": ("service availability", "disponibilité du service"),
    "coverage": ("coverage", "couverture"),
}
REASONS = {
    "not_in_service": ("not in service", "pas en service"),
    "all_planned": ("all of it was planned", "tout était planifié"),
    "nothing_known": ("nothing is known", "rien n'est connu"),
}
OUTCOMES = {
    "met": ("met", "tenu"),
    "not met": ("not met", "non tenu"),
    "insufficient evidence": ("insufficient evidence", "preuves insuffisantes"),
    None: ("not judged", "non jugé"),
}
WHY = {
    **REASONS,
    "under_target": ("under the target", "sous l'objectif"),
    "coverage_under_floor": ("coverage under its floor", "couverture sous le plancher"),
    "intervals_removed": (
        "what was seen at first was removed after its term",
        "ce qui a été vu au début a été supprimé à son terme",
    ),
    "no_target": ("no target was agreed", "aucun objectif n'est convenu"),
    "excluded_beyond_contract": (
        "outages are excused for causes that the contract does not name",
        "des pannes sont exclues pour des causes que le contrat ne nomme pas",
    ),
}
REFUSALS = {
    "too_many_parts": (
        "expected a shorter window, or larger parts of it",
        "indiquer une période plus courte, ou un découpage plus large",
    ),
    "removed": (
        "what was seen before {since} was removed: expected days, or an instant from then on",
        "ce qui a été vu avant le {since} a été supprimé : donner des jours, ou un instant après",
    ),
    "removed_wholly": (
        "what was seen before {since} was removed: expected an instant from then on",
        "ce qui a été vu avant le {since} a été supprimé : donner un instant à partir de là",
    ),
}
# Before and after them there are no cameras, and at the ends of the calendar no midnights.
YEARS = range(1900, 2200)
SUBJECTS = ("camera", "site", "commune", "contract", "grant", "campaign")


@click.command("uptime")
@click.option("--camera", metavar="NUMBER", help="One camera's position.")
@click.option("--site", metavar="IDENTIFIER", help="A site, such as 59054-01.")
@click.option("--commune", metavar="INSEE", help="All sites of a commune.")
@click.option("--contract", metavar="REFERENCE", help="A contract's sites, and its verdict.")
@click.option("--grant", metavar="FILE", help="The devices that a grant paid for.")
@click.option("--campaign", metavar="NUMBER", help="The devices of a campaign.")
@click.option("--from", "begin", required=True, help="A day (its midnight in Paris) or an instant.")
@click.option("--to", "end", help="Likewise, not included; now when it is left out.")
@click.option("--group", type=click.Choice(["day", "month"]), help="Cut at midnights of Paris.")
@edge.as_json
def uptime(
    *,
    begin: str,
    end: str | None,
    group: str | None,
    as_json: bool,
    **asked: str | None,
) -> int:
    """Tell how long something was up, with every second that the figure is made of."""
    from registry.clock import utc_now
    from registry.db import see_one_state
    from registry.monitoring.queries.availability import Group, Subject, availability
    from registry.monitoring.queries.contracts import accounts_of
    from registry.monitoring.uptime import Span

    given = [(word, asked[word]) for word in SUBJECTS if asked[word]]
    if len(given) != 1:
        message = "expected exactly one of " + ", ".join(f"--{word}" for word in SUBJECTS)
        raise click.UsageError(message)
    ((word, name),) = given
    now = int(utc_now().timestamp())
    since, until = _instant("--from", begin), _instant("--to", end) if end else now
    if end and until <= since:
        raise click.BadParameter(f"{end!r}: expected an end after the start", param_hint="--to")
    if since >= now:
        message = f"{begin!r}: expected an instant that has passed"
        raise click.BadParameter(message, param_hint="--from")
    # What has not happened yet is not unknown: the window ends now at the latest.
    window = Span(since, min(now, until))
    settings = edge.settings()
    floor_points = 100 * settings.contracts.coverage_floor_percent
    with edge.database(settings) as (_, sessions), sessions() as session:
        see_one_state(session)
        asked_of = Subject(word), name or "", window
        try:
            told = availability(session, *asked_of, group=Group(group) if group else None)
        except Invalid as error:
            raise _refused(error) from None
        found = told.to_dict()
        judged = accounts_of(session, *asked_of, floor_points=floor_points)
        found["contracts"] = [account.to_dict() for account in judged]
    if as_json:
        edge.print_json(found)
    else:
        _tell(found)
    return 0


def _refused(error: Invalid) -> Exception:
    """Name the option that cannot be answered, what it said and what was expected."""
    problem = error.problems[0]
    if problem.code not in REFUSALS:
        return error
    words = REFUSALS[problem.code][0 if edge.language() == "en" else 1]
    message = f"{problem.value}: {words.format_map(problem.parameters)}"
    return click.BadParameter(message, param_hint=f"--{problem.where}")


def _instant(option: str, text: str) -> int:
    """Read a day of Europe/Paris, or an instant with its offset."""
    from registry.clock import paris_midnight

    instant: datetime | None = None
    with suppress(ValueError):
        instant = datetime.fromisoformat(text)
    with suppress(ValueError, OverflowError):
        instant = paris_midnight(date.fromisoformat(text))
    if instant is None or instant.tzinfo is None or instant.year not in YEARS:
        message = f"{text!r}: expected a day (2026-11-24) or an instant (2026-11-24T12:00:00Z)"
        raise click.BadParameter(message, param_hint=option)
    return int(instant.timestamp())


def _tell(found: dict[str, Any]) -> None:
    """Print the figure for a person: the ratio never without its coverage."""
    place = 0 if edge.language() == "en" else 1
    click.echo(f"{found['subject']} {found['name']}")
    for part in (found, *found["parts"]):
        _tell_part(part, place)
    for account in found["contracts"]:
        contract = ("contract", "contrat")[place]
        click.echo(f"{contract} {account['reference']}, {account['contractor']}")
        verdict = "; ".join([OUTCOMES[account["outcome"]][place], *_whys(account, place)])
        click.echo(f"  {'verdict':<28} {verdict}")
        if account["target"]:
            click.echo(f"  {('target', 'objectif')[place]:<28} {account['target']} %")
        floor = ("coverage floor", "plancher de couverture")[place]
        click.echo(f"  {floor:<28} {account['coverage_floor']} %")
        _tell_part(account, place)


def _whys(account: dict[str, Any], place: int) -> list[str]:
    """Say in words why a contract's verdict is no better."""
    return [WHY[reason][place] for reason in account["why"]]


def _tell_part(part: dict[str, Any], place: int) -> None:
    click.echo(f"{part['from']} - {part['to']}")
    for name, words in RATIOS.items():
        click.echo(f"  {words[place]:<28} {_figure(part, name, place)}")
    for name, number in part["seconds"].items():
        click.echo(f"  {WORDS[name][place]:<28} {number} s")
    click.echo(f"  {('changes', 'changements')[place]:<28} {part['transitions']}")


def _figure(part: dict[str, Any], name: str, place: int) -> str:
    ratio = part[name]
    if ratio is None:
        return f"- ({REASONS[part['reasons'][name]][place]})"
    bounds = f" [{ratio['least']} %, {ratio['most']} %]" if "least" in ratio else ""
    return f"{ratio['percent']} %{bounds} = {ratio['part']} / {ratio['whole']}"
