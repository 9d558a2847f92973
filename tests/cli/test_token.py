"""`vigiparc token`: made once, listed without its secret, revoked."""

import json
from pathlib import Path

from tests.cli.command import lay_register, vigiparc


def test_a_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    """The secret is printed when it is made and never again."""
    lay_register(tmp_path)

    made = vigiparc(
        "token", "add", "--name", "Grafana", "--right", "sites.read", "--json", folder=tmp_path
    )
    secret = json.loads(made.stdout)["token"]
    vigiparc("token", "revoke", "1", folder=tmp_path)
    listed = vigiparc("token", "list", "--json", folder=tmp_path)

    assert secret.startswith("vgp_")
    assert secret not in listed.stdout
    (line,) = json.loads(listed.stdout)["tokens"]
    assert (line["name"], line["rights"], line["revoked"]) == ("Grafana", "sites.read", True)


def test_a_right_that_only_writes_asks_for_it(tmp_path: Path) -> None:
    """A token only reads unless it is said otherwise, and the refusal names the right."""
    lay_register(tmp_path)

    refused = vigiparc("token", "add", "--name", "x", "--right", "fleet.edit", folder=tmp_path)

    assert refused.returncode == 1
    assert "rights" in refused.stderr
