"""The examples of docs/api.md do what the guide says, pasted as they stand."""

import re
import shlex
from pathlib import Path

from sqlalchemy.orm import Session

from tests.factories import make_commune, make_grant, make_site
from tests.web.programs import Program

GUIDE = Path(__file__).parents[3] / "docs" / "api.md"


def test_every_curl_of_the_guide_works(api: Program, session: Session) -> None:
    """Each is sent with the guide's own method, headers and body, and succeeds."""
    make_commune(session)
    make_site(session)
    make_grant(session)
    session.commit()
    etag = api("GET", "sites/1").headers["ETag"]
    text = GUIDE.read_text(encoding="utf-8").replace("\\\n", " ")
    answers = {}

    for line in re.findall(r"^    (curl .*)$", text, re.MULTILINE):
        words = iter(shlex.split(line.replace("$TOKEN", api.token))[1:])
        method, headers, body, address = "GET", {}, None, ""
        for word in words:
            if word == "-X":
                method = next(words)
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = etag if name == "If-Match" else value
            elif word == "-d":
                body = next(words)
            elif word == "--data-binary":
                next(words)
                body = "%PDF-1.7 procès-verbal"
            else:
                address = word.removeprefix("$VIGIPARC")
        response = api.client.open(address, method=method, headers=headers, data=body)
        answers[f"{method} {address.partition('?')[0]}"] = response.status_code

    assert answers == {
        "GET /api/v1/sites": 200,
        "GET /api/v1/cameras": 200,
        "POST /api/v1/sites": 201,
        "PATCH /api/v1/sites/1": 200,
        "POST /api/v1/documents": 201,
    }


def test_every_resource_is_in_the_guide(api: Program) -> None:
    """Whoever looks for a thing finds its name."""
    text = GUIDE.read_text(encoding="utf-8")
    paths = api.client.get("/api/v1/openapi.json").get_json()["paths"]

    names = {path.split("/")[3] for path in paths}
    assert {name for name in names if f"`{name}`" not in text} == set()
