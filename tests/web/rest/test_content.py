"""Bytes are described as bytes: what goes in, and every type that may come out."""

from registry.documents import TYPES
from tests.web.programs import Program


def test_contents_are_described_as_bytes(api: Program) -> None:
    """A client's generator finds what to send, and what it gets."""
    paths = api.client.get("/api/v1/openapi.json").get_json()["paths"]
    sent = paths["/api/v1/documents"]["post"]
    given = paths["/api/v1/documents/{key}/content"]["get"]["responses"]["200"]

    binary = {"schema": {"type": "string", "format": "binary"}}
    assert sent["requestBody"]["content"] == {"application/octet-stream": binary}
    assert given["content"] == dict.fromkeys(sorted(TYPES), binary)
    assert {"grant_id", "kind", "name"} <= {
        each["name"] for each in sent["parameters"] if each["in"] == "query"
    }


def test_contents_are_asked_for_as_rows_are(api: Program) -> None:
    """What is not there has none."""
    assert api("GET", "documents/404/content").status_code == 404
