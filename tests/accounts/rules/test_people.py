"""Which role may do what, and which passwords are strong enough."""

import pytest

from registry.accounts.rules import (
    RIGHTS,
    Right,
    RoleName,
    address_problems,
    normalise_address,
    normalise_password,
    password_problems,
    rights_of,
    role_problems,
)


def test_the_three_roles_hold_what_they_were_given() -> None:
    """Technicians probe and acknowledge, officers import and edit, administrators do all."""
    technician, officer = RIGHTS[RoleName.TECHNICIAN], RIGHTS[RoleName.OFFICER]

    assert {"sites.read", "cameras.probe", "outages.acknowledge"} <= technician
    assert not technician & {"fleet.import", "grants.edit", "accounts.manage"}
    assert {"sites.read", "fleet.import", "grants.edit"} <= officer
    assert not officer & {"cameras.probe", "outages.acknowledge", "accounts.manage"}
    assert RIGHTS[RoleName.ADMINISTRATOR] == set(Right)


def test_roles_add_up_and_unknown_ones_grant_nothing() -> None:
    """A role that the code no longer knows opens no door."""
    both = rights_of(["technician", "officer"])

    assert both == RIGHTS[RoleName.TECHNICIAN] | RIGHTS[RoleName.OFFICER]
    assert rights_of(["gardener"]) == frozenset()
    assert rights_of([]) == frozenset()


@pytest.mark.parametrize(
    "password",
    [
        "Zx7!qLp2#vRt",  # 12 of all four kinds
        "Zx7qLp2vRtMn5k",  # 14 without signs
        "le chat dort sur le vieux banc",  # seven words
    ],
)
def test_what_the_cnil_gives_as_examples_is_accepted(password: str) -> None:
    """Its three examples of 80 bits, each by another way."""
    assert password_problems(password) == ()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("Zx7!qLp2#vR", "password_short"),
        ("zxqlpvrtmnkw", "password_weak"),
        ("Zx7qLp2vRtMn", "password_weak"),
        ("Aa1!Aa1!Aa1!", "password_weak"),
        ("x" * 300, "password_long"),
        ("Camille-2026-Parc", "password_personal"),
        ("Delattre!2026-parc", "password_personal"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    """Too short, too few kinds, too few different signs, or the person's own words."""
    problems = password_problems(password, email="camille@x.test", name="Camille Delattre")

    assert [each.code for each in problems] == [code]


def test_a_refused_password_is_never_repeated() -> None:
    """A problem travels into pages and logs: it does not hold what was typed."""
    problems = password_problems("short")

    assert "short" not in repr(problems).replace("password_short", "")


def test_accents_may_be_typed_on_any_keyboard() -> None:
    """One letter and letter with accent are the same password."""
    assert normalise_password("\u00e9") == normalise_password("e\u0301")


@pytest.mark.parametrize("email", ["a@b", "Camille.Delattre@Mairie.Local ", "x@ville.fr"])
def test_an_office_address_names_an_account(email: str) -> None:
    """Nothing is sent there: the domain need not exist."""
    assert address_problems(email) == ()
    assert normalise_address(email) == email.strip().lower()


@pytest.mark.parametrize("email", ["", "camille", "@ville.fr", "a b@ville.fr", "a@b@c", "x" * 300])
def test_what_is_no_address_is_said(email: str) -> None:
    """One at-sign with something on each side, and no space."""
    assert [each.code for each in address_problems(email)] == ["email"]


def test_an_unknown_role_names_the_known_ones() -> None:
    """The problem says what would have done."""
    (problem,) = role_problems("boss")

    assert problem.parameters["known"] == "technician, officer, administrator"
    assert role_problems("officer") == ()
