"""The things of the fleet as tables: what each field is called, and what it may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from registry.fleet.rules import vocabulary
from registry.fleet.rules.columns import Column


# Without slots: what is asked for each cell of each row is put together once.
@dataclass(frozen=True)
class Table:
    """
    One kind of thing: the sheet that lists it, and its columns.

    `identity` names the columns by which a row of a sheet is found in the register.
    """

    key: str
    sheet: str
    identity: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """Return a column by its key."""
        return next(column for column in self.columns if column.key == key)

    @cached_property
    def by_key(self) -> Mapping[str, Column]:
        """The columns by their keys, in their order."""
        return {column.key: column for column in self.columns}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The keys of the columns that may not be empty."""
        return frozenset(column.key for column in self.columns if column.required)


GRANTS = Table("grants", "Dossiers", ("file_number",), (
    Column("file_number", "N° dossier", ("Numéro de dossier", "Dossier", "N° de dossier"),
        required=True, longest=60, telling=True),
    Column("programme", "Dispositif", ("Programme",), required=True, telling=True),
    Column("year", "Année", ("Campagne", "Millésime"), required=True, expected="year",
        telling=True),
    Column("beneficiary", "Bénéficiaire", ("Nom du bénéficiaire", "Maître d'ouvrage"),
        required=True, telling=True),
    Column("beneficiary_kind", "Type de bénéficiaire", expected="choice",
        choices=vocabulary.BENEFICIARY_KINDS, telling=True),
    Column("beneficiary_insee", "Code INSEE du bénéficiaire", expected="insee", telling=True),
    Column("siren", "SIREN", ("N° SIREN",), expected="siren", telling=True),
    Column("decision_number", "N° délibération", ("Délibération",), longest=60, telling=True),
    Column("decided_on", "Date délibération", ("Date de la délibération", "Date du vote"),
        expected="date", telling=True),
    Column("purpose", "Objet", longest=256),
    Column("project_cents", "Coût du projet HT", ("Coût total HT",), expected="money",
        telling=True),
    Column("eligible_cents", "Dépense subventionnable HT", ("Dépense subventionnable",
        "Assiette"), expected="money", telling=True),
    Column("rate", "Taux", ("Taux d'intervention",), expected="percent", telling=True),
    Column("voted_cents", "Montant voté", ("Subvention votée", "Subvention"), required=True,
        expected="money", telling=True),
    Column("cameras_funded", "Caméras financées", ("Nombre de caméras",), required=True,
        expected="count", telling=True),
    Column("population", "Population au vote", ("Population",), expected="people", telling=True),
    Column("population_year", "Année de la population", expected="year", telling=True),
    Column("population_source", "Source de la population", telling=True),
))  # fmt: skip

LINES = Table("lines", "Cofinancements", ("file_number", "funder", "name"), (
    Column("file_number", "N° dossier", ("Numéro de dossier", "Dossier"), required=True,
        longest=60),
    Column("funder", "Cofinanceur", ("Financeur",), required=True, expected="choice",
        choices=vocabulary.FUNDERS),
    Column("name", "Nom du cofinanceur", longest=120),
    Column("state", "Suite donnée", ("État",), expected="choice",
        choices=vocabulary.LINE_STATES),
    Column("asked_cents", "Montant demandé", expected="money"),
    Column("granted_cents", "Montant accordé", expected="money"),
    Column("asked_on", "Demandé le", expected="date"),
    Column("decided_on", "Décidé le", expected="date"),
    Column("reference", "Référence", longest=60),
))  # fmt: skip

PAYMENTS = Table("payments", "Versements", ("file_number", "kind", "rank"), (
    Column("file_number", "N° dossier", ("Numéro de dossier", "Dossier"), required=True,
        longest=60),
    Column("kind", "Nature", required=True, expected="choice", choices=vocabulary.PAYMENT_KINDS),
    Column("rank", "Rang", expected="count"),
    Column("asked_on", "Demandé le", expected="date"),
    Column("asked_cents", "Montant demandé", expected="money"),
    Column("expense_cents", "Dépense réelle HT", expected="money"),
    Column("certified_on", "Service fait le", expected="date"),
    Column("paid_on", "Versé le", expected="date"),
    Column("paid_cents", "Montant versé", expected="money"),
    Column("reference", "Référence", longest=60),
))  # fmt: skip

