"""Many rows at once: the same rows as one by one, whatever their number and the database."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from registry.bulk import FEWEST_TO_STREAM, add_rows
from registry.fleet.models import Camera, CameraClass, Credential, Scheme
from tests.factories import make_camera, make_site

NUMBERS = pytest.mark.parametrize("number", [1, FEWEST_TO_STREAM - 1, FEWEST_TO_STREAM + 1])
LATE = datetime(2026, 11, 23, 13, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))


def positions(site_id: int, number: int) -> list[dict[str, object]]:
    """Return the rows of some cameras, each saying no more than it must."""
    return [
        {"site_id": site_id, "label": f"Caméra\t{place}\\N", "changed_at": LATE}
        for place in range(number)
    ]


@NUMBERS
def test_rows_read_back_as_they_were_given(session: Session, number: int) -> None:
    """Words with tabs and backslashes, dates, instants of any zone and members of a set."""
    site = make_site(session)
    said = {"scheme": Scheme.HTTPS, "commissioned_on": date(2026, 1, 2), "rtsp_port": 554}

    add_rows(session, Camera, [{**row, **said} for row in positions(site.id, number)])

    cameras = session.scalars(select(Camera).order_by(Camera.id)).all()
    assert [camera.label for camera in cameras] == [f"Caméra\t{n}\\N" for n in range(number)]
    for camera in cameras:
        assert camera.scheme is Scheme.HTTPS
        assert camera.commissioned_on == date(2026, 1, 2)
        assert camera.rtsp_port == 554
        assert camera.changed_at == LATE.astimezone(UTC)


@NUMBERS
def test_what_a_row_leaves_out_takes_its_default_or_null(session: Session, number: int) -> None:
    """Rows need not name the same columns."""
    site = make_site(session)
    rows = positions(site.id, number)
    rows[0]["port"] = 8080

    add_rows(session, Camera, rows)

    cameras = session.scalars(select(Camera).order_by(Camera.id)).all()
    assert [camera.port for camera in cameras] == [8080, *[80] * (number - 1)]
    assert {camera.camera_class for camera in cameras} == {CameraClass.PUBLIC_ROAD}
    assert {camera.retired_on for camera in cameras} == {None}


@NUMBERS
def test_sealed_bytes_stay_what_they_are(session: Session, number: int) -> None:
    """A zero byte and a backslash are bytes like any other."""
    cameras = [make_camera(session) for _ in range(number)]
    sealed = b"\x00\\x41\xff"

    add_rows(
        session,
        Credential,
        [
            {"camera_id": each.id, "username": "u", "sealed_password": sealed, "changed_at": LATE}
            for each in cameras
        ],
    )

    assert set(session.scalars(select(Credential.sealed_password))) == {sealed}


def test_what_the_session_holds_is_written_first(session: Session) -> None:
    """A row may point at one that was only added."""
    camera = make_camera(session)
    camera.label = "renamed"

    add_rows(session, Camera, positions(camera.site_id, 1))

    assert not session.dirty


def test_no_rows_ask_nothing_of_the_database(session: Session) -> None:
    """An import without accounts writes none."""
    add_rows(session, Credential, [])

    assert session.scalars(select(Credential)).all() == []


@NUMBERS
def test_a_row_that_fits_no_constraint_is_refused(session: Session, number: int) -> None:
    """Whichever way the rows took, callers meet the same error."""
    rows = positions(make_site(session).id, number)

    with pytest.raises(IntegrityError):
        add_rows(session, Camera, [*rows, rows[0]])


@pytest.mark.parametrize("number", [1, FEWEST_TO_STREAM])
def test_a_value_that_is_too_long_is_refused_where_lengths_are_held(
    session: Session, number: int
) -> None:
    """PostgreSQL holds them; its error comes through as the library's own."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite holds no length")
    rows = positions(make_site(session).id, number)
    rows[-1]["label"] = "x" * 61

    with pytest.raises(DataError):
        add_rows(session, Camera, rows)
