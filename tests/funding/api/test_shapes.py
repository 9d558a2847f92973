"""What is given of a grant and what is shown of it say the same of the same field."""

import pytest

from registry.funding.api.shapes import (
    GrantGiven,
    GrantShown,
    LineGiven,
    LineShown,
    PaymentGiven,
    PaymentShown,
)
from registry.web.rest import Fields


@pytest.mark.parametrize(
    ("given", "shown"),
    [(GrantGiven, GrantShown), (LineGiven, LineShown), (PaymentGiven, PaymentShown)],
)
def test_what_is_given_comes_back_as_the_same_kind(
    given: type[Fields], shown: type[Fields]
) -> None:
    """Only the reason and the day of a step are given and not shown."""
    said, back = given().fields, shown().fields

    assert set(said) - set(back) <= {"why", "status_on"}
    assert all(type(said[name]) is type(back[name]) for name in set(said) & set(back))
