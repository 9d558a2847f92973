"""Rules on cameras: authorised, installed, proven (A01, A03, A04, A05)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from registry.audit.rules.facts import AuthorisationFacts, CameraFacts, Facts, GrantFacts
from registry.audit.rules.findings import Evidence, Finding, RuleId, Severity
from registry.audit.rules.thresholds import Thresholds
from registry.clock import paris_day
from registry.funding.rules import BUILT, ENDED, GrantStatus

UNAUTHORISED = "CSI, L252-1, L252-4, L254-1"
OVER_COUNT = "CSI, L252-1"
VOTED_NUMBER = "number of cameras of the decision"
SERVICE_DONE = "certified delivery (service fait), before the balance"


def answering_without_authorisation(facts: Facts) -> Iterator[Finding]:
    """
    A01: find sites where a camera answered on a day that no order covers.

    What counts is the day of the last answer: a camera that fell silent while its
    order held has nothing against it.
    """
    orders = _by_site(facts.authorisations)
    for grant, site_id, cameras in _at_sites(facts):
        known = orders[site_id]
        uncovered = [each for each in cameras if _answered_uncovered(each, known)]
        if not uncovered:
            continue
        last = max(known, key=lambda order: order.expires_on, default=None)
        answered = max(each.answered_at for each in uncovered if each.answered_at)
        detail = "missing" if last is None else "expired"
        evidence = [Evidence("camera", each.name, each.answered_at) for each in uncovered]
        if last is not None:
            evidence.append(Evidence("authorisation", last.act_number, last.expires_on))
        yield Finding(
            rule=RuleId.A01,
            severity=Severity.CRITICAL,
            grant=grant.file_number,
            detail=detail,
            source=UNAUTHORISED,
            parameters={
                "site": facts.sites.get(site_id, ""),
                "count": str(len(uncovered)),
                "answered": paris_day(answered).isoformat(),
                "order": last.act_number if last else "",
                "expired": last.expires_on.isoformat() if last else "",
            },
            evidence=tuple(evidence),
        )


def more_than_authorised(facts: Facts, *, today: date) -> Iterator[Finding]:
    """
    A03: find classes of which more cameras are installed than the orders in force count.

    An order may cover several sites with one count, and a site several orders: sites
    that share an order are counted together. Where no order is in force there is no
    count to hold them to: that is A01's.
    """
    in_force = [each for each in facts.authorisations if each.in_force(today)]
    cameras: defaultdict[int, list[CameraFacts]] = defaultdict(list)
    for camera in facts.cameras:
        if camera.installed(today):
            cameras[camera.site_id].append(camera)
    numbers = {grant.grant_id: grant.file_number for grant in facts.grants}
    for orders in _sharing_sites(in_force):
        allowed: Counter[str] = Counter()
        for order in orders:
            allowed.update(order.counts)
        site_ids = sorted(frozenset().union(*(order.site_ids for order in orders)))
        there = [camera for site_id in site_ids for camera in cameras[site_id]]
        for kind, count in sorted(Counter(camera.camera_class for camera in there).items()):
            if count <= allowed[kind]:
                continue
            over = [camera for camera in there if camera.camera_class == kind]
            parameters = {
                "class": kind,
                "installed": str(count),
                "authorised": str(allowed[kind]),
                "orders": ", ".join(sorted(order.act_number for order in orders)),
                "sites": ", ".join(facts.sites.get(each, "") for each in site_ids),
            }
            papers = [
                Evidence("authorisation", order.act_number, order.expires_on) for order in orders
            ]
            for grant_id in sorted({camera.grant_id for camera in over if camera.grant_id}):
                if grant_id not in numbers:
                    continue
                yield Finding(
                    rule=RuleId.A03,
                    severity=Severity.CRITICAL,
                    grant=numbers[grant_id],
                    detail=kind,
                    source=OVER_COUNT,
                    parameters=parameters,
                    evidence=(*papers, *(Evidence("camera", each.name) for each in over)),
                )


def fewer_than_funded(facts: Facts, *, today: date) -> Iterator[Finding]:
    """
    A04: find grants under which fewer cameras are installed than were voted.

    Only once they should hang: the works are commissioned, or the vote is paid in full.
    """
    installed: Counter[int] = Counter()
    for camera in facts.cameras:
        if camera.grant_id is not None and camera.installed(today):
            installed[camera.grant_id] += 1
    for grant in facts.grants:
        count = installed[grant.grant_id]
        if _should_hang(grant) and count < grant.cameras_funded:
            yield Finding(
                rule=RuleId.A04,
                severity=Severity.MAJOR,
                grant=grant.file_number,
                detail="installed",
                source=VOTED_NUMBER,
                parameters={
                    "installed": str(count),
                    "funded": str(grant.cameras_funded),
                    "missing": str(grant.cameras_funded - count),
                },
                evidence=(Evidence("grant", grant.file_number),),
            )


def never_answered(facts: Facts, *, today: date, thresholds: Thresholds) -> Iterator[Finding]:
    """A05: find installed cameras that never said who they are, days after commissioning."""
    latest = today - timedelta(days=thresholds.silent_days)
    for grant, cameras in _by_grant(facts):
        silent = [
            camera
            for camera in cameras
            if camera.installed(today) and not camera.proven
            if camera.commissioned_on is not None and camera.commissioned_on <= latest
        ]
        if silent:
            yield Finding(
                rule=RuleId.A05,
                severity=Severity.MAJOR,
                grant=grant.file_number,
                detail="silent",
                source=SERVICE_DONE,
                parameters={"count": str(len(silent)), "days": str(thresholds.silent_days)},
                evidence=tuple(
                    Evidence("camera", each.name, each.commissioned_on) for each in silent
                ),
            )


def _answered_uncovered(camera: CameraFacts, orders: list[AuthorisationFacts]) -> bool:
    if camera.answered_at is None:
        return False
    day = paris_day(camera.answered_at)
    return not any(order.in_force(day) for order in orders)


def _should_hang(grant: GrantFacts) -> bool:
    if grant.status in ENDED and grant.status is not GrantStatus.CLOSED:
        return False
    return grant.status in BUILT or 0 < grant.voted_cents <= grant.paid_cents


def _by_site(
    orders: tuple[AuthorisationFacts, ...],
) -> defaultdict[int, list[AuthorisationFacts]]:
    found: defaultdict[int, list[AuthorisationFacts]] = defaultdict(list)
    for order in orders:
        for site_id in order.site_ids:
            found[site_id].append(order)
    return found


def _by_grant(facts: Facts) -> Iterator[tuple[GrantFacts, list[CameraFacts]]]:
    cameras: defaultdict[int | None, list[CameraFacts]] = defaultdict(list)
    for camera in facts.cameras:
        cameras[camera.grant_id].append(camera)
    for grant in facts.grants:
        yield grant, cameras[grant.grant_id]


def _at_sites(facts: Facts) -> Iterator[tuple[GrantFacts, int, list[CameraFacts]]]:
    """Yield the cameras of each grant, site by site."""
    for grant, cameras in _by_grant(facts):
        sites: defaultdict[int, list[CameraFacts]] = defaultdict(list)
        for camera in cameras:
            sites[camera.site_id].append(camera)
        for site_id in sorted(sites):
            yield grant, site_id, sites[site_id]


def _sharing_sites(orders: list[AuthorisationFacts]) -> list[list[AuthorisationFacts]]:
    """Put together the orders that, at first or second hand, cover a site in common."""
    groups: list[tuple[set[int], list[AuthorisationFacts]]] = []
    for order in orders:
        sites, together = set(order.site_ids), [order]
        apart = []
        for others, members in groups:
            if others & sites:
                sites |= others
                together = [*members, *together]
            else:
                apart.append((others, members))
        groups = [*apart, (sites, together)]
    return [members for _, members in groups]
