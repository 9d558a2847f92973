"""`vigiparc territory`: official files from the command line."""

import json
from pathlib import Path

from tests.cli.command import lay_register, vigiparc

HEADER = "Nom;Trigramme;Segment(s) DRG;Position géographique;Code commune;Code(s) UIC"


def test_official_files_are_loaded_and_counted(tmp_path: Path) -> None:
    """What is written, what is left out and why; a second time nothing is written."""
    lay_register(tmp_path)
    stations = tmp_path / "gares.csv"
    rows = (HEADER, "Cassel;CSL;C;50.79, 2.44;59054;87281139", "X;X;C;;59054;87281138")
    stations.write_text("\n".join(rows), encoding="utf-8-sig")
    contours = tmp_path / "contours.geojson"
    contours.write_text("{}", encoding="utf-8")

    told = vigiparc("territory", "import-stations", str(stations), folder=tmp_path)
    again = vigiparc("territory", "import-stations", str(stations), "--json", folder=tmp_path)
    refused = vigiparc("territory", "import-contours", str(contours), folder=tmp_path)

    assert told.stdout == "1 written, 0 unchanged, 1 left out\n"
    assert told.stderr.startswith("gares.csv:3: “87281138”: expected: a station's UIC code")
    assert json.loads(again.stdout)["written"] == 0
    assert (refused.returncode, refused.stderr) == (
        1,
        "contours.geojson: this is no GeoJSON file of contours\n",
    )
