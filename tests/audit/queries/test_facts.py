"""What is read for the audit of one grant: itself, and all that touches it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.audit.queries import read_facts
from registry.fleet.models import Camera, CameraClass
from registry.funding.models import EnvelopeVote, Funder, FundingLine, GrantStatus, LineState
from registry.funding.rules import Share
from tests.audit.planting import authorise, clean_field, live_camera, twice
from tests.factories import make_campaign, make_grant, make_site


def names(cameras: object) -> set[str]:
    """Return the names of cameras."""
    return {camera.name for camera in cameras}  # type: ignore[attr-defined]  # any of them


def test_the_facts_of_all_are_all(session: Session, now: datetime) -> None:
    """Every grant, every camera with its site and its last answers, every order."""
    ground = clean_field(session, now)

    facts = read_facts(session)

    assert [grant.file_number for grant in facts.grants] == ["23-1", "23-2"]
    assert len(facts.cameras) == 4
    assert all(camera.mounted and camera.identified_at == now for camera in facts.cameras)
    assert set(facts.sites.values()) == {site.public_id for site in ground.sites}
    assert [order.counts["public_road"] for order in facts.authorisations] == [2, 2]
    assert facts.units == ()


def test_a_camera_is_named_by_its_site_and_its_label(session: Session, now: datetime) -> None:
    """As the pages name it."""
    clean_field(session, now)
    camera = session.get_one(Camera, 1)

    facts = read_facts(session)

    assert facts.cameras[0].name == f"{camera.site.public_id}/{camera.label}"


def test_one_grant_brings_the_sites_that_share_an_order(session: Session, now: datetime) -> None:
    """At second and third hand too: an order counts the cameras of all its sites together."""
    ground = clean_field(session, now)
    further, apart = make_site(session), make_site(session)
    authorise(ground, ground.sites[0], ground.sites[1])
    authorise(ground, ground.sites[1], further)
    far = live_camera(ground, ground.other, further, camera_class=CameraClass.INTERIOR)
    live_camera(ground, ground.other, apart)
    session.flush()

    facts = read_facts(session, grant_ids=[ground.one.id])

    assert len(facts.cameras) == 5
    assert f"{further.public_id}/{far.label}" in names(facts.cameras)
    assert apart.id not in facts.sites


def test_one_grant_brings_the_units_of_others_with_the_same_serial(
    session: Session, now: datetime
) -> None:
    """And the number of the grant that they stand under."""
    ground = clean_field(session, now)
    twice(ground)
    session.flush()

    facts = read_facts(session, grant_ids=[ground.one.id])

    assert {unit.grant_id for unit in facts.units} == {ground.one.id, ground.other.id}
    assert {grant.file_number for grant in facts.grants} == {"23-1", "23-2"}


def test_a_plan_comes_with_its_lines(session: Session, now: datetime) -> None:
    """Who pays what is judged, so it is read."""
    ground = clean_field(session, now)
    session.add(FundingLine(grant_id=ground.one.id, funder=Funder.DETR, asked_cents=5))
    session.flush()

    facts = read_facts(session, grant_ids=[ground.one.id])

    assert facts.grants[0].shares == (Share(Funder.DETR, LineState.ASKED, 5, 0),)
    assert facts.grants[0].paid_cents == 600_000


def test_an_envelope_is_drawn_in_the_order_of_decisions(session: Session) -> None:
    """By grants in force alone, the undated last; one grant is told what came before it."""
    campaign = make_campaign(session)
    for rank, cents in enumerate((1_000, 500), start=1):
        campaign.votes.append(EnvelopeVote(rank=rank, amount_cents=cents, source="test"))
    decided = {"C": date(2023, 1, 1), "A": date(2023, 2, 1), "B": date(2023, 2, 1), "D": None}
    for number, day in decided.items():
        grant = make_grant(session, file_number=number, campaign=campaign, voted_cents=100)
        grant.decided_on = day
    make_grant(session, file_number="E", campaign=campaign, status=GrantStatus.CANCELLED)
    apart = make_grant(session, file_number="F", voted_cents=100)
    session.flush()

    drawn = {each.file_number: each.drawn_cents for each in read_facts(session).grants}
    (one,) = read_facts(session, grant_ids=[grant.id]).grants
    (other,) = read_facts(session, grant_ids=[apart.id]).grants

    assert drawn == {"C": 100, "A": 200, "B": 300, "D": 400, "E": 0, "F": 100}
    assert (one.drawn_cents, one.envelope_cents) == (400, 1_500)
    assert other.envelope_cents is None
