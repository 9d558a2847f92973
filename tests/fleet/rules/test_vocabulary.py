"""The words of town halls, and what each means."""

import pytest

from registry.fleet.models import CameraClass, Scheme, SiteKind
from registry.fleet.rules.vocabulary import (
    BENEFICIARY_KINDS,
    CAMERA_CLASSES,
    SCHEMES,
    SITE_KINDS,
    Vocabulary,
    beneficiary_kind,
    meaning,
    offered,
)
from registry.funding.models import BeneficiaryKind


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (SITE_KINDS, SiteKind),
        (CAMERA_CLASSES, CameraClass),
        (SCHEMES, Scheme),
        (BENEFICIARY_KINDS, BeneficiaryKind),
    ],
)
def test_every_member_of_the_register_has_a_word(
    vocabulary: Vocabulary, words: type[SiteKind]
) -> None:
    """A kind that nobody can type would never be imported."""
    assert set(vocabulary) == {str(word) for word in words}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("GARE", "station"),
        ("halte ter", "station"),
        ("Pôle d’échanges", "hub"),
        ("LYCÉE", "lycee"),
        ("lycee", "lycee"),
        ("commune", "commune"),
        ("Piscine", None),
    ],
)
def test_spelling_does_not_matter(typed: str, meant: str | None) -> None:
    """Capitals, accents and typographic apostrophes are all one."""
    assert meaning(SITE_KINDS, typed) == meant


def test_no_word_means_two_things() -> None:
    """Whatever is offered is understood as what it is offered for."""
    for vocabulary in (SITE_KINDS, CAMERA_CLASSES, SCHEMES, BENEFICIARY_KINDS):
        for meant, words in vocabulary.items():
            assert [meaning(vocabulary, word) for word in words] == [meant] * len(words)
    assert offered(SCHEMES) == ("http", "https")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ville de Merville", "commune"),
        ("Bavinchove", "commune"),
        ("CC du Sud Artois", "epci"),
        ("Communauté urbaine d'Arras", "epci"),
        ("SNCF Gares & Connexions", "sncf"),
        ("Région Hauts-de-France", "region"),
        ("Syndicat mixte du SAGE", "syndicate"),
        ("Caëstre", "commune"),
    ],
)
def test_a_name_says_what_a_beneficiary_is(name: str, kind: str) -> None:
    """Whole words only: Caëstre is no CA."""
    assert beneficiary_kind(name) == kind
