"""A resource is described by its fields; what it does not say is taken from the model."""

from sqlalchemy import literal

from registry.territory.models import Commune
from registry.web.rest import Code, Fields, Resource, Text, columns_of, rows_of


class Shown(Fields):
    """Two fields of a commune, and one that is none of its own."""

    insee = Code(5)
    name = Text(120)
    country = Text(2)


def test_fields_stand_for_the_columns_of_their_name() -> None:
    """Only what is named otherwise has to be said."""
    country = literal("FR")

    columns = columns_of(Shown, Commune, country=country)

    assert columns == {"insee": Commune.insee, "name": Commune.name, "country": country}


def test_a_list_is_sorted_by_its_key_unless_more_is_said() -> None:
    """The key comes first and only once."""
    columns = columns_of(Shown, Commune, country=literal("FR"))
    source = rows_of(Commune)
    resource = Resource(
        "communes", "Communes", Commune, Shown, columns, source, "sites.read",
        key="insee", sorts=("name", "insee"),
    )  # fmt: skip

    assert resource.orders == ("insee", "name")
