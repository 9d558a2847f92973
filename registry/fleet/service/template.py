"""Writes the workbook that officers fill in: headers, lists to choose from, a notice."""

from typing import BinaryIO

from registry.fleet.rules import COLUMNS, Column
from registry.fleet.rules.vocabulary import offered
from registry.fleet.rules.wording import expectation
from registry.sheets import Page, write_workbook

_WIDTH = 18
_INTRODUCTION = (
    ("Une ligne par caméra financée ; les colonnes du dossier se répètent à chaque ligne.", ""),
    ("Les colonnes obligatoires portent un astérisque.", ""),
    ("Une cellule vide laisse ce qui est au registre ; rien n'est effacé.", ""),
    ("Un autre n° de série au même emplacement déclare un remplacement d'appareil.", ""),
    ("Une seule erreur, et rien n'est importé : toutes sont listées avec leur cellule.", ""),
    ("Le mot de passe, facultatif, est scellé dès la lecture et n'est jamais affiché.", ""),
    ("", ""),
)


def template(target: BinaryIO) -> None:
    """Write an empty import workbook: a sheet of cameras and a sheet of explanations."""
    headers = tuple(_header(column) for column in COLUMNS)
    cameras = Page(
        "Caméras",
        headers,
        widths=[max(_WIDTH, len(header) + 2) for header in headers],
        choices={_header(each): offered(each.choices) for each in COLUMNS if each.choices},
        notes={_header(each): _explanation(each) for each in COLUMNS},
    )
    notice = Page(
        "Notice",
        ("Colonne", "Ce qui est attendu", "Aussi reconnue sous le nom de"),
        [*_INTRODUCTION, *((_header(c), _explanation(c), ", ".join(c.also)) for c in COLUMNS)],
        widths=(32, 70, 70),
    )
    write_workbook(target, (cameras, notice))


def _header(column: Column) -> str:
    return f"{column.header} *" if column.required else column.header


def _explanation(column: Column) -> str:
    words = expectation(column)
    return f"{words} (obligatoire)" if column.required else words
