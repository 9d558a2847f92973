"""Writes checked rows: their grants, their sites, and through positions their cameras."""

from collections.abc import Iterable, Sequence

from sqlalchemy import inspect, update

from probes.verdict import is_placeholder, normalise_serial
from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.models import Site, SiteKind
from registry.fleet.rules import ImportRow, Zones, camera_key, merged
from registry.fleet.rules.consistency import SITE_FIELDS
from registry.fleet.rules.reach import LOCAL, stray_networks
from registry.fleet.rules.vocabulary import beneficiary_kind
from registry.fleet.service.positions import Positions
from registry.fleet.service.register import Register
from registry.fleet.service.report import CHANGED, TOLD_EVERY, UNCHANGED, Progress
from registry.fleet.vault import Vault
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Campaign,
    Grant,
    GrantStatus,
    Payment,
)
from registry.funding.rules import format_cents, rate_problems
from registry.funding.service import begin_life, declare_paid, vote_problems
from registry.signature import Signature
from registry.territory.models import Commune
from registry.territory.rules import normalise

# What stands for the population of the vote where no paper says it.
POPULATION_SOURCE = "INSEE, population municipale, au jour de l'import"


class Writer:
    """Brings the register to what rows say; `write` once, then read what it found."""

    def __init__(self, register: Register, vault: Vault, zones: Zones) -> None:
        """Start with nothing found."""
        self._register = register
        self._zones = zones
        self._positions = Positions(register, vault, zones)
        self.problems = self._positions.problems
        self.notes = self._positions.notes

    def write(self, rows: Sequence[ImportRow], progress: Progress | None = None) -> list[str]:
        """Write every row and return what became of each: new, changed or unchanged."""
        session = self._register.session
        with session.no_autoflush:
            self._register.read(rows)
            grants = {key for key, group in _grouped(rows).items() if self._grant(group)}
            sites = {key for key, group in _at_site(rows).items() if self._site(group)}
            states = []
            for done, row in enumerate(rows):
                if progress and done % TOLD_EVERY == 0:
                    progress(done, len(rows))
                state = self._positions.compare(row)
                touched = row.file_number in grants or row.site_key in sites
                states.append(CHANGED if touched and state == UNCHANGED else state)
        if not self.problems:
            self._lower_payments()
            # Replaced units leave before the new ones come, because the database
            # holds a position to one mounted unit.
            session.flush()
            self._positions.insert()
        return states

    def _lower_payments(self) -> None:
        """
        Write the payments of a grant whose vote shrinks before its vote.

        A flush writes grants first, and the database refuses a vote below what is paid.
        """
        session = self._register.session
        for grant in self._register.grants.values():
            before = inspect(grant).attrs.voted_cents.history.deleted
            if not before or before[0] <= grant.voted_cents:
                continue
            for payment in grant.payments:
                if payment.id is not None:
                    lowered = update(Payment).where(Payment.id == payment.id)
                    with session.no_autoflush:
                        session.execute(lowered.values(paid_cents=payment.paid_cents))

    def shared_serials(self, rows: Sequence[ImportRow]) -> list[Problem]:
        """Say which serials of the file stand at more than one position of the register."""
        places = {
            normalise_serial(row.serial): row
            for row in reversed(rows)
            if row.serial and not is_placeholder(row.serial)
        }
        found = []
        for serial, files in queries.grants_by_serial(self._register.session, places).items():
            if len(files) > 1:
                row = places[serial]
                grants = sorted(set(files))
                others = [each for each in grants if each != row.file_number]
                code = "serial.elsewhere" if others else "serial.twice"
                said = {"grants": ", ".join(others or grants)}
                found.append(Problem(code, row.cell("serial"), row.serial or "", said))
        return found

    def _grant(self, rows: Sequence[ImportRow]) -> bool:
        first = rows[0]
        campaign = self._register.campaigns[(first.programme, first.year)]
        commune = self._register.communes[first.insee]
        grant = self._register.grants.get(first.file_number)
        beneficiary = self._beneficiary(rows, "" if grant is None else f"grant:{grant.file_number}")
        if grant is not None and grant.campaign_id != campaign.id:
            known = {"known": f"{grant.campaign.programme.name}, {grant.campaign.year}"}
            where = first.cell("file_number")
            self.problems.append(Problem("grant.elsewhere", where, first.file_number, known))
            return False
        is_new = grant is None
        if grant is None:
            grant = _new_grant(first, campaign, beneficiary, commune)
            self._register.session.add(grant)
            self._register.grants[first.file_number] = grant
        values = {
            "beneficiary": beneficiary,
            "decision_number": merged(rows, "decision_number"),
            "decided_on": merged(rows, "decided_on"),
            "eligible_cents": merged(rows, "eligible_cents"),
            "voted_cents": merged(rows, "voted_cents"),
            "cameras_funded": merged(rows, "cameras_funded"),
        }
        subject = "" if is_new else f"grant:{first.file_number}"
        changed = self._register.assign(grant, values, subject=subject)
        if is_new:
            # The vote is what a file tells of: its date dates the first step.
            signed = Signature(actor=self._register.actor, at=self._register.at)
            begin_life(grant, status=GrantStatus.VOTED, since=grant.decided_on, signed=signed)
            self._register.make(f"grant:{first.file_number}", {**values, **_only_new(rows)})
        base = grant.project_cents if grant.eligible_cents is None else grant.eligible_cents
        beyond = rate_problems(grant.voted_cents, base)
        self._refuse(beyond, first.cell("voted_cents"))
        return self._pay(grant, rows, subject) or changed

    def _refuse(self, problems: Iterable[Problem], where: str) -> None:
        """Say at a cell what money does not allow, with its figures as people read them."""
        for each in problems:
            said = {
                name.removesuffix("_cents"): format_cents(int(cents))
                for name, cents in each.parameters.items()
            }
            value = format_cents(int(each.value))
            self.problems.append(Problem(each.code, where, value, said))

    def _pay(self, grant: Grant, rows: Sequence[ImportRow], subject: str) -> bool:
        """Bring a grant to the total that a file knows as paid."""
        row = next((each for each in rows if each.paid_cents is not None), None)
        if row is None or row.paid_cents is None:
            self._refuse(vote_problems(grant), rows[0].cell("voted_cents"))
            return False
        before = grant.paid_cents or 0
        try:
            changed = declare_paid(grant, row.paid_cents)
        except Invalid as error:
            self._refuse(error.problems, row.cell("paid_cents"))
            return False
        if changed and subject:
            self._register.before.setdefault(subject, {})["paid_cents"] = before
            self._register.after.setdefault(subject, {})["paid_cents"] = row.paid_cents
        return changed

    def _beneficiary(self, rows: Sequence[ImportRow], subject: str) -> Beneficiary:
        name = rows[0].beneficiary
        said = merged(rows, "beneficiary_kind")
        kind = BeneficiaryKind(str(said) if said else beneficiary_kind(name))
        insee = ""
        if kind is BeneficiaryKind.COMMUNE:
            known = self._register.communes
            namesakes = [r.insee for r in rows if _names(name, known[r.insee])]
            insee = namesakes[0] if namesakes else ""
        key = (str(kind), normalise(name), insee)
        body = self._register.beneficiaries.get(key)
        if body is None:
            body = Beneficiary(kind=kind, name=name, normalised_name=key[1], insee=insee)
            self._register.session.add(body)
            self._register.beneficiaries[key] = body
        self._register.assign(body, {"siren": merged(rows, "siren")}, subject=subject)
        return body

    def _site(self, rows: Sequence[ImportRow]) -> bool:
        first = rows[0]
        site = self._register.sites.get(first.site_key)
        is_new = site is None
        if site is None:
            site = Site(
                public_id=self._register.next_public_id(first.insee),
                insee=first.insee,
                kind=SiteKind(first.site_kind),
                name=first.site,
                normalised_name=normalise(first.site),
                zone=LOCAL,
                networks="",
            )
            self._register.session.add(site)
            self._register.sites[first.site_key] = site
        values = {key: merged(rows, key) for key in SITE_FIELDS}
        subject = "" if is_new else f"site:{site.public_id}"
        changed = self._register.assign(site, values, subject=subject)
        if is_new:
            named = {"insee": site.insee, "kind": site.kind, "name": site.name}
            self._register.make(f"site:{site.public_id}", {**named, **values})
        for stray in stray_networks(site.zone, site.networks, self._zones):
            where = first.cell("networks")
            self.problems.append(Problem(stray.code, where, stray.value, stray.parameters))
        if changed and not is_new:
            # The monitor reads cameras that moved: theirs is what their site says.
            for row in rows:
                if camera := self._register.cameras.get(camera_key(row)):
                    camera.changed_at = self._register.at
        return changed


