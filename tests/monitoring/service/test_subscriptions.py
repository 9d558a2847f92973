"""Wishes to be told are made whole, journaled without their secret, and ended for good."""

from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.service import add_user
from registry.db import as_dict
from registry.errors import Conflict, Invalid, NotFound
from registry.fleet.vault import Vault
from registry.journal import JournalEntry
from registry.monitoring.models import Subscription
from registry.monitoring.rules.notices import Severity
from registry.monitoring.service.subscriptions import Wish, end_subscription, subscribe
from tests import factories
from tests.monitoring.telling import NOON

SECRET = "json://hooks.region.test/un-jeton-tres-secret"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault with a key of its own."""
    return Vault.open(tmp_path / "keys")


def make(session: Session, vault: Vault, wish: Wish) -> Subscription:
    """Subscribe as an administrator does."""
    return subscribe(session, wish, vault=vault, actor="user:1", at=NOON)


def test_a_role_is_subscribed_with_its_place_and_hours(session: Session, vault: Vault) -> None:
    """Every side of a wish is kept."""
    site = factories.make_site(session)
    wish = Wish(
        name=" Astreinte ",
        role="technician",
        site=site.public_id,
        department="59",
        severity="critical",
        digest_minutes=60,
        quiet_from=time(22),
        quiet_until=time(6),
        language="en",
    )

    kept = make(session, vault, wish)

    assert (kept.name, kept.role, kept.site_id) == ("Astreinte", "technician", site.id)
    assert (kept.severity, kept.digest_minutes, kept.language) == (Severity.CRITICAL, 60, "en")
    assert (kept.quiet_from, kept.quiet_until) == (time(22), time(6))


def test_a_person_is_found_by_address(session: Session, vault: Vault) -> None:
    """The account is kept, not the address: whoever changes it is told at the new one."""
    user = add_user(
        session,
        email="camille@ville.test",
        name="Camille",
        password="Sept mots font une phrase solide 7",
        role="officer",
        at=NOON,
        actor="cli",
    )

    assert make(session, vault, Wish(name="Camille", email="Camille@ville.test ")).user is user


def test_the_secret_of_an_address_is_sealed_and_told_nowhere(
    session: Session, vault: Vault
) -> None:
    """Neither row, journal nor repr shows what the address hides."""
    wish = Wish(name="Tableau", address=SECRET)

    kept = make(session, vault, wish)

    told = session.scalars(select(JournalEntry)).one()
    assert vault.unseal(kept.sealed_address or b"") == SECRET
    assert "jeton" not in f"{as_dict(kept)} {as_dict(told)} {kept!r} {wish!r}"


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish(name=" ", role="technician"), ["name: required"]),
        (Wish(name="x" * 121, role="technician"), ["name: too_long"]),
        (Wish(name="Rien"), ["channel: one_channel"]),
        (Wish(name="Deux", role="technician", address=SECRET), ["channel: one_channel"]),
        (Wish(name="Rôle", role="mayor"), ["role: choice"]),
        (Wish(name="Nul", email="nobody@ville.test"), ["email: unknown_person"]),
        (
            Wish(name="Où", role="officer", site="59999-99", department="99"),
            ["site: unknown_site", "department: unknown_department"],
        ),
        (Wish(name="Quoi", role="officer", severity="fatal"), ["severity: choice"]),
        (Wish(name="Quand", role="officer", digest_minutes=1_441), ["digest_minutes: digest"]),
        (Wish(name="Nuit", role="officer", quiet_from=time(22)), ["quiet_until: quiet_pair"]),
        (
            Wish(name="Jour", role="officer", quiet_from=time(8), quiet_until=time(8)),
            ["quiet_until: quiet_empty"],
        ),
        (Wish(name="Langue", role="officer", language="de"), ["language: choice"]),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, vault: Vault, wish: Wish, found: list[str]
) -> None:
    """Each field that will not do, with what is wrong with it, and nothing is kept."""
    with pytest.raises(Invalid) as refusal:
        make(session, vault, wish)

    assert [f"{each.where}: {each.code}" for each in refusal.value.problems] == found
    assert session.scalars(select(Subscription)).all() == []


def test_two_wishes_have_two_names(session: Session, vault: Vault) -> None:
    """Whoever reads the list must be able to tell them apart."""
    make(session, vault, Wish(name="Astreinte", role="technician"))

    with pytest.raises(Conflict):
        make(session, vault, Wish(name="Astreinte", role="officer"))


def test_an_ended_wish_frees_its_name_and_forgets_its_secret(
    session: Session, vault: Vault
) -> None:
    """It ends once; what it was called is free for the next."""
    first = make(session, vault, Wish(name="Tableau", address=SECRET))

    end_subscription(session, first.id, actor="user:1", at=NOON)

    assert first.sealed_address == b"ended"
    assert make(session, vault, Wish(name="Tableau", address=SECRET)).id != first.id
    with pytest.raises(NotFound):
        end_subscription(session, first.id, actor="user:1", at=NOON)
