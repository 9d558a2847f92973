"""The columns of the import sheet, and which header means which of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from registry.errors import Problem
from registry.fleet.rules import vocabulary
from registry.sheets import Row, Sheet
from registry.territory.rules import normalise

HEADER_SEARCH_ROWS = 40
FEWEST_HEADERS = 4
_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column: its header in the template and the others it is known by.

    `expected` is the code of what its cells must hold, put into words by wording. A
    change of a `telling` one, identity or date, asks for a reason when it is made by
    hand; a `lasting` one has a value of its own when nothing is said, and cannot be
    emptied.
    """

    key: str
    header: str
    also: tuple[str, ...] = ()
    required: bool = False
    expected: str = "text"
    choices: vocabulary.Vocabulary = field(default_factory=dict)
    longest: int = 200
    secret: bool = False
    telling: bool = False
    lasting: bool = False


COLUMNS = (
    Column("file_number", "N° dossier", ("Numéro de dossier", "Dossier", "N° de dossier",
        "Référence dossier"), required=True, longest=60),
    Column("programme", "Dispositif", ("Programme",), required=True),
    Column("year", "Année", ("Campagne", "Année de campagne", "Millésime"), required=True,
        expected="year"),
    Column("beneficiary", "Bénéficiaire", ("Nom du bénéficiaire", "Maître d'ouvrage"),
        required=True),
    Column("beneficiary_kind", "Type de bénéficiaire", ("Nature du bénéficiaire",),
        expected="choice", choices=vocabulary.BENEFICIARY_KINDS),
    Column("siren", "SIREN", ("SIREN du bénéficiaire", "N° SIREN"), expected="siren"),
    Column("decision_number", "N° délibération", ("Délibération", "Numéro de délibération",
        "N° de délibération"), longest=60),
    Column("decided_on", "Date délibération", ("Date de délibération", "Date de la délibération",
        "Date du vote", "Date CP", "Date de la commission permanente"), expected="date"),
    Column("eligible_cents", "Dépense subventionnable HT", ("Dépense subventionnable",
        "Assiette", "Assiette HT", "Base subventionnable", "Montant éligible"), expected="money"),
    Column("voted_cents", "Montant voté", ("Subvention votée", "Montant de la subvention",
        "Montant attribué", "Subvention"), required=True, expected="money"),
    Column("paid_cents", "Montant versé", ("Subvention versée", "Montant payé",
        "Montant mandaté"), expected="money"),
    Column("cameras_funded", "Caméras financées", ("Nombre de caméras", "Nb caméras",
        "Nombre de caméras financées", "Nb de caméras", "Nb caméras financées"), required=True,
        expected="count"),
    Column("insee", "Code INSEE", ("INSEE", "Code commune", "Code INSEE commune",
        "Code commune INSEE"), required=True, expected="insee"),
    Column("commune", "Commune", ("Nom de la commune", "Commune d'implantation")),
    Column("site_kind", "Type de site", ("Nature du site", "Type de lieu"), required=True,
        expected="choice", choices=vocabulary.SITE_KINDS),
    Column("site", "Site", ("Nom du site", "Lieu", "Emplacement", "Gare ou site"), required=True,
        longest=120),
    Column("address", "Adresse", ("Adresse du site", "Adresse postale", "Rue")),
    Column("uic", "UIC", ("Code UIC", "UIC gare"), expected="uic"),
    Column("uai", "UAI", ("Code UAI", "RNE", "N° UAI"), expected="uai"),
    Column("label", "Caméra", ("Libellé", "Libellé caméra", "Nom de la caméra", "N° caméra",
        "Caméra libellé", "Repère"), required=True, longest=60),
    Column("camera_class", "Classe", ("Classe de caméra", "Zone filmée", "Zone"),
        expected="choice", choices=vocabulary.CAMERA_CLASSES),
    Column("purpose", "Finalité", ("Finalités", "Motif")),
    Column("manufacturer", "Marque", ("Fabricant", "Constructeur"), longest=80),
    Column("model", "Modèle", ("Référence", "Modèle caméra"), longest=120),
    Column("serial", "N° de série", ("Numéro de série", "N° série", "Série", "S/N"), longest=80),
    Column("mac", "MAC", ("Adresse MAC",), expected="mac"),
    Column("commissioned_on", "Date de mise en service", ("Mise en service", "MES",
        "Date mise en service"), expected="date"),
    Column("retired_on", "Date de retrait", ("Retrait", "Date de dépose", "Dépose"),
        expected="date"),
    Column("host", "Adresse IP", ("IP", "Hôte", "Adresse réseau", "Nom d'hôte"), expected="host",
        longest=253),
    Column("port", "Port", ("Port ONVIF", "Port HTTP"), expected="port"),
    Column("path", "Chemin ONVIF", ("Chemin", "URL ONVIF"), expected="path"),
    Column("scheme", "Protocole", ("Protocole ONVIF",), expected="choice",
        choices=vocabulary.SCHEMES),
    Column("tls_verify", "Vérification TLS", ("TLS", "Certificat"), expected="tls"),
    Column("zone", "Zone réseau", ("Zone de supervision",), expected="zone", longest=40),
    Column("networks", "Réseaux du site", ("Réseaux autorisés", "Sous-réseaux"),
        expected="networks", longest=400),
    Column("rtsp_port", "Port RTSP", ("RTSP",), expected="port"),
    Column("rtsp_path", "Chemin RTSP", ("URL RTSP",), expected="path"),
    Column("password_text", "Mot de passe en clair", ("PasswordText",), expected="choice",
        choices=vocabulary.YES_NO),
    Column("gateway_host", "Passerelle", ("Routeur", "Adresse de la passerelle"),
        expected="host", longest=253),
    Column("username", "Identifiant", ("Compte", "Utilisateur", "Login", "Identifiant ONVIF"),
        longest=120),
    Column("password", "Mot de passe ONVIF", ("Mot de passe", "MDP"), secret=True),
)  # fmt: skip

