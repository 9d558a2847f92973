"""The page of notices: who may see it, what it keeps, what it never shows."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.monitoring.models import Message, Subscription
from tests import factories
from tests.web.visitors import ENGLISH, TOKEN, SignIn, read, send

SECRET = "jsons://hooks.region.test/un-jeton-tres-secret"
TECHNICIANS = {
    "name": "Astreinte",
    "channel": "technician",
    "severity": "warning",
    "department": "",
    "digest_minutes": "0",
    "language": "fr",
}


@pytest.fixture
def administrator(sign_in: SignIn) -> FlaskClient:
    """Return an administrator's browser."""
    return sign_in("administrator")


def add(browser: FlaskClient, **changes: str) -> str:
    """Send the form, and return the page that answers, as it is read in French."""
    found = TOKEN.search(browser.get("/notices").text)
    assert found is not None
    form = {"csrf_token": found.group(1), **TECHNICIANS, **changes}
    response = browser.post("/notices", data=form)
    return response.text if response.status_code == 422 else read(browser, "/notices")


def kept(session: Session) -> list[Subscription]:
    """Return the subscriptions of the register."""
    session.expire_all()
    return list(session.scalars(select(Subscription)))


def test_only_administrators_see_it(sign_in: SignIn, client: FlaskClient) -> None:
    """An address of a service is a key to it: not everybody's business."""
    assert client.get("/notices").status_code == 302
    assert sign_in("technician").get("/notices").status_code == 403
    assert sign_in("administrator").get("/notices").status_code == 200


def test_an_empty_page_says_what_a_subscription_is_for(administrator: FlaskClient) -> None:
    """Nobody wonders whether outages are counted."""
    page = read(administrator, "/notices")

    assert "Personne n’est encore averti des pannes." in page
    assert "Nobody is told of outages yet." in read(administrator, "/notices", **ENGLISH)


def test_a_subscription_is_kept_and_listed(administrator: FlaskClient, session: Session) -> None:
    """Name, reader, place, severity and hours stand on one line."""
    factories.make_commune(session)
    site = factories.make_site(session)
    session.commit()

    page = add(
        administrator,
        site=site.public_id,
        digest_minutes="60",
        quiet_from="22:00",
        quiet_until="06:30",
    )

    assert [wish.name for wish in kept(session)] == ["Astreinte"]
    assert "pas de 22:00 à 06:30" in page
    assert site.public_id in page


def test_the_address_of_a_service_is_never_shown(
    administrator: FlaskClient, session: Session
) -> None:
    """Neither in the list nor when another field is wrong."""
    page = add(administrator, channel="webhook", address=SECRET)
    again = add(administrator, channel="webhook", address="syslog://un-jeton")

    assert kept(session)[0].sealed_address
    assert "jeton" not in page
    assert "invalid-feedback" in again


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "invalid-feedback"),
        ({"site": "59999-99"}, "59999-99 » n’est pas l’identifiant d’un site"),
        ({"channel": "person", "email": "personne@ville.test"}, "personne@ville.test"),
        ({"channel": "person"}, "Dire qui"),
        ({"quiet_from": "22:00"}, "heures calmes"),
        ({"severity": "fatal"}, "invalid-feedback"),
        ({"name": " "}, "Ce champ est obligatoire."),
    ],
)
def test_what_is_wrong_is_said_below_its_field(
    administrator: FlaskClient, session: Session, changes: dict[str, str], said: str
) -> None:
    """The value that was refused stays in the form, and nothing is kept."""
    page = add(administrator, **changes)

    assert said in page
    assert kept(session) == []


def test_two_subscriptions_have_two_names(administrator: FlaskClient, session: Session) -> None:
    """The second one is refused, in words."""
    add(administrator)

    assert "Un abonnement nommé « Astreinte » existe déjà." in add(administrator)
    assert len(kept(session)) == 1


def test_a_test_is_written_to_every_reader(administrator: FlaskClient, session: Session) -> None:
    """It waits for the monitor, and the page shows what becomes of it."""
    add(administrator, channel="administrator")
    (wish,) = kept(session)

    send(administrator, f"/notices/{wish.id}/test", page="/notices")

    (message,) = session.scalars(select(Message)).all()
    assert "Astreinte" in message.title
    assert "en route" in read(administrator, "/notices")


def test_an_ended_subscription_leaves_the_list(
    administrator: FlaskClient, session: Session
) -> None:
    """It cannot be ended twice."""
    add(administrator)
    (wish,) = kept(session)

    send(administrator, f"/notices/{wish.id}/end", page="/notices")

    assert "Personne n’est encore averti" in read(administrator, "/notices")
    again = send(administrator, f"/notices/{wish.id}/end", page="/notices")
    assert again.status_code == 404


def test_names_are_text_and_nothing_else(administrator: FlaskClient) -> None:
    """HTML in a name is shown, not obeyed."""
    page = add(administrator, name="<script>alert(1)</script>")

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
