"""Writing by the API: whole or not at all, and never over what somebody else wrote."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.fleet.models import Site
from registry.journal import JournalEntry, first_broken_link
from tests.factories import make_camera, make_commune, make_site
from tests.web.programs import MakeProgram, Program, errors, items

LYCEE = {"insee": "59054", "kind": "lycee", "name": "Lycée Faidherbe"}


@pytest.fixture(autouse=True)
def commune(session: Session) -> None:
    """Write the commune that the sites of these tests stand in."""
    make_commune(session)
    session.commit()


def sites(session: Session) -> int:
    """Count the sites of the register."""
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Site)) or 0


def test_a_thing_is_added_and_journaled(api: Program, session: Session) -> None:
    """The answer says where it is; the journal says who, from where and by which request."""
    added = api("POST", "sites", LYCEE, X_Request_ID="request-0001")

    assert added.status_code == 201
    assert added.headers["Location"] == f"/api/v1/sites/{added.get_json()['id']}"
    again = api("GET", added.headers["Location"].removeprefix("/api/v1/"))
    assert again.headers["ETag"] == added.headers["ETag"]
    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.channel, entry.address) == ("token:1", "api", "127.0.0.1")
    assert (entry.request_id, entry.subject) == ("request-0001", "site:59054-01")


def test_a_list_with_one_wrong_row_adds_nothing_and_says_everything(
    api: Program, session: Session
) -> None:
    """Every problem of every row is named by its place in the list."""
    body = [LYCEE, {**LYCEE, "name": ""}, {**LYCEE, "insee": "99998"}, {"kind": "hub", "x": 1}]
    wrong = api("POST", "sites/bulk", body)

    assert wrong.status_code == 422
    assert {(each["row"], each["field"]) for each in errors(wrong)} == {
        (1, "name"), (3, "insee"), (3, "name"), (3, "x"),
    }  # fmt: skip
    twice = api("POST", "sites/bulk", [LYCEE, LYCEE, {**LYCEE, "insee": "59998"}])
    assert [(each["row"], each["field"]) for each in errors(twice)] == [(1, "name"), (2, "insee")]
    assert sites(session) == 0


def test_a_whole_list_is_added_in_its_order(api: Program, session: Session) -> None:
    """A thousand rows are one request, one transaction, and one line of the journal each."""
    names = [f"Lycée {number}" for number in range(30)]

    added = api("POST", "sites/bulk", [{**LYCEE, "name": name} for name in names])

    assert [each["name"] for each in added.get_json()] == names
    assert sites(session) == 30
    assert first_broken_link(session) is None


@pytest.mark.parametrize("body", [[], [LYCEE] * 1_001])
def test_a_list_is_neither_empty_nor_endless(api: Program, body: list[object]) -> None:
    """Between 1 and 1,000 rows."""
    refused = api("POST", "sites/bulk", body)

    assert refused.status_code == 422
    assert errors(refused)[0]["code"] == "items"


def test_a_change_needs_the_version_that_was_read(api: Program, session: Session) -> None:
    """428 without one, 412 with an old or a weak one, and then nothing has changed."""
    site = make_site(session)
    session.commit()
    path = f"sites/{site.id}"
    etag = api("GET", path).headers["ETag"]

    assert api("PATCH", path, {"owner": "A"}).status_code == 428
    assert api("PATCH", path, {"owner": "A"}, If_Match='"old"').status_code == 412
    assert api("PATCH", path, {"owner": "A"}, If_Match=f"W/{etag}").status_code == 412
    changed = api("PATCH", path, {"owner": "B"}, If_Match=etag)
    assert (changed.status_code, changed.get_json()["owner"]) == (200, "B")
    assert changed.headers["ETag"] != etag
    assert api("PATCH", path, {"owner": "C"}, If_Match=etag).status_code == 412
    assert api("GET", path).get_json()["owner"] == "B"


def test_of_two_clients_one_wins_and_one_is_told(program: MakeProgram, session: Session) -> None:
    """Both read the same version and write at once: the second is never silently lost."""
    site = make_site(session)
    session.commit()
    clients = [program() for _ in range(4)]
    etag = clients[0]("GET", f"sites/{site.id}").headers["ETag"]

    def write(number: int) -> int:
        body = {"owner": f"client {number}"}
        return clients[number]("PATCH", f"sites/{site.id}", body, If_Match=etag).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(write, range(4)))

    owner = clients[0]("GET", f"sites/{site.id}").get_json()["owner"]
    assert sorted(answers) == [200, 412, 412, 412]
    assert owner == f"client {answers.index(200)}"


def test_many_changes_are_made_together_or_not_at_all(api: Program, session: Session) -> None:
    """Each row carries its own version; one that is stale stops them all."""
    one, two = make_site(session), make_site(session)
    session.commit()
    versions = {each["id"]: each["etag"] for each in items(api("GET", "sites"))}
    rows = [{"id": each.id, "etag": versions[each.id], "owner": "X"} for each in (one, two)]

    stale = api("PATCH", "sites/bulk", [rows[0], {**rows[1], "etag": "old"}])
    missing = api("PATCH", "sites/bulk", [{"id": one.id, "owner": "X"}])
    nobody = api("PATCH", "sites/bulk", [{**rows[0], "id": 404}])
    assert (stale.status_code, missing.status_code, nobody.status_code) == (412, 422, 404)
    assert {each["owner"] for each in items(api("GET", "sites"))} == {""}

    done = api("PATCH", "sites/bulk", rows)
    assert [each["owner"] for each in done.get_json()] == ["X", "X"]


def test_money_identity_and_dates_ask_for_a_reason(api: Program, session: Session) -> None:
    """The journal keeps why; without it nothing changes."""
    camera = make_camera(session)
    session.commit()
    path = f"cameras/{camera.id}"
    etag = api("GET", path).headers["ETag"]

    refused = api("PATCH", path, {"commissioned_on": "2026-02-01"}, If_Match=etag)
    body = {"commissioned_on": "2026-02-01", "why": "procès-verbal du 1er février"}
    done = api("PATCH", path, body, If_Match=etag)

    assert (refused.status_code, errors(refused)[0]["field"]) == (422, "why")
    assert done.status_code == 200
    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert entry is not None
    assert entry.reason == "procès-verbal du 1er février"
    assert json.loads(entry.before) == {"commissioned_on": "2026-01-01"}


def test_a_token_writes_in_its_own_territory_only(program: MakeProgram, session: Session) -> None:
    """Neither a new thing elsewhere nor one of its own moved there."""
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    site = make_site(session)
    session.commit()
    nord = program(territory=("department:59",))
    etag = nord("GET", f"sites/{site.id}").headers["ETag"]

    elsewhere = nord("POST", "sites", {**LYCEE, "insee": "02691"})
    moved = nord("PATCH", f"sites/{site.id}", {"insee": "02691", "why": "x"}, If_Match=etag)
    here = nord("POST", "sites", LYCEE)

    assert (elsewhere.status_code, moved.status_code, here.status_code) == (403, 403, 201)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"insee=59054", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'"text"', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b'{"name": "\\ud800", "insee": "59054", "kind": "hub"}', "application/json", 422),
        pytest.param(b"[" * 100_000, "application/json", 400, id="brackets"),
    ],
)
def test_a_body_that_is_none_is_refused(api: Program, body: bytes, kind: str, status: int) -> None:
    """Neither broken JSON nor a form nor half a character makes the service fail."""
    headers = {"Authorization": f"Bearer {api.token}"}

    refused = api.client.post("/api/v1/sites", data=body, content_type=kind, headers=headers)

    assert refused.status_code == status
    assert refused.mimetype == "application/problem+json"
