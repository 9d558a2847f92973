"""A long import in its own answer: its steps, its end, and what a reader who leaves undoes."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.fleet.models import Camera
from registry.fleet.service import ImportReport
from registry.fleet.views import running
from registry.fleet.views.running import MARK, AbandonedError, Note, Running, answer
from registry.web.access import current_session
from registry.web.render import language
from tests.factories import make_campaign, make_commune
from tests.fleet.sheets import as_csv, row
from tests.fleet.views.test_imports import upload
from tests.web.visitors import SignIn

DONE = ImportReport(new=1, changed=0, unchanged=0, grants=1, sites=1, cameras=1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every import count as a long one."""
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(running, "STEP_SECONDS", 0.01)


@pytest.fixture
def request_of_a_page(app: Flask, session: Session) -> Iterator[None]:
    """Be inside a request of somebody who reads English."""
    with app.test_request_context("/import", headers={"Accept-Language": "en"}):
        assert language() == "en"
        g.session = session
        yield


def page(text: str) -> Callable[[], str]:
    """Return what gives a page that is cut at the mark."""
    return lambda: f"<main>start{MARK}{text}</main>"


def test_a_short_import_is_answered_as_ever() -> None:
    """With the page of its end, and its status."""
    begun = Running(lambda _note: DONE)
    begun.result()

    told = answer(begun, lambda: ("end", 422), start=page("start"))

    assert told == ("end", 422)


@pytest.mark.usefixtures("impatient", "request_of_a_page")
def test_a_long_import_is_told_step_by_step() -> None:
    """The beginning of the page, lines while it lasts, then the rest of the page of its end."""
    go_on = Event()

    def work(note: Note) -> ImportReport:
        note(2000, 10_000)
        go_on.wait(10)
        return DONE

    begun = Running(work)
    told = answer(begun, lambda: (page(str(begun.result().new))(), 200), start=page("never sent"))
    assert isinstance(told, Response)
    pieces = iter(told.response)
    first, step = str(next(pieces)), str(next(pieces))
    go_on.set()
    last = "".join(map(str, pieces))

    assert first == "<main>start"
    assert "2,000 of 10,000 rows" in step
    assert last.endswith("1</main>")
    assert "never sent" not in last


@pytest.mark.usefixtures("impatient", "request_of_a_page")
def test_who_leaves_takes_the_import_back() -> None:
    """The next thing that the import tells ends it; the answer waits until it has let go."""
    started, ended = Event(), Event()

    def work(note: Note) -> ImportReport:
        started.set()
        try:
            while True:
                note(1, 2)
        finally:
            ended.set()

    begun = Running(work)
    told = answer(begun, lambda: ("", 200), start=page(""))
    assert isinstance(told, Response)
    next(iter(told.response))
    started.wait(10)
    told.close()

    assert ended.is_set()
    with pytest.raises(AbandonedError):
        begun.result()


@pytest.mark.usefixtures("impatient", "request_of_a_page")
def test_what_goes_wrong_after_the_beginning_is_said_at_the_end() -> None:
    """Without a trace on the page: that one is in the log."""
    go_on = Event()

    def work(_note: Note) -> ImportReport:
        go_on.wait(10)
        said = "the register changed, says secret 4711"
        raise Conflict(said)

    begun = Running(work)
    told = answer(begun, lambda: (str(begun.result()), 200), start=page(""))
    go_on.set()
    assert isinstance(told, Response)
    text = told.get_data(as_text=True)

    assert "Nothing is imported: something went wrong on the way." in text
    assert "4711" not in text


@pytest.mark.usefixtures("impatient")
def test_the_import_page_counts_rows_while_it_imports(session: Session, sign_in: SignIn) -> None:
    """A few hundred rows: the page is whole, the line is there, and so are the cameras."""
    make_commune(session, "59054", "Bavinchove", 1045)
    make_campaign(session, 2023)
    session.commit()
    rows = [row(label=f"Caméra {number}") for number in range(400)]

    told = upload(sign_in("officer"), as_csv(*rows), dry_run=False)

    assert told.headers["X-Accel-Buffering"] == "no"
    assert '<p role="status">' in told.text
    assert "Laisser cette page ouverte" in told.text
    assert "La feuille est importée" in told.text
    assert (told.text.count("<h1>"), told.text.count("</html>")) == (1, 1)
    assert session.scalar(select(func.count()).select_from(Camera)) == 400


@pytest.mark.usefixtures("impatient")
def test_a_reader_who_closes_the_page_imports_nothing(session: Session, sign_in: SignIn) -> None:
    """Not a row of it, and no entry that would say so."""
    make_commune(session, "59054", "Bavinchove", 1045)
    make_campaign(session, 2023)
    session.commit()
    rows = [row(label=f"Caméra {number}") for number in range(400)]
    browser = sign_in("officer")

    told = upload(browser, as_csv(*rows), dry_run=False)
    next(iter(told.response))
    told.close()

    assert session.scalar(select(func.count()).select_from(Camera)) == 0


@pytest.mark.usefixtures("impatient")
def test_the_session_is_open_until_the_last_piece(app: Flask, client: FlaskClient) -> None:
    """Flask ends the request before the pieces go: the import must not lose what it has read."""
    started, go_on = Event(), Event()
    kept: list[bool] = []

    def show() -> Response | tuple[str, int]:
        held = current_session()

        def work(_note: Note) -> ImportReport:
            held.connection()
            started.set()
            go_on.wait(10)
            kept.append(held.in_transaction())
            return DONE

        begun = Running(work)
        started.wait(10)
        return answer(begun, lambda: (page(str(begun.result().new))(), 200), start=page(""))

    app.add_url_rule("/slow", view_func=show)

    told = client.get("/slow")
    go_on.set()

    assert told.get_data(as_text=True).endswith("1</main>")
    assert kept == [True]
