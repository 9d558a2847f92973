"""Places by the API."""

from sqlalchemy.orm import Session

from tests.factories import make_commune
from tests.web.programs import Program, items


def test_communes_are_found_by_code_and_place(api: Program, session: Session) -> None:
    """A code is a text, and a list keeps to a department."""
    make_commune(session)
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    session.commit()

    assert api("GET", "communes/02691").get_json()["name"] == "Saint-Quentin"
    assert [each["insee"] for each in items(api("GET", "communes?department=59"))] == ["59054"]
    assert [each["insee"] for each in items(api("GET", "communes?population_min=1000"))] == [
        "02691"
    ]
    assert [each["code"] for each in items(api("GET", "departments?sort=-code"))] == ["59", "02"]
    assert items(api("GET", "epcis")) == []
