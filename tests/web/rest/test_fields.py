"""Fields take what they describe and nothing that merely resembles it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError, fields

from registry.fleet.models import SiteKind
from registry.web.rest import Cents, Code, Day, Flag, Id, Moment, Share, Text, WordOf, Words

SITE = "59054-01"


@pytest.fixture(autouse=True)
def french(app: Flask) -> Iterator[None]:
    """Ask in French."""
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        yield


@pytest.mark.parametrize(
    ("field", "given", "read"),
    [
        (Text(5), "abc", "abc"),
        (Code(5), "2A004", "2A004"),
        (Id(), 7, 7),
        (Cents(), 2_158_300, 2_158_300),
        (Flag(), True, True),
        (Day(), "2026-11-23", date(2026, 11, 23)),
        (Moment(), "2026-11-23T13:00:00+01:00", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (Share(), "0.3", Decimal("0.3")),
        (WordOf(SiteKind), "hub", SiteKind.HUB),
        (Words(Text(12)), [SITE], [SITE]),
    ],
)
def test_what_is_described_is_read(field: fields.Field[Any], given: object, read: object) -> None:
    """Each kind of value comes out as the register keeps it."""
    assert field.deserialize(given) == read


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        (Text(5), "abcdef", "Entre 0 et 5 caractères"),
        (Text(5), 7, "Un texte est attendu"),
        (Text(5), "a\x00b", "sans caractère de contrôle"),
        (Text(5), "abc\n", "sans caractère de contrôle"),
        (Text(5), "\ud800", "Un texte est attendu"),
        (Text(5), None, "ne peut pas être nul"),
        (Code(5), "59 54", "Forme attendue"),
        (Id(), 0, "Un nombre de 1 à 2147483647"),
        (Id(), 2**31, "Un nombre de 1 à 2147483647"),
        (Id(), "7", "Un nombre entier"),
        (Id(), 7.0, "Un nombre entier"),
        (Id(), True, "Un nombre entier"),
        (Cents(), -1, "Un nombre de 0 à"),
        (Flag(), 1, "Vrai ou faux"),
        (Flag(), "yes", "Vrai ou faux"),
        (Day(), "23/11/2026", "Un jour tel que 2026-11-23"),
        (Day(), "2026-02-30", "Un jour tel que 2026-11-23"),
        (Moment(), "2026-11-23T12:00:00", "Un instant avec son décalage"),
        (Moment(), "0001-01-01T00:00:00+14:00", "Un instant avec son décalage"),
        (Moment(), "2026-13-01T00:00:00Z", "Un instant avec son décalage"),
        (Share(), "1.5", "Une part entre 0 et 1"),
        (Share(), 0.3, "Une part entre 0 et 1"),
        (Share(), "0.12345", "Une part entre 0 et 1"),
        (WordOf(SiteKind), "submarine", "commune, station, lycee, hub"),
        (Words(Text(12), most=1), [SITE, SITE], "Entre 1 et 1 objets"),
        (Words(Text(12)), SITE, "Une liste est attendue"),
    ],
)
def test_what_is_not_is_refused_in_the_readers_language(
    field: fields.Field[Any], given: object, said: str
) -> None:
    """Neither a float for an amount nor half a character for a name reaches the register."""
    with pytest.raises(ValidationError) as refused:
        field.deserialize(given)

    assert said in str(refused.value)
