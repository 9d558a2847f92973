"""Finds where rows of one file contradict each other."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from registry.errors import Problem
from registry.fleet.rules.columns import BY_KEY
from registry.fleet.rules.readers import shown
from registry.fleet.rules.rows import ImportRow
from registry.territory.rules import normalise

GRANT_FIELDS = (
    "programme",
    "year",
    "beneficiary",
    "beneficiary_kind",
    "siren",
    "decision_number",
    "decided_on",
    "eligible_cents",
    "voted_cents",
    "paid_cents",
    "cameras_funded",
)
_SITE_KEY = {"insee", "site_kind", "site"}
SITE_FIELDS = ("address", "uic", "uai", "zone", "networks", "gateway_host")


def contradictions(rows: Iterable[ImportRow]) -> list[Problem]:
    """Return every cell that says another thing than one above it, naming both cells."""
    listed = list(rows)
    of_grants = [row for row in listed if "file_number" not in row.unread]
    of_sites = [row for row in listed if not row.unread & _SITE_KEY]
    return [
        *_differing(of_grants, _by_grant, GRANT_FIELDS),
        *_differing(of_sites, _by_site, SITE_FIELDS),
        *_doubled([row for row in of_sites if "label" not in row.unread]),
    ]


def merged(rows: Sequence[ImportRow], field: str) -> object:
    """Return what rows of one grant or site say together: the first that is not blank."""
    return next((found for row in rows if (found := getattr(row, field)) is not None), None)


def camera_key(row: ImportRow) -> tuple[str, str, str, str]:
    """Return what a camera is known by: its site and its label, however it is spelt."""
    return *row.site_key, normalise(row.label)


def _by_grant(row: ImportRow) -> Hashable:
    return row.file_number


def _by_site(row: ImportRow) -> Hashable:
    return row.site_key


def _differing(
    rows: list[ImportRow], group: Callable[[ImportRow], Hashable], fields: tuple[str, ...]
) -> Iterator[Problem]:
    first: dict[Hashable, dict[str, ImportRow]] = {}
    for row in rows:
        said = first.setdefault(group(row), {})
        for field in fields:
            value = getattr(row, field)
            if value is None or field in row.unread:
                continue
            before = said.setdefault(field, row)
            if not _agree(getattr(before, field), value):
                yield _contradiction(row, before, field)


def _contradiction(row: ImportRow, before: ImportRow, field: str) -> Problem:
    column = BY_KEY[field]
    said = {
        "column": column.header,
        "first": before.cell(field),
        "said": shown(getattr(before, field), column),
    }
    return Problem("cell.contradicts", row.cell(field), shown(getattr(row, field), column), said)


def _agree(one: object, other: object) -> bool:
    if one == other:
        return True
    both = isinstance(one, str) and isinstance(other, str)
    return both and normalise(str(one)) == normalise(str(other))


def _doubled(rows: list[ImportRow]) -> Iterator[Problem]:
    first: dict[Hashable, ImportRow] = {}
    for row in rows:
        before = first.setdefault(camera_key(row), row)
        if before is not row:
            yield Problem(
                "camera.twice", row.cell("label"), row.label, {"first": before.cell("label")}
            )
