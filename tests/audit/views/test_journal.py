"""The journal as an auditor reads it."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.journal import Channel, Origin
from tests.web.visitors import SignIn, read


def write(session: Session, now: datetime, subject: str, reason: str = "") -> None:
    """Write a change of an amount."""
    journal.come_from(session, Origin(Channel.WEB, "192.0.2.7"))
    journal.write(
        session, at=now, actor="user:1", action="grant.edit", subject=subject,
        before={"voted_cents": 5}, after={"voted_cents": 7}, reason=reason,
    )  # fmt: skip
    session.commit()


def test_a_line_says_who_what_when_from_where_and_why(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """In one row, with the author's name and the values before and after."""
    officer = sign_in("officer")
    write(session, now, "grant:23-7", "délibération <b>")

    page = " ".join(read(officer, "/journal").split())

    for word in ("Personne officer", "web 192.0.2.7", "grant.edit", "grant:23-7"):
        assert word in page
    assert "<code>voted_cents</code> 5 → 7" in page
    assert "délibération &lt;b&gt;" in page


def test_an_objects_history_is_a_filter_and_its_own_title(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Only its lines; an object without any says so and leads back."""
    officer = sign_in("officer")
    write(session, now, "grant:23-7", "un")
    write(session, now, "grant:23-8", "deux")

    page = read(officer, "/journal?subject=grant:23-7")

    assert "Historique de grant:23-7" in page
    assert "un" in page
    assert "deux" not in page
    assert "Aucune ligne" in read(officer, "/journal?subject=grant:0")


def test_older_lines_are_a_link_away(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Fifty lines a page, and the filter stays in the link."""
    officer = sign_in("officer")
    for number in range(51):
        write(session, now, "grant:23-7", f"motif-{number:02d}")

    first = read(officer, "/journal?subject=grant:23-7")

    assert "motif-50" in first
    assert "motif-00" not in first
    assert "before=3&amp;subject=grant:23-7" in first
    assert "motif-00" in read(officer, "/journal?subject=grant:23-7&before=3")


def test_a_technician_does_not_read_the_journal(sign_in: SignIn) -> None:
    """It is for those who audit."""
    assert sign_in("technician").get("/journal").status_code == 403
