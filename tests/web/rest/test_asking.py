"""What a list may be asked for: every filter, every order, and nothing else."""

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_camera, make_commune, make_grant, make_site
from tests.web.programs import Program, errors, items


@pytest.fixture
def region(session: Session) -> None:
    """Write three cameras: two in the Nord, one in the Aisne; one of them funded."""
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    nord, aisne = make_site(session), make_site(session, insee="02691")
    make_camera(session, site=nord, grant=make_grant(session, file_number="23-7"), port=80)
    make_camera(session, site=nord, port=81, commissioned_on=None)
    make_camera(session, site=aisne, port=82)
    session.commit()


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("query", "ports"),
    [
        ("", [80, 81, 82]),
        ("port=80", [80]),
        ("port=80&port=82", [80, 82]),
        ("port_min=81", [81, 82]),
        ("port_min=81&port_max=81", [81]),
        ("file_number=23-7", [80]),
        ("file_number_null=true", [81, 82]),
        ("file_number_null=false", [80]),
        ("commissioned_on_min=2026-01-01", [80, 82]),
        ("commissioned_on_null=true", [81]),
        ("changed_at_max=2025-12-31T00:00:00Z", []),
        ("camera_class=public_road&password_text=false", [80, 81, 82]),
        ("insee=02691", [82]),
        ("commune=59054", [80, 81]),
        ("department=59", [80, 81]),
        ("department=59&department=02", [80, 81, 82]),
        ("epci=200067742", []),
        ("sort=-id", [82, 81, 80]),
        ("sort=changed_at", [80, 81, 82]),
    ],
)
def test_filters_leave_what_they_say(api: Program, query: str, ports: list[int]) -> None:
    """Every listed field is a filter, and so is the territory."""
    assert [each["port"] for each in items(api("GET", f"cameras?{query}"))] == ports


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("departement=59", "departement"),
        ("port=eighty", "port"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("sort=host", "sort"),
        ("fields=id,secret", "fields"),
        ("count=perhaps", "count"),
        ("commissioned_on_min=yesterday", "commissioned_on_min"),
        ("cursor=x", "cursor"),
        ("cursor=WyJpZCIsImEiLCJiIl0", "cursor"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_named(api: Program, query: str, field: str) -> None:
    """A filter with a typing error does not give the whole list."""
    refused = api("GET", f"cameras?{query}")

    (said,) = errors(refused)
    assert refused.status_code == 422
    assert (said["field"], bool(said["message"]), "pointer" in said) == (field, True, False)
    assert said["value"] in query


@pytest.mark.usefixtures("region")
def test_a_cursor_of_another_order_is_refused(api: Program) -> None:
    """Going on in another order would leave rows out without a word."""
    word = api("GET", "cameras?limit=1&sort=-id").get_json()["next"]

    assert errors(api("GET", f"cameras?limit=1&cursor={word}"))[0]["field"] == "cursor"