SITES = Table("sites", "Sites", ("public_id",), (
    Column("public_id", "Identifiant", ("Identifiant du site", "Id"), expected="places"),
    Column("insee", "Code INSEE", ("INSEE", "Code commune"), required=True, expected="insee",
        telling=True),
    Column("kind", "Type de site", ("Nature du site", "Type de lieu"), required=True,
        expected="choice", choices=vocabulary.SITE_KINDS, telling=True),
    Column("name", "Site", ("Nom du site", "Lieu", "Emplacement"), required=True, longest=120,
        telling=True),
    Column("address", "Adresse", ("Adresse du site", "Adresse postale", "Rue")),
    Column("uic", "UIC", ("Code UIC", "UIC gare"), expected="uic", telling=True),
    Column("uai", "UAI", ("Code UAI", "RNE", "N° UAI"), expected="uai", telling=True),
    Column("zone", "Zone réseau", ("Zone de supervision",), expected="zone", longest=40,
        lasting=True),
    Column("networks", "Réseaux du site", ("Réseaux autorisés", "Sous-réseaux"),
        expected="networks", longest=400),
    Column("gateway_host", "Passerelle", ("Routeur", "Adresse de la passerelle"),
        expected="host", longest=253),
    Column("gateway_port", "Port de la passerelle", expected="port", lasting=True),
    Column("power_hours", "Alimentation", ("Heures d'alimentation",), expected="hours",
        telling=True),
    Column("power_from_on", "Alimentation depuis", expected="date", telling=True),
    Column("owner", "Propriétaire", ("Maître d'ouvrage du site",)),
    Column("operator", "Exploitant", ("Gestionnaire", "CSU")),
))  # fmt: skip

# Hours by themselves, which no sheet lists: those in force stand in that of the sites.
POWER = Table("power_hours", "", ("site", "from_on"), (
    Column("site", "Site", required=True, expected="places", telling=True),
    Column("hours", "Alimentation", required=True, expected="hours", telling=True),
    Column("from_on", "Depuis", expected="date", lasting=True, telling=True),
    Column("until_on", "Jusqu'à", expected="date", telling=True),
))  # fmt: skip

CAMERAS = Table("cameras", "Positions", ("site", "label"), (
    Column("site", "Site", ("Identifiant du site",), required=True, expected="places",
        telling=True),
    Column("label", "Caméra", ("Libellé", "Libellé caméra", "Repère"), required=True, longest=60,
        telling=True),
    Column("file_number", "N° dossier", ("Numéro de dossier", "Dossier"), longest=60,
        telling=True),
    Column("camera_class", "Classe", ("Classe de caméra", "Zone filmée"), expected="choice",
        choices=vocabulary.CAMERA_CLASSES, lasting=True),
    Column("camera_type", "Type de caméra", ("Type",), expected="choice",
        choices=vocabulary.CAMERA_TYPES),
    Column("mount", "Support", ("Support de pose", "Fixation"), expected="choice",
        choices=vocabulary.MOUNTS),
    Column("land", "Domanialité", ("Domaine",), expected="choice", choices=vocabulary.LANDS),
    Column("purpose", "Finalité", ("Finalités", "Motif")),
    Column("expected_view", "Vue attendue", ("Champ", "Champ de vision", "Vue")),
    Column("commissioned_on", "Date de mise en service", ("Mise en service", "MES"),
        expected="date", telling=True),
    Column("retired_on", "Date de retrait", ("Retrait", "Date de dépose", "Dépose"),
        expected="date", telling=True),
    Column("retirement_reason", "Motif de retrait", ("Motif de dépose",)),
    Column("scheme", "Protocole", ("Protocole ONVIF",), expected="choice",
        choices=vocabulary.SCHEMES, lasting=True),
    Column("host", "Adresse IP", ("IP", "Hôte", "Nom d'hôte"), expected="host", longest=253),
    Column("port", "Port", ("Port ONVIF", "Port HTTP"), expected="port", lasting=True),
    Column("path", "Chemin ONVIF", ("Chemin", "URL ONVIF"), expected="path", lasting=True),
    Column("tls_verify", "Vérification TLS", ("TLS", "Certificat"), expected="tls", lasting=True),
    Column("password_text", "Mot de passe en clair", ("PasswordText",), expected="choice",
        choices=vocabulary.YES_NO, lasting=True),
    Column("rtsp_port", "Port RTSP", ("RTSP",), expected="port"),
    Column("rtsp_path", "Chemin RTSP", ("URL RTSP",), expected="path", lasting=True),
))  # fmt: skip

