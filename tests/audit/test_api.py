"""The journal by the API: an object's history, and the chain itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.journal.models import digest_of
from tests.factories import make_camera, make_grant
from tests.web.programs import MakeProgram, Program, items


def test_the_history_of_one_object_is_a_filter(
    api: Program, session: Session, now: datetime
) -> None:
    """Newest first, of one subject alone."""
    for subject, reason in (("grant:1", "a"), ("grant:2", "b"), ("grant:1", "c")):
        journal.write(
            session, at=now, actor="user:1", action="grant.edit", subject=subject, reason=reason
        )
    session.commit()

    history = items(api("GET", "journal?subject=grant:1&sort=-id"))

    assert [each["reason"] for each in history] == ["c", "a"]


def test_the_chain_can_be_recomputed_from_what_the_api_gives(
    api: Program, session: Session, now: datetime
) -> None:
    """Nothing that is digested is left out or written otherwise, the instant apart."""
    journal.write(session, at=now, actor="cli", action="x", subject="y", after={"é": 1})
    session.commit()

    for entry in items(api("GET", "journal")):
        assert entry["digest"] == digest_of({**entry, "at": datetime.fromisoformat(entry["at"])})
    assert api("POST", "journal", {}).status_code == 405


def test_findings_are_reckoned_when_they_are_asked_for(
    api: Program, session: Session, program: MakeProgram
) -> None:
    """One serial under two grants is found, in words, and filtered by grant and rule."""
    for number in ("23-7", "23-8"):
        make_camera(session, grant=make_grant(session, file_number=number), serial="TWICE1")
    session.commit()

    every = items(api("GET", "findings?grant=23-7"))
    one = items(api("GET", "findings?grant=23-7&rule=A09"))

    assert every
    assert all(each["sentence"] and each["source"] for each in every)
    assert {(each["rule"], each["grant"]) for each in one} == {("A09", "23-7")}
    assert items(api("GET", "findings?grant=unknown")) == []
    assert api("GET", "findings?rule=Z99").status_code == 422
    assert program(territory=("department:59",))("GET", "findings").status_code == 403
