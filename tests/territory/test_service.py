"""Loading the reference data: whole, once, and again when something is missing."""

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry.territory import data
from registry.territory.models import Commune, FormerCommune
from registry.territory.service import load_reference


@pytest.fixture
def loaded(session: Session) -> Session:
    """Return a session into which the reference was loaded."""
    load_reference(session)
    return session


def test_the_whole_of_france_is_loaded_once(loaded: Session) -> None:
    """Communes and former codes are those of the edition; a second load writes nothing."""
    edition = data.edition()

    assert loaded.scalar(select(func.count()).select_from(Commune)) == edition.communes
    assert loaded.scalar(select(func.count()).select_from(FormerCommune)) == edition.former_codes
    assert load_reference(loaded) == 0


def test_a_commune_is_complete(loaded: Session) -> None:
    """Name, department, region, grouping and population with its year."""
    commune = loaded.get_one(Commune, "59054")

    assert (commune.name, commune.department.name) == ("Bavinchove", "Nord")
    assert commune.department.region.name == "Hauts-de-France"
    assert commune.epci is not None
    assert (commune.epci.siren, commune.epci.name) == ("200040947", "CA Coeur de Flandre")
    assert (commune.population, commune.population_year) == (1045, 2023)


def test_what_differs_from_the_edition_is_brought_back(loaded: Session) -> None:
    """A missing former code and an altered population are the two rows written."""
    loaded.execute(delete(FormerCommune).where(FormerCommune.insee == "59070"))
    loaded.get_one(Commune, "59054").population = 1
    loaded.flush()

    assert load_reference(loaded) == 2

    loaded.expire_all()
    assert loaded.get_one(Commune, "59054").population == 1045
    assert loaded.get_one(FormerCommune, "59070").successor_insee == "59006"


def test_the_threshold_of_the_region_can_be_counted(loaded: Session) -> None:
    """3,742 of the region's 3,782 communes have fewer than 20,000 inhabitants."""
    region = (
        select(func.count())
        .select_from(Commune)
        .where(Commune.department_code.in_(("02", "59", "60", "62", "80")))
    )

    assert loaded.scalar(region) == 3782
    assert loaded.scalar(region.where(Commune.population < 20_000)) == 3742
