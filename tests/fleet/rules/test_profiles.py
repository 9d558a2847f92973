"""Foreign headers and words become ours; cells keep their names."""

from registry.fleet.rules.profiles import Profile, translated
from registry.sheets import Row, Sheet

PROFILE = Profile(
    name="x",
    title="X",
    kind="cameras",
    source="",
    columns={"refcam": "Caméra", "support": "Support"},
    ignored=frozenset({"gid"}),
    words={"Support": {"LAMP": "Candélabre"}},
)


def sheet(*rows: list[str]) -> Sheet:
    """Return a sheet of these rows."""
    return Sheet("S", [Row(number, row) for number, row in enumerate(rows, start=1)])


def test_headers_and_words_are_translated_in_place() -> None:
    """Titles above stay, what is passed over is blank, constants come at the end."""
    told = translated(
        sheet(["Inventaire"], ["GID", "RefCam", "support"], ["1", "A", "lamp"], ["2", "B"], []),
        PROFILE,
        {"Site": "59054-01"},
    )

    assert [list(row.values) for row in told.rows] == [
        ["Inventaire"],
        ["", "Caméra", "Support", "Site"],
        [None, "A", "Candélabre", "59054-01"],
        [None, "B", None, "59054-01"],
        [None, None, None],
    ]
    assert [row.number for row in told.rows] == [1, 2, 3, 4, 5]


def test_a_sheet_that_is_not_of_the_profile_stays() -> None:
    """One known header is chance."""
    other = sheet(["refcam", "x"], ["1", "2"])

    assert translated(other, PROFILE, {}) is other
