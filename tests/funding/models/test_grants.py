"""What the database refuses of grants."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import make_grant


@pytest.mark.parametrize("column", ["voted_cents", "eligible_cents", "cameras_funded"])
def test_nothing_of_a_grant_is_less_than_zero(session: Session, column: str) -> None:
    """Amounts and numbers are zero or more, whoever writes them."""
    grant = make_grant(session)
    setattr(grant, column, -1)

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_file_number_is_given_once(session: Session) -> None:
    """Every list, paper and metric names a grant by its file number."""
    make_grant(session, file_number="23-COM-001")

    with pytest.raises(IntegrityError):
        make_grant(session, file_number="23-COM-001")
