"""What the database refuses of papers."""

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import PaperKind
from tests.factories import make_document, make_grant


def test_a_paper_is_filed_once_and_again_once_withdrawn(session: Session, now: datetime) -> None:
    """The same content as the same kind of paper stands once in a grant's file."""
    grant = make_grant(session)
    first, second = (make_document(session, grant, PaperKind.QUOTE) for _ in range(2))
    first.withdrawn_at = now
    second.sha256 = first.sha256
    session.flush()

    first.withdrawn_at = None
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(("column", "value"), [("size_bytes", 0), ("sha256", "abc")])
def test_a_paper_has_a_size_and_a_digest(session: Session, column: str, value: object) -> None:
    """What has neither was never kept."""
    document = make_document(session, make_grant(session), PaperKind.QUOTE)
    setattr(document, column, value)

    with pytest.raises(IntegrityError):
        session.flush()