BY_KEY = {column.key: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a sheet stands, and which of its cells is which column."""

    row: int
    places: dict[str, int]


def header_key(typed: object) -> str:
    """Return the form under which headers are compared: no brackets, stars or units."""
    return normalise(_BRACKETS.sub(" ", str(typed or "")))


def known_headers(columns: Iterable[Column]) -> Mapping[str, Column]:
    """Return the columns by every header that they are known by."""
    return {
        normalise(header): column for column in columns for header in (column.header, *column.also)
    }


KNOWN = known_headers(COLUMNS)


def recognise(typed: object, known: Mapping[str, Column] = KNOWN) -> Column | None:
    """Return the column that a header means, with or without what it has in brackets."""
    return known.get(normalise(str(typed or ""))) or known.get(header_key(typed))


def find_header(
    sheet: Sheet, known: Mapping[str, Column] = KNOWN, *, fewest: int = FEWEST_HEADERS
) -> Row | None:
    """
    Return the header row: the first with several known headers.

    Titles, dates and merged cells above it are passed over.
    """
    for row in sheet.rows[:HEADER_SEARCH_ROWS]:
        if sum(recognise(value, known) is not None for value in row.values) >= fewest:
            return row
    return None


def read_header(
    sheet: Sheet,
    row: Row,
    columns: Sequence[Column] = COLUMNS,
    known: Mapping[str, Column] = KNOWN,
) -> tuple[Header, list[Problem]]:
    """Say which column stands where; unknown and doubled ones are problems."""
    places: dict[str, int] = {}
    problems = []
    for index, value in enumerate(row.values):
        where = f"{sheet.name}!{row.reference(index)}"
        typed = " ".join(str(value or "").split())
        column = recognise(value, known)
        if column is not None and column.key not in places:
            places[column.key] = index
        elif column is not None:
            first = row.reference(places[column.key])
            problems.append(Problem("column.twice", where, typed, {"first": first}))
        elif typed:
            close = {"nearest": nearest(typed, known)}
            problems.append(Problem("column.unknown", where, typed, close))
        elif filled := _first_filled(sheet, row.number, index):
            problems.append(Problem("column.unnamed", where, "", {"cell": filled}))
    missing = [column.header for column in columns if column.required and column.key not in places]
    where = f"{sheet.name}!{row.reference(0)}"
    problems += [Problem("column.missing", where, "", {"column": each}) for each in missing]
    return Header(row.number, places), problems


def nearest(typed: str, known: Mapping[str, Column] = KNOWN) -> str:
    """Return the header of the template that is closest to an unknown one."""
    key = header_key(typed)
    close = get_close_matches(key, known, n=1, cutoff=0.4) or _sharing_a_word(key, known)
    return known[close[0]].header if close else ""


def nearest_column(typed: str, known: Mapping[str, Column] = KNOWN) -> Column | None:
    """Return the column that a header comes near to: nearly its letters, or a word of it."""
    key = header_key(typed)
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    close = close or [e for e in _sharing_a_word(key, known) if set(e.split()) & set(key.split())]
    return known[close[0]] if close else None


def _sharing_a_word(key: str, known: Iterable[str]) -> Sequence[str]:
    words = set(key.split())
    return sorted(known, key=lambda each: -len(words & set(each.split())))[:1] if words else ()


def _first_filled(sheet: Sheet, header: int, index: int) -> str:
    for row in sheet.rows[header:]:
        if index < len(row.values) and str(row.values[index] or "").strip():
            return row.reference(index)
    return ""
