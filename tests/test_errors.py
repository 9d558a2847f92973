"""Errors: each says all that it knows, and nothing of HTTP."""

from registry.errors import Invalid, NotFound, Problem, RegistryError


def test_an_invalid_input_tells_every_problem() -> None:
    """Somebody who corrects a file sees all of its errors at once."""
    error = Invalid(
        [
            Problem("not_a_date", where="Feuil1!B3", value="31/02/2024"),
            Problem("negative_amount", where="Feuil1!D7", value="-5"),
        ]
    )

    assert [problem.where for problem in error.problems] == ["Feuil1!B3", "Feuil1!D7"]
    assert "31/02/2024" in str(error)
    assert "-5" in str(error)


def test_one_branch_catches_them_all() -> None:
    """The edge maps the root once, and no bug of ours hides under it."""
    assert issubclass(Invalid, RegistryError)
    assert issubclass(NotFound, RegistryError)
    assert not issubclass(RegistryError, ValueError)