def _only_new(rows: Sequence[ImportRow]) -> dict[str, object]:
    """Return what the journal says of a grant when it is new, beside its values."""
    first = rows[0]
    paid = next((each.paid_cents for each in rows if each.paid_cents is not None), None)
    return {
        "programme": first.programme,
        "year": first.year,
        "status": GrantStatus.VOTED,
        "siren": merged(rows, "siren"),
        "paid_cents": paid,
    }


def _grouped(rows: Sequence[ImportRow]) -> dict[str, list[ImportRow]]:
    groups: dict[str, list[ImportRow]] = {}
    for row in rows:
        groups.setdefault(row.file_number, []).append(row)
    return groups


def _at_site(rows: Sequence[ImportRow]) -> dict[tuple[str, str, str], list[ImportRow]]:
    groups: dict[tuple[str, str, str], list[ImportRow]] = {}
    for row in rows:
        groups.setdefault(row.site_key, []).append(row)
    return groups


def _names(beneficiary: str, commune: Commune) -> bool:
    """Tell whether a beneficiary's name is that of a commune, "Ville de" or not."""
    name = normalise(beneficiary)
    return name == commune.search_name or name.endswith(
        tuple(f"{before} {commune.search_name}" for before in ("de", "d", "du", "des"))
    )


def _new_grant(
    row: ImportRow, campaign: Campaign, beneficiary: Beneficiary, commune: Commune
) -> Grant:
    # The population of today stands for that of the vote, which no file says; only
    # for a commune that is itself the beneficiary does it mean anything.
    own = beneficiary.insee == commune.insee
    return Grant(
        file_number=row.file_number,
        campaign=campaign,
        beneficiary=beneficiary,
        voted_cents=row.voted_cents,
        cameras_funded=row.cameras_funded,
        population=commune.population if own else None,
        population_year=commune.population_year if own else None,
        population_source=POPULATION_SOURCE if own and commune.population is not None else "",
    )
