"""Service discovery: what Prometheus reads to find the camera pages."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import SessionFactory
from registry.settings import Settings
from tests.monitoring.metrics.test_pages import keep


def test_every_shard_is_a_target_of_our_own(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """
    The full list each time, in order, with what leads Prometheus to the page.

    Whether that is http or https only the job knows: a TLS proxy asks us in the clear.
    """
    for page in ("sites", *(f"cameras/{number}/11" for number in range(11))):
        keep(session, at=now, page=page)

    response = client.get("/sd/cameras", headers={"Host": "vigiparc.example:8443"})

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    groups = response.get_json()
    assert [group["labels"]["__param_shard"] for group in groups] == [f"{n}/11" for n in range(11)]
    assert groups[0] == {
        "targets": ["vigiparc.example:8443"],
        "labels": {
            "__metrics_path__": "/metrics/cameras",
            "__param_shard": "0/11",
            "shard": "0/11",
        },
    }


def test_each_target_can_be_scraped(session: Session, client: FlaskClient, now: datetime) -> None:
    """What discovery names is served."""
    keep(session, at=now, page="cameras/0/1")

    (group,) = client.get("/sd/cameras").get_json()

    labels = group["labels"]
    page = client.get(labels["__metrics_path__"], query_string={"shard": labels["__param_shard"]})
    assert page.status_code == 200


def test_without_pages_the_list_is_empty(client: FlaskClient) -> None:
    """Prometheus keeps its last targets on an error: an empty list is an answer."""
    response = client.get("/sd/cameras")

    assert (response.status_code, response.get_json()) == (200, [])


def test_a_list_that_is_known_is_not_sent_again(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """A tag, and the pace at which Prometheus said that it asks."""
    keep(session, at=now, page="cameras/0/1")
    name = "X-Prometheus-Refresh-Interval-Seconds"

    first = client.get("/sd/cameras", headers={name: "30"})
    again = client.get("/sd/cameras", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers[name] == "30"
    assert (again.status_code, again.headers[name]) == (304, "60")


def test_the_address_may_be_set(
    session: Session, sessions: SessionFactory, settings: Settings, now: datetime
) -> None:
    """Behind a proxy, the address at which we were asked may lead nowhere."""
    keep(session, at=now, page="cameras/0/1")
    metrics = settings.metrics.model_copy(update={"address": "10.0.0.5:8080"})
    chosen = settings.model_copy(update={"metrics": metrics})

    client = create_app(chosen, sessions=sessions, clock=lambda: now).test_client()

    assert client.get("/sd/cameras").get_json()[0]["targets"] == ["10.0.0.5:8080"]
