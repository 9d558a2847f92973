"""Hours of power by the API."""

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_commune, make_site
from tests.web.programs import MakeProgram, Program, errors, items

NIGHT, EVENING = "mon-sun 20:00-06:00", "mon-sun 18:00-23:00"


@pytest.fixture
def site(session: Session) -> str:
    """Write a site in the Nord and return its identifier."""
    site = make_site(session)
    session.commit()
    return site.public_id


def hours(site: str, **other: object) -> dict[str, object]:
    """Return hours to put in force at a site."""
    return {"site": site, "hours": NIGHT, "from_on": "2026-01-01", "why": "candélabres", **other}


def test_hours_are_listed_by_site_with_those_of_before(api: Program, site: str) -> None:
    """In bulk: what is in force from March ends what was in force since January."""
    added = api(
        "POST", "power-hours/bulk", [hours(site), hours(site, hours=EVENING, from_on="2026-03-01")]
    )

    assert added.status_code == 201, added.text
    listed = items(api("GET", f"power-hours?site={site}"))
    assert [(each["hours"], each["from_on"], each["until_on"]) for each in listed] == [
        (NIGHT, "2026-01-01", "2026-03-01"),
        (EVENING, "2026-03-01", None),
    ]


def test_hours_are_set_right_with_a_reason_and_the_version_read(api: Program, site: str) -> None:
    """What is wrong is said under the field's own name, in the reader's language."""
    added = api("POST", "power-hours", hours(site))
    path, etag = f"power-hours/{added.get_json()['id']}", added.headers["ETag"]

    silent = api("PATCH", path, {"hours": EVENING}, If_Match=etag)
    wrong = api("PATCH", path, {"hours": "la nuit", "why": "x"}, If_Match=etag,
                Accept_Language="fr")  # fmt: skip
    ended = api("PATCH", path, {"until_on": "2026-06-01", "why": "coffret"}, If_Match=etag)
    late = api("PATCH", path, {"hours": EVENING, "why": "x"}, If_Match=etag)

    assert errors(silent)[0]["field"] == "why"
    assert "heures de la semaine" in errors(wrong)[0]["message"]
    assert ended.get_json()["until_on"] == "2026-06-01"
    assert (late.status_code, api("PATCH", path, {}).status_code) == (412, 428)


def test_the_same_hours_twice_are_told(api: Program, site: str) -> None:
    """And those of a site that is not there."""
    api("POST", "power-hours", hours(site))

    assert api("POST", "power-hours", hours(site)).status_code == 409
    assert errors(api("POST", "power-hours", hours("59054-99")))[0]["field"] == "site"


def test_hours_keep_to_the_territory_of_their_site(
    api: Program, program: MakeProgram, session: Session, site: str
) -> None:
    """A department's token sees and feeds its own sites only."""
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    elsewhere = make_site(session, insee="02691").public_id
    session.commit()
    for each in (site, elsewhere):
        api("POST", "power-hours", hours(each))
    nord = program(territory=("department:59",))

    assert [each["site"] for each in items(nord("GET", "power-hours"))] == [site]
    assert nord("POST", "power-hours", hours(elsewhere, hours=EVENING)).status_code == 403
