"""Pages of a list: complete, in order, as narrow as they are asked for."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.factories import make_camera, make_commune, make_site
from tests.web.programs import MakeProgram, Program, items
from tests.web.visitors import counted_selects


@pytest.fixture
def seven(session: Session) -> None:
    """Write seven cameras at one site, whose order by change has ties."""
    site = make_site(session)
    for number in range(7):
        make_camera(session, site=site, port=80 + number % 3)
    session.commit()


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("sort", ["id", "-id", "changed_at", "-changed_at"])
def test_pages_follow_one_another_without_a_gap(api: Program, sort: str) -> None:
    """Three at a time gives what all at once gives, ties in the order included."""
    whole = [each["id"] for each in items(api("GET", f"cameras?sort={sort}"))]

    found, asked = [], {"limit": 3, "sort": sort}
    while True:
        page = api("GET", f"cameras?{urlencode(asked)}").get_json()
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]

    assert found == whole
    assert len(found) == 7


@pytest.mark.usefixtures("seven")
def test_a_row_that_comes_in_between_moves_no_page(api: Program, session: Session) -> None:
    """A cursor names a row, not a number of rows: nothing is read twice."""
    first = api("GET", "cameras?limit=5&sort=-id").get_json()
    make_camera(session)
    session.commit()

    rest = api("GET", f"cameras?limit=5&sort=-id&cursor={first['next']}").get_json()

    seen = [each["id"] for each in first["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.usefixtures("seven")
def test_only_the_fields_that_are_asked_for_are_sent(api: Program) -> None:
    """A narrow list is narrow in the database too, and has no total unless it is asked for."""
    page = api("GET", "cameras?fields=label,port").get_json()
    counted = api("GET", "cameras?fields=id&limit=2&count=true&port=80").get_json()

    assert {tuple(each) for each in page["items"]} == {("label", "port")}
    assert "total" not in page
    assert (len(counted["items"]), counted["total"]) == (2, 3)


@pytest.mark.usefixtures("seven")
def test_a_list_asks_as_much_for_seven_rows_as_for_one(api: Program, engine: Engine) -> None:
    """The number of statements does not grow with the page."""
    api("GET", "cameras?limit=1")  # the first request of a token keeps when it was used
    with counted_selects(engine) as one:
        api("GET", "cameras?limit=1")
    with counted_selects(engine) as all_of_them:
        api("GET", "cameras")

    assert len(one) == len(all_of_them) == 2


def test_a_row_has_the_same_version_in_a_list_and_alone(api: Program, session: Session) -> None:
    """What was read in a list can be changed without reading it once more."""
    camera = make_camera(session)
    session.commit()

    (listed,) = items(api("GET", "cameras"))
    alone = api("GET", f"cameras/{camera.id}")

    assert alone.headers["ETag"] == f'"{listed["etag"]}"'
    assert alone.get_json() == listed


def test_what_has_not_changed_is_not_sent_again(api: Program, session: Session) -> None:
    """A client that has the version gets 304 and no body."""
    camera = make_camera(session)
    session.commit()
    etag = api("GET", f"cameras/{camera.id}").headers["ETag"]

    again = api("GET", f"cameras/{camera.id}", If_None_Match=etag)

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["cameras/404", "cameras/0", f"cameras/{2**40}", "communes/%00"])
def test_what_is_not_there_is_404(api: Program, path: str) -> None:
    """A number that no row can have is not there either."""
    assert api("GET", path).status_code == 404


def test_a_token_sees_its_own_territory_only(program: MakeProgram, session: Session) -> None:
    """What lies elsewhere is not in the lists, and is not there when it is asked for."""
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    here = make_camera(session)
    there = make_camera(session, site=make_site(session, insee="02691"))
    session.commit()
    nord = program(territory=("department:59",))

    assert [each["id"] for each in items(nord("GET", "cameras"))] == [here.id]
    assert items(nord("GET", "cameras?department=02")) == []
    assert nord("GET", f"cameras/{there.id}").status_code == 404
    assert [each["insee"] for each in items(nord("GET", "communes"))] == ["59054"]
