"""Stylesheets and scripts come out of the installed packages, and are kept for good."""

import gzip
import re

import pytest
from flask.testing import FlaskClient


def linked(client: FlaskClient) -> list[str]:
    """Return the addresses of everything that a page links to."""
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get("/login").text)


def test_whatever_a_page_links_to_is_there_and_kept_for_good(client: FlaskClient) -> None:
    """The address changes with the content, so a browser never asks twice."""
    addresses = linked(client)

    assert len(addresses) == 5
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]


def test_a_file_travels_packed_to_whoever_can_unpack_it(client: FlaskClient) -> None:
    """Both forms hold the same bytes, and caches are told that there are two."""
    address = next(each for each in linked(client) if each.endswith("bootstrap.css"))

    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 4


def test_an_address_of_before_an_upgrade_is_answered_but_not_kept(client: FlaskClient) -> None:
    """A page opened before an upgrade still finds its stylesheet."""
    response = client.get("/assets/000000000000/vigiparc.css")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["other.css", "..%2f..%2fapp.py", "icon.svg.bak"])
def test_only_named_files_are_served(client: FlaskClient, name: str) -> None:
    """Nothing else of the packages can be read over the web."""
    assert client.get(f"/assets/x/{name}").status_code == 404


def test_no_page_asks_for_a_source_map(client: FlaskClient) -> None:
    """Bootstrap names a map that is not served: its name is cut out."""
    address = next(each for each in linked(client) if each.endswith("bootstrap.css"))

    assert b"sourceMappingURL" not in client.get(address).data
