"""Finds where rows of one file contradict each other."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from registry.errors import Problem
from registry.fleet.rules.cells import shown
from registry.fleet.rules.columns import BY_KEY
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
SITE_FIELDS = ("address", "uic", "uai", "gateway_host")


def contradictions(rows: Iterable[ImportRow]) -> list[Problem]:
    """Return every cell that says another thing than one above it, naming both cells."""
    listed = list(rows)
    return [
        *_differing(listed, _by_grant, GRANT_FIELDS),
        *_differing(listed, _by_site, SITE_FIELDS),
        *_doubled(listed),
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
    first: dict[tuple[Hashable, str], ImportRow] = {}
    for row in rows:
        for field in fields:
            value = getattr(row, field)
            if value is None:
                continue
            before = first.setdefault((group(row), field), row)
            if before is not row and _plain(getattr(before, field)) != _plain(value):
                yield Problem(
                    "cell.contradicts",
                    row.cell(field),
                    shown(value, BY_KEY[field]),
                    {
                        "column": BY_KEY[field].header,
                        "first": before.cell(field),
                        "said": shown(getattr(before, field), BY_KEY[field]),
                    },
                )


def _plain(value: object) -> object:
    return normalise(value) if isinstance(value, str) else value


def _doubled(rows: list[ImportRow]) -> Iterator[Problem]:
    first: dict[Hashable, ImportRow] = {}
    for row in rows:
        before = first.setdefault(camera_key(row), row)
        if before is not row:
            yield Problem(
                "camera.twice", row.cell("label"), row.label, {"first": before.cell("label")}
            )