DEVICES = Table("devices", "Appareils", ("site", "label", "mounted_at"), (
    Column("site", "Site", ("Identifiant du site",), required=True, expected="places"),
    Column("label", "Caméra", ("Libellé", "Libellé caméra", "Repère"), required=True, longest=60),
    Column("serial", "N° de série", ("Numéro de série", "N° série", "S/N"), longest=80,
        telling=True),
    Column("manufacturer", "Marque", ("Fabricant", "Constructeur"), longest=80, telling=True),
    Column("model", "Modèle", ("Référence", "Modèle caméra"), longest=120, telling=True),
    Column("firmware", "Micrologiciel", ("Firmware", "Version"), longest=80),
    Column("mac", "MAC", ("Adresse MAC",), expected="mac", telling=True),
    Column("mounted_at", "Posé le", ("Date de pose", "Pose"), required=True, expected="instant",
        telling=True),
    Column("removed_at", "Déposé le", ("Date de dépose", "Dépose"), expected="instant",
        telling=True),
    Column("replacement_reason", "Motif du remplacement", ("Motif",)),
    Column("paper", "Pièce", ("Bon d'intervention", "Procès-verbal"), longest=120),
))  # fmt: skip

CONTRACTS = Table("contracts", "Contrats", ("reference",), (
    Column("reference", "Référence", ("N° de contrat", "Contrat", "Marché"), required=True,
        longest=60, telling=True),
    Column("contractor", "Titulaire", ("Mainteneur", "Prestataire"), required=True, telling=True),
    Column("gti_hours", "GTI (h)", ("GTI", "Délai d'intervention"), expected="count"),
    Column("gtr_hours", "GTR (h)", ("GTR", "Délai de rétablissement"), expected="count"),
    Column("calendar", "Calendrier", ("Plage de service",), expected="choice",
        choices=vocabulary.CALENDARS, lasting=True),
    Column("business_hours", "Heures ouvrées", ("Horaires",), expected="hours"),
    Column("target_availability", "Disponibilité visée", ("Taux de disponibilité",),
        expected="percent"),
    Column("exclusions", "Exclusions", ("Hors contrat",), expected="codes",
        choices=vocabulary.EXCLUSIONS),
    Column("starts_on", "Début", ("Date de début",), required=True, expected="date",
        telling=True),
    Column("ends_on", "Fin", ("Date de fin",), expected="date", telling=True),
    Column("sites", "Sites couverts", ("Sites",), expected="places", telling=True),
))  # fmt: skip

AUTHORISATIONS = Table("authorisations", "Arrêtés", ("department_code", "act_number"), (
    Column("department_code", "Département", ("Préfecture",), required=True, longest=3,
        telling=True),
    Column("act_number", "N° d'arrêté", ("Arrêté", "Numéro d'arrêté", "N° d'acte"), required=True,
        longest=60, telling=True),
    Column("kind", "Nature", ("Type d'arrêté",), expected="choice",
        choices=vocabulary.AUTHORISATION_KINDS, telling=True, lasting=True),
    Column("decided_on", "Date de l'arrêté", ("Signé le", "Date"), required=True, expected="date",
        telling=True),
    Column("expires_on", "Échéance", ("Expire le", "Date d'échéance"), required=True,
        expected="date", telling=True),
    Column("renewal_filed_on", "Renouvellement déposé le", ("Dépôt du renouvellement",),
        expected="date", telling=True),
    Column("public_road_cameras", "Caméras voie publique", ("Voie publique",), expected="count",
        lasting=True),
    Column("exterior_cameras", "Caméras extérieures", ("Extérieures",), expected="count",
        lasting=True),
    Column("interior_cameras", "Caméras intérieures", ("Intérieures",), expected="count",
        lasting=True),
    Column("retention_days", "Conservation (jours)", ("Durée de conservation",),
        expected="count"),
    Column("purposes", "Finalités", ("Finalité",), expected="codes", choices=vocabulary.PURPOSES),
    Column("holder", "Titulaire de l'autorisation", ("Titulaire",)),
    Column("sites", "Sites couverts", ("Sites",), expected="places", telling=True),
))  # fmt: skip

# A sheet of positions may also name the mounted unit, by which rows are found, and how
# far a municipal inventory has come with them, which the register does not keep.
LISTED_CAMERAS = replace(
    CAMERAS,
    columns=(
        *CAMERAS.columns,
        Column("serial", "N° de série", ("Numéro de série", "N° série", "S/N"), longest=80),
        Column("stage", "État", ("Avancement",), expected="choice", choices=vocabulary.STAGES),
    ),
)

TABLES = (GRANTS, LINES, PAYMENTS, SITES, LISTED_CAMERAS, DEVICES, CONTRACTS, AUTHORISATIONS)
