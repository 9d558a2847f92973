"""The grants as officers see them: euros on one side, live cameras on the other."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.funding.models import Grant, GrantStatus, PaperKind, PaymentKind
from tests.factories import make_camera, make_document, make_grant, make_payment
from tests.web.scenes import watch
from tests.web.visitors import ENGLISH, SignIn, counted_selects, read


def funded(session: Session, now: datetime) -> Grant:
    """Add a grant for three cameras: one alive, one silent for two days, one never seen."""
    grant = make_grant(session, file_number="23/0042 A", cameras_funded=3)
    watch(session, make_camera(session, grant=grant), now=now)
    silent = make_camera(session, grant=grant)
    watch(session, silent, Health.DOWN, now=now, lasting=timedelta(days=2))
    make_camera(session, grant=grant)
    session.commit()
    return grant


def test_the_grant_page_answers_in_its_first_line(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """How many of the funded cameras live, and what each of those has cost."""
    funded(session, now)

    page = read(sign_in("officer"), "/grants/23/0042 A")

    assert "1 caméra vivante sur 3 financées : 21 583,00 € par caméra vivante." in page
    assert "vue, muette depuis plus de 24 h" in page
    assert "installée, jamais vue" in page
    assert "jeudi 23 novembre 2023" in page


def test_every_stage_has_its_number(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Funded, installed, seen, alive: a number and a word for each, not a bar alone."""
    funded(session, now)

    page = " ".join(read(sign_in("officer"), "/grants/23/0042 A").split())

    for stage in (
        "<b>3</b> Financées",
        "<b>3</b> Installées",
        "<b>2</b> Vues",
        "<b>1</b> Vivantes",
    ):
        assert stage in page


def test_without_a_live_camera_there_is_no_price(session: Session, sign_in: SignIn) -> None:
    """A price per live camera is not made up where none lives."""
    make_grant(session, file_number="23-1", cameras_funded=2)
    session.commit()

    page = read(sign_in("officer"), "/grants/23-1")

    assert "par caméra vivante" not in page
    assert "Aucune caméra sous cette subvention" in page


def test_the_list_sums_before_it_divides(session: Session, sign_in: SignIn, now: datetime) -> None:
    """The heading is about all grants shown together, and the foot holds the sums."""
    funded(session, now)
    make_grant(session, file_number="23-0043", cameras_funded=1, voted_cents=1)
    session.commit()

    page = read(sign_in("officer"), "/grants")

    assert "1 caméra vivante sur 4 financées : 21 583,01 € par caméra vivante." in page
    assert "2 subventions" in page


def test_the_list_is_filtered_by_its_address(session: Session, sign_in: SignIn) -> None:
    """By file or beneficiary, by status, by campaign; an empty result says so."""
    make_grant(session, file_number="A-1").status = GrantStatus.SETTLED
    make_grant(session, file_number="B-2")
    session.commit()
    browser = sign_in("officer")

    settled = read(browser, "/grants?status=settled")
    by_file = read(browser, "/grants?q=b-2&year=2023")
    none = read(browser, "/grants?year=1999")

    assert ("A-1</a>" in settled, "B-2</a>" in settled) == (True, False)
    assert ("A-1</a>" in by_file, "B-2</a>" in by_file) == (False, True)
    assert "Aucune subvention ne répond à ce filtre" in none


def test_an_empty_register_says_what_to_do_next(sign_in: SignIn) -> None:
    """Grants come with an import."""
    page = read(sign_in("officer"), "/grants")

    assert "Aucune subvention dans le registre" in page
    assert "import d’un tableau" in page


def test_an_unknown_grant_is_not_found(sign_in: SignIn) -> None:
    """The page says that nothing stands at this address."""
    assert sign_in("officer").get("/grants/nowhere").status_code == 404


def test_findings_stand_on_the_page_with_their_proof(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The sentence, what it stands on, and each camera with the instant of its answer."""
    grant = funded(session, now)

    page = read(sign_in("officer"), "/grants/23/0042 A")
    other = read(sign_in("technician"), "/grants/23/0042 A", **ENGLISH)

    assert "<b>A01</b>" in page
    assert "sans qu’aucun arrêté préfectoral ne soit enregistré" in page
    assert "CSI, L252-1, L252-4, L254-1" in page
    assert "and no prefectoral order is in the register" in other
    camera = session.scalars(select(Camera).where(Camera.grant_id == grant.id)).first()
    assert camera is not None
    assert f"caméra {camera.site.public_id}/{camera.label}" in page


def test_what_was_paid_too_much_is_said_to_be_owed(session: Session, sign_in: SignIn) -> None:
    """30,000 spent of 40,000: 9,000 are due of the 12,000 paid, 3,000 come back."""
    grant = make_grant(session, file_number="23-1", voted_cents=1_200_000, eligible_cents=4_000_000)
    make_payment(session, grant, 1_200_000, kind=PaymentKind.BALANCE, expense_cents=3_000_000)
    session.commit()

    page = read(sign_in("officer"), "/grants/23-1")

    assert "Selon la dépense réelle, 9 000,00 € sont dus." in page
    assert "3 000,00 € sont à reverser." in page


def test_a_page_costs_the_same_however_much_hangs_on_the_grant(
    session: Session, sign_in: SignIn, engine: Engine, now: datetime
) -> None:
    """Three cameras or thirteen, one payment or six: the statements are the same."""
    grant = funded(session, now)
    make_payment(session, grant, 1, kind=PaymentKind.INTERIM)
    make_document(session, grant, PaperKind.QUOTE)
    session.commit()
    browser = sign_in("officer")
    with counted_selects(engine) as few:
        read(browser, "/grants/23/0042 A")
    for _ in range(5):
        make_payment(session, grant, 1, kind=PaymentKind.INTERIM)
        make_document(session, grant, PaperKind.QUOTE)
    for _ in range(10):
        watch(session, make_camera(session, grant=grant), now=now)
    session.commit()

    with counted_selects(engine) as many:
        read(browser, "/grants/23/0042 A")

    assert len(many) == len(few)
