"""What the register holds of a file's grants, sites and cameras, ready to be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.fleet import queries
from registry.fleet.models import Camera, Site
from registry.fleet.rules import ImportRow
from registry.funding.models import Beneficiary, Campaign, Grant
from registry.territory.models import Commune
from registry.territory.rules import normalise

SiteKey = tuple[str, str, str]
CameraKey = tuple[str, str, str, str]
BeneficiaryKey = tuple[str, str, str]


@dataclass(slots=True)
class Register:
    """
    Rows of the database by the keys that a file knows them by.

    Read in a few statements before anything is compared, whatever the number of
    rows in the file; what the import creates joins them here.
    """

    session: Session
    at: datetime
    communes: Mapping[str, Commune]
    campaigns: Mapping[tuple[str, int], Campaign]
    actor: str
    file: str = ""
    reason: str = ""
    grants: dict[str, Grant] = field(default_factory=dict)
    beneficiaries: dict[BeneficiaryKey, Beneficiary] = field(default_factory=dict)
    sites: dict[SiteKey, Site] = field(default_factory=dict)
    cameras: dict[CameraKey, Camera] = field(default_factory=dict)
    before: dict[str, dict[str, object]] = field(default_factory=dict)
    after: dict[str, dict[str, object]] = field(default_factory=dict)
    created: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def read(self, rows: Iterable[ImportRow]) -> None:
        """Read what the rows may be about."""
        files = {row.file_number for row in rows}
        for chunk in queries.chunks(files):
            found = self.session.scalars(
                select(Grant)
                .options(
                    joinedload(Grant.beneficiary),
                    joinedload(Grant.campaign),
                    selectinload(Grant.payments),
                )
                .where(Grant.file_number.in_(chunk))
            )
            self.grants.update((grant.file_number, grant) for grant in found)
        for body in self.session.scalars(select(Beneficiary)):
            self.beneficiaries[(body.kind, body.normalised_name, body.insee)] = body
        keys: dict[int, SiteKey] = {}
        for site in queries.sites_in(self.session, {row.insee for row in rows}):
            key = (site.insee, str(site.kind), site.normalised_name)
            self.sites[key] = site
            keys[site.id] = key
            number = int(site.public_id.rpartition("-")[2])
            self._numbers[site.insee] = max(number, self._numbers.get(site.insee, 0))
        for camera in queries.whole_cameras(self.session, keys):
            self.cameras[(*keys[camera.site_id], normalise(camera.label))] = camera

    def next_public_id(self, insee: str) -> str:
        """Return the next identifier of a commune's sites, above all those ever given."""
        self._numbers[insee] = self._numbers.get(insee, 0) + 1
        return f"{insee}-{self._numbers[insee]:02d}"

    def assign(self, row: object, values: Mapping[str, object], *, subject: str = "") -> bool:
        """
        Set what is known and differs; tell whether anything did.

        None says nothing: what stands stays. With a subject the change is kept for
        the journal, before and after.
        """
        changed = False
        for name, value in values.items():
            standing = getattr(row, name)
            if value is None or standing == value:
                continue
            if subject:
                self.before.setdefault(subject, {})[name] = _word(standing)
                self.after.setdefault(subject, {})[name] = _word(value)
            setattr(row, name, value)
            changed = True
        return changed

    def make(self, subject: str, values: Mapping[str, object]) -> None:
        """Keep for the journal what something new was said to be; blanks say nothing."""
        self.created[subject] = {
            name: _word(value) for name, value in values.items() if value not in {None, ""}
        }


def _word(value: object) -> object:
    """Name a row in the journal; every other value is its own word."""
    if isinstance(value, Grant):
        return value.file_number
    return value.name if isinstance(value, Beneficiary) else value
