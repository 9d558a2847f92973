"""Rules on money: financed twice, too many inhabitants, too much of it (A09, A11, A12)."""

from collections import defaultdict
from collections.abc import Iterator

from probes.verdict import is_placeholder
from registry.audit.rules.facts import Facts, GrantFacts, UnitFacts
from registry.audit.rules.findings import Evidence, Finding, RuleId, Severity
from registry.funding.rules import (
    PUBLIC_SHARE,
    RuleCode,
    is_decided,
    plan_of,
    share_cents,
)

TWICE = "double financing of one device"
ENVELOPE = "votes of the campaign's envelope"
OWNER_SHARE = "CGCT, L1111-10, III"


def one_serial_under_two_grants(facts: Facts) -> Iterator[Finding]:
    """
    A09: find units that are or were mounted under more than one grant.

    Serials are compared in their normalised form; placeholders (0000000, NONE) say
    nothing. Two makes may give the same number to two units: where both makes are
    known and differ, they are two units.
    """
    numbers = {grant.grant_id: grant.file_number for grant in facts.grants}
    for serial, units in sorted(_by_serial(facts.units).items()):
        if is_placeholder(serial):
            continue
        for grant_id in sorted({unit.grant_id for unit in units} & set(numbers)):
            own = [unit for unit in units if unit.grant_id == grant_id]
            shared = [
                unit
                for unit in units
                if unit.grant_id != grant_id and any(_may_be_one(unit, mine) for mine in own)
            ]
            if not shared:
                continue
            others = sorted({numbers.get(unit.grant_id, "") for unit in shared} - {""})
            yield Finding(
                rule=RuleId.A09,
                severity=Severity.CRITICAL,
                grant=numbers[grant_id],
                detail=serial,
                source=TWICE,
                parameters={"serial": own[0].serial, "grants": ", ".join(others)},
                evidence=tuple(
                    Evidence("camera", unit.camera, unit.mounted_at) for unit in (*own, *shared)
                ),
            )


def too_many_inhabitants(facts: Facts) -> Iterator[Finding]:
    """
    A11: find grants to communes over the threshold of their campaign.

    The population kept on the grant is judged, the one counted for the vote; where it
    is of another year than the rule's, the sentence says so.
    """
    for grant in facts.grants:
        limit = grant.terms.population_below
        if limit is None or grant.population is None or grant.population < limit:
            continue
        if not is_decided(grant.status):
            continue
        year, reference = grant.population_year, grant.terms.population_year
        yield Finding(
            rule=RuleId.A11,
            severity=Severity.MAJOR,
            grant=grant.file_number,
            detail="population" if reference in {None, year} else "other_year",
            source=_source(grant, RuleCode.POPULATION_BELOW),
            parameters={
                "population": str(grant.population),
                "year": str(year or ""),
                "limit": str(limit),
                "reference": str(reference or ""),
            },
            evidence=(Evidence("population", f"{grant.population} ({year or '?'})"),),
        )


def too_much_money(facts: Facts) -> Iterator[Finding]:
    """
    A12: find grants beyond the rate, the cap or the envelope, and projects paid too far.

    An envelope is overspent by the grants that were decided when it could no longer
    bear them, not by those before.
    """
    for grant in facts.grants:
        if is_decided(grant.status):
            yield from _beyond_rate(grant)
            yield from _beyond_cap(grant)
            yield from _beyond_cap_per_camera(grant)
            yield from _beyond_public_share(grant)
            yield from _beyond_envelope(grant)


def _beyond_rate(grant: GrantFacts) -> Iterator[Finding]:
    rate, eligible = grant.terms.rate, grant.eligible_cents
    if rate is None or eligible is None:
        return
    most = share_cents(eligible, rate)
    if grant.voted_cents > most:
        said = {"voted_cents": grant.voted_cents, "most_cents": most, "eligible_cents": eligible}
        yield _too_much(grant, "rate", _source(grant, RuleCode.RATE), **said)


def _beyond_cap(grant: GrantFacts) -> Iterator[Finding]:
    cap = grant.terms.cap_cents
    if cap is not None and grant.voted_cents > cap:
        said = {"voted_cents": grant.voted_cents, "most_cents": cap}
        yield _too_much(grant, "cap", _source(grant, RuleCode.CAP), **said)


def _beyond_cap_per_camera(grant: GrantFacts) -> Iterator[Finding]:
    cap, eligible = grant.terms.cap_per_camera_cents, grant.eligible_cents
    if cap is None or eligible is None:
        return
    most = cap * grant.cameras_funded
    if eligible > most:
        said = {"eligible_cents": eligible, "most_cents": most, "cap_cents": cap}
        yield _too_much(grant, "camera_cap", _source(grant, RuleCode.CAP_PER_CAMERA), **said)


def _beyond_public_share(grant: GrantFacts) -> Iterator[Finding]:
    limit = grant.terms.public_share or PUBLIC_SHARE
    cost = grant.project_cents or grant.eligible_cents
    plan = plan_of(grant.shares, grant_cents=grant.voted_cents, cost_cents=cost)
    total = plan.total_cents
    if total is None or not plan.share_exceeds(limit):
        return
    said = {"public_cents": plan.public_cents, "total_cents": total}
    source = _source(grant, RuleCode.PUBLIC_SHARE) if grant.terms.public_share else OWNER_SHARE
    yield _too_much(grant, "public_share", source, percent=int(limit * 100), **said)


def _beyond_envelope(grant: GrantFacts) -> Iterator[Finding]:
    envelope, drawn = grant.envelope_cents, grant.drawn_cents
    if envelope is None or drawn <= envelope or not grant.voted_cents:
        return
    left = max(0, envelope - (drawn - grant.voted_cents))
    said = {"voted_cents": grant.voted_cents, "left_cents": left, "envelope_cents": envelope}
    yield _too_much(grant, "envelope", ENVELOPE, **said)


def _too_much(grant: GrantFacts, detail: str, source: str, **figures: int) -> Finding:
    return Finding(
        rule=RuleId.A12,
        severity=Severity.MAJOR,
        grant=grant.file_number,
        detail=detail,
        source=source,
        parameters={name: str(figure) for name, figure in figures.items()},
        evidence=(Evidence("grant", grant.file_number),),
    )


def _source(grant: GrantFacts, code: RuleCode) -> str:
    return grant.terms.sources.get(code, "")


def _by_serial(units: tuple[UnitFacts, ...]) -> dict[str, list[UnitFacts]]:
    found: defaultdict[str, list[UnitFacts]] = defaultdict(list)
    for unit in units:
        found[unit.normalised_serial].append(unit)
    return found


def _may_be_one(unit: UnitFacts, other: UnitFacts) -> bool:
    makes = {each.manufacturer.strip().casefold() for each in (unit, other)} - {""}
    return len(makes) < 2  # noqa: PLR2004 - two makes that are known, and differ
