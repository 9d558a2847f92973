"""Whether what a contract promises was kept, judged on the seconds of a tally."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera, MaintenanceContract, Site
from registry.fleet.models.papers import contract_sites
from registry.monitoring.models import Outage
from registry.monitoring.queries.availability import Part, Subject, part_dict
from registry.monitoring.queries.ledger import Life, lives
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.rollups import rolled
from registry.monitoring.queries.standings import seconds_of, service_bounds
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.uptime import Reckoning, Span, Tally, device_tally, sum_tallies

POINTS = 10_000


class Outcome(StrEnum):
    """What a contract's target comes to."""

    MET = "met"
    NOT_MET = "not met"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome (none where nothing was promised), and why it is no better."""

    outcome: Outcome | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excused:
    """A stretch that somebody judged not to count against the contractor, and why."""

    span: Span
    cause: Exclusion


@dataclass(frozen=True, slots=True)
class ExcusedTime:
    """What does not count, by site, and by camera where only one of them was out."""

    sites: Mapping[int, Sequence[Excused]]
    cameras: Mapping[int, Sequence[Excused]]

    def of(self, site_id: int, camera_id: int) -> Sequence[Excused]:
        """Return the excused stretches of one camera; they may overlap."""
        return [*self.sites.get(site_id, ()), *self.cameras.get(camera_id, ())]


@dataclass(frozen=True, slots=True)
class ContractAccount:
    """
    What a contract promised over a window, what was seen, and what it comes to.

    `raw` is the position ledger. In `reckoning` the `excluded` seconds of it, seen in
    outages that do not count, have gone to planned: neither up nor down.
    """

    contract: MaintenanceContract
    window: Span
    raw: Tally
    reckoning: Reckoning
    excluded: int
    target_points: int | None
    floor_points: int
    judgement: Judgement

    @property
    def tally(self) -> Tally:
        """The contract's own seconds."""
        return self.reckoning.tally

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values, fit for JSON; target and floor are percentages."""
        told = part_dict(Part(self.window, self.reckoning), by_device=False)
        told["seconds"]["excluded"] = self.excluded
        outcome = self.judgement.outcome
        return {
            "reference": self.contract.reference,
            "contractor": self.contract.contractor,
            "outcome": outcome.value if outcome else None,
            "why": list(self.judgement.reasons),
            "target": None if self.target_points is None else _percent(self.target_points),
            "coverage_floor": _percent(self.floor_points),
            **told,
        }


def judge(tally: Tally, *, target_points: int, floor_points: int) -> Judgement:
    """
    Hold an availability to a contract's target, in whole seconds.

    Args:
        tally: The seconds of what the contract covers.
        target_points: The device availability that is owed, in basis points (9950 is
            99.5 %).
        floor_points: The coverage under which nothing is judged, in basis points.
    """
    ratio, coverage = tally.device_availability, tally.coverage
    missing = tuple(str(each.reason) for each in (ratio, coverage) if each.reason)
    if missing:
        return Judgement(Outcome.INSUFFICIENT, tuple(dict.fromkeys(missing)))
    if coverage.part * POINTS < floor_points * coverage.whole:
        return Judgement(Outcome.INSUFFICIENT, ("coverage_under_floor",))
    if ratio.part * POINTS < target_points * ratio.whole:
        return Judgement(Outcome.NOT_MET, ("under_target",))
    return Judgement(Outcome.MET)


def accounts_of(
    session: Session, subject: Subject, name: str, window: Span, *, floor_points: int
) -> list[ContractAccount]:
    """
    Judge the contracts that cover a camera or a site, or one contract on all its sites.

    Nothing else is covered as a whole: there the list is empty.
    """
    if subject is Subject.CAMERA:
        chosen = Camera.id == int(name)
    elif subject is Subject.SITE:
        chosen = Camera.site_id.in_(select(Site.id).where(Site.public_id == name))
    elif subject is Subject.CONTRACT:
        chosen = MaintenanceContract.reference == name
    else:
        return []
    return contract_accounts(session, chosen, window, floor_points=floor_points)


def contract_accounts(
    session: Session, chosen: ColumnElement[bool], window: Span, *, floor_points: int
) -> list[ContractAccount]:
    """
    Judge every contract that covers chosen cameras in a window, on the time it was in force.

    A fixed number of statements, one where there is no contract. Cameras count where
    they stand now. Where intervals were removed the account begins after them, and
    nothing is judged.

    Args:
        session: Where all of it is kept.
        chosen: What holds for the cameras, or for their contracts.
        window: The time asked for.
        floor_points: The coverage under which nothing is judged, in basis points.
    """
    covered: defaultdict[MaintenanceContract, list[int]] = defaultdict(list)
    for contract, camera_id in session.execute(
        select(MaintenanceContract, Camera.id)
        .join(contract_sites, contract_sites.c.contract_id == MaintenanceContract.id)
        .outerjoin(Camera, Camera.site_id == contract_sites.c.site_id)
        .where(chosen)
        .order_by(MaintenanceContract.starts_on, MaintenanceContract.id, Camera.id)
    ):
        if window.cut(_in_force(contract)).length:
            covered[contract].extend([] if camera_id is None else [camera_id])
    if not covered:
        return []
    cameras = sorted({camera_id for found in covered.values() for camera_id in found})
    watched = {life.camera_id: life for life in lives(session, cameras, window)}
    planned = planned_spans(session, window)
    excused = _excused(session, window)
    known = rolled(session)
    accounts = []
    for contract, found in covered.items():
        asked = window.cut(_in_force(contract))
        mine = [watched[camera_id] for camera_id in found if camera_id in watched]
        kept = known.since_removal(asked)
        account = _account(contract, kept, mine, planned, excused, floor_points)
        accounts.append(account if kept == asked else _in_part(account))
    return accounts


def _account(  # noqa: PLR0913, PLR0917 - a contract, its time, and all that is known of it
    contract: MaintenanceContract,
    window: Span,
    watched: Sequence[Life],
    planned: PlannedSpans,
    excused: ExcusedTime,
    floor_points: int,
) -> ContractAccount:
    """Reckon one contract over its cameras, and judge it."""
    shares = [_share(life, window, planned, excused) for life in watched]
    raw = sum((life.reckon(window, planned) for life in watched), Reckoning())
    excluded = sum(tally.substituted for tally, _ in shares)
    seen = sum_tallies(tally for tally, _ in shares)
    # What was seen of an excused outage moves; what nobody saw of it stays unknown.
    counted = replace(seen, planned=seen.planned + excluded, substituted=0)
    target = contract.target_availability
    points = None if target is None else int(target * POINTS)
    if points is None:
        judgement = Judgement(None, ("no_target",))
    else:
        judgement = judge(counted, target_points=points, floor_points=floor_points)
    causes = {cause.value for _, found in shares for cause in found}
    if causes - set(contract.exclusions.split()):
        judgement = replace(judgement, reasons=(*judgement.reasons, "excluded_beyond_contract"))
    return ContractAccount(
        contract,
        window,
        raw.tally,
        Reckoning(counted, raw.transitions),
        excluded,
        points,
        floor_points,
        judgement,
    )


def _in_part(account: ContractAccount) -> ContractAccount:
    """Judge nothing where the evidence of a part was removed; the account tells the rest."""
    judgement = Judgement(Outcome.INSUFFICIENT, ("intervals_removed",))
    return replace(account, judgement=judgement)


def _share(
    life: Life, window: Span, planned: PlannedSpans, excused: ExcusedTime
) -> tuple[Tally, frozenset[Exclusion]]:
    """Tally one camera, its excused seconds as substituted, and say what excuses them."""
    mine = excused.of(life.site_id, life.camera_id)
    tally = device_tally(
        window,
        life.near(window),
        service=life.service,
        planned=planned.of(life.site_id, life.camera_id),
        substituted=[each.span for each in mine],
    )
    causes = [each.cause for each in mine if each.span.cut(window).length]
    return tally, frozenset(causes if tally.substituted else ())


def _excused(session: Session, window: Span) -> ExcusedTime:
    """Read the outages of a window that do not count; of all the register they are few."""
    start = seconds_of(Outage.started_at)
    end = func.coalesce(seconds_of(Outage.ended_at), window.end)
    rows = session.execute(
        select(Outage.site_id, Outage.camera_id, start, end, Outage.excluded_for)
        .where(Outage.excluded_for.is_not(None), start < window.end, end > window.start)
        .order_by(Outage.id)
    )
    sites: defaultdict[int, list[Excused]] = defaultdict(list)
    cameras: defaultdict[int, list[Excused]] = defaultdict(list)
    for site_id, camera_id, started_at, ended_at, cause in rows:
        found = sites[site_id] if camera_id is None else cameras[camera_id]
        if cause is not None:
            found.append(Excused(Span(started_at, ended_at), cause))
    return ExcusedTime(sites, cameras)


def _in_force(contract: MaintenanceContract) -> Span:
    """Return the time of a contract: from the midnight of its first day in Paris."""
    return service_bounds(contract.starts_on, contract.ends_on)


def _percent(points: int) -> str:
    """Write basis points as a percentage with two decimals."""
    return f"{points // 100}.{points % 100:02d}"
