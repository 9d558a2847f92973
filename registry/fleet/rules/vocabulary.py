"""The words that town halls use for kinds, classes and schemes, and what each means."""

import re
from collections.abc import Mapping

from registry.territory.rules import normalise

Vocabulary = Mapping[str, tuple[str, ...]]

# The first word of each line is the one that the drop-down list offers.
SITE_KINDS: Vocabulary = {
    "commune": ("Commune", "Place communale", "Espace public", "Ville", "Voie publique"),
    "station": ("Gare", "Halte", "Gare TER", "Halte TER", "Gare SNCF", "Gare ou halte"),
    "lycee": ("Lycée", "Lycée polyvalent", "Lycée professionnel", "Établissement scolaire"),
    "hub": ("Pôle d'échanges", "Pôle d'échange", "Pôle multimodal", "PEM", "Pôle gare"),
}
BENEFICIARY_KINDS: Vocabulary = {
    "commune": ("Commune", "Ville", "Mairie"),
    "epci": (
        "EPCI",
        "Intercommunalité",
        "Interco",
        "Communauté de communes",
        "Communauté d'agglomération",
        "Communauté urbaine",
        "Métropole",
        "CC",
        "CA",
        "CU",
    ),
    "syndicate": ("Syndicat", "Syndicat mixte", "Syndicat intercommunal"),
    "sncf": ("SNCF", "SNCF Gares & Connexions", "Gares et Connexions"),
    "region": ("Région", "Conseil régional"),
}
CAMERA_CLASSES: Vocabulary = {
    "public_road": ("Voie publique", "VP", "Rue", "Voirie"),
    "exterior": ("Extérieur", "Extérieure", "Ext", "Parvis", "Parking"),
    "interior": ("Intérieur", "Intérieure", "Int", "Hall"),
}
CAMERA_TYPES: Vocabulary = {
    "dome": ("Dôme", "DOM", "PTZ", "Dôme motorisé"),
    "fixed": ("Fixe", "FIX", "Bullet", "Tube"),
    "fixed_180": ("Fixe 180", "FIX180", "FIX 180", "180", "Panoramique"),
    "multisensor": ("Multicapteur", "MULTI", "Multi capteurs", "Multi-objectifs"),
}
MOUNTS: Vocabulary = {
    "building": ("Bâtiment", "Toit", "Immeuble"),
    "corner": ("Angle", "Angle de bâtiment"),
    "facade": ("Façade",),
    "wall": ("Mur",),
    "pole": ("Mât", "Poteau"),
    "lamp_post": ("Candélabre", "Mât d'éclairage", "Lampadaire", "Éclairage public"),
    "ceiling": ("Plafond", "Faux plafond"),
}
LANDS: Vocabulary = {
    "public": ("Public", "Domaine public", "Publique"),
    "private": ("Privé", "Domaine privé", "Privée"),
}
CALENDARS: Vocabulary = {
    "always": ("24 h/24, 7 j/7", "24x7", "24/7", "7j/7", "Continu"),
    "business_hours": ("Heures ouvrées", "Jours ouvrés", "JO", "HO"),
}
AUTHORISATION_KINDS: Vocabulary = {
    "permanent": ("Autorisation", "Initiale", "Arrêté"),
    "renewal": ("Renouvellement",),
    "modification": ("Modification", "Modificatif", "Extension"),
    "provisional": ("Provisoire", "Temporaire"),
}
# CSI L251-2, in the order of the article.
PURPOSES: Vocabulary = {
    "public_buildings": ("Protection des bâtiments publics", "Bâtiments publics"),
    "defence": ("Installations utiles à la défense nationale", "Défense nationale"),
    "traffic": ("Régulation des flux de transport", "Circulation", "Flux de transport"),
    "traffic_offences": (
        "Constatation des infractions routières",
        "Infractions routières",
        "Vidéoverbalisation",
    ),
    "assaults": (
        "Prévention des agressions, vols et trafics",
        "Sécurité des personnes et des biens",
        "Agressions",
        "Délinquance",
    ),
    "terrorism": ("Prévention d'actes de terrorisme", "Terrorisme"),
    "risks": ("Prévention des risques naturels ou technologiques", "Risques"),
    "rescue": ("Secours aux personnes", "Secours", "Incendie"),
    "amusement": ("Sécurité des parcs d'attraction", "Parcs d'attraction"),
    "insurance": ("Obligation d'assurance", "Assurance"),
    "waste": ("Abandon d'ordures", "Dépôts sauvages", "Déchets"),
}
# What contracts commonly leave out of the contractor's account.
EXCLUSIONS: Vocabulary = {
    "planned": ("Maintenance programmée", "Travaux programmés"),
    "vandalism": ("Vandalisme",),
    "power": ("Coupure électrique", "Énergie", "EDF"),
    "network": ("Coupure réseau", "Opérateur", "Télécom"),
    "force_majeure": ("Force majeure", "Foudre", "Intempéries"),
}
# How a municipal inventory says how far a position has come; none of it is a date.
STAGES: Vocabulary = {
    "planned": ("En projet", "Projet"),
    "decided": ("Arrêté", "Décidé", "Programmé"),
    "works": ("En travaux", "Travaux"),
    "in_service": ("En service", "Actif", "Active"),
    "temporary": ("Provisoire", "Temporaire"),
    "rejected": ("Non retenu", "Non retenue", "Abandonné"),
}
FUNDERS: Vocabulary = {
    "fipd": ("FIPD",),
    "detr": ("DETR",),
    "dsil": ("DSIL",),
    "department": ("Département", "Conseil départemental"),
    "epci": ("EPCI", "Fonds de concours"),
    "europe": ("Europe", "FEDER"),
    "other": ("Autre",),
    "own": ("Autofinancement", "Fonds propres"),
}
LINE_STATES: Vocabulary = {
    "asked": ("Demandé",),
    "granted": ("Accordé",),
    "refused": ("Refusé",),
}
PAYMENT_KINDS: Vocabulary = {
    "advance": ("Avance",),
    "interim": ("Acompte",),
    "balance": ("Solde",),
    "repayment": ("Reversement",),
    "declared": ("Déclaré",),
}
SCHEMES: Vocabulary = {"http": ("http",), "https": ("https",)}
TLS_CHECKS: Vocabulary = {
    "ca": ("ca", "Autorité", "Oui", "Autorité de certification"),
    "off": ("off", "Non", "Aucune", "Désactivée"),
    "pin": ("pin", "Premier certificat", "Première connexion", "Épinglé"),
}
YES_NO: Vocabulary = {"yes": ("Oui", "O", "Vrai", "X"), "no": ("Non", "N", "Faux")}


def meaning(vocabulary: Vocabulary, typed: str) -> str | None:
    """Return what a word stands for, whatever its case and accents, or none."""
    wanted = normalise(typed)
    for meant, words in vocabulary.items():
        if any(wanted == normalise(word) for word in (meant, *words)):
            return meant
    return None


def meanings(vocabulary: Vocabulary, typed: str) -> tuple[str, ...] | None:
    """
    Return what several words stand for, in the order of the vocabulary, or none.

    They are separated by semicolons or bars; codes may be separated by spaces too.
    """
    parts = [part for part in re.split(r"[;|\n]", typed) if part.strip()]
    found = [meaning(vocabulary, part) for part in parts]
    if None in found and len(parts) == 1:
        found = [code if code in vocabulary else None for code in typed.split()]
    return None if None in found else tuple(code for code in vocabulary if code in found)


def beneficiary_kind(name: str) -> str:
    """Guess from a beneficiary's name what it is; a commune, unless it says otherwise."""
    words = normalise(name)
    for kind, spellings in BENEFICIARY_KINDS.items():
        if any(f"{words} ".startswith(f"{normalise(each)} ") for each in spellings):
            return kind
    return "commune"


def offered(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the words that a drop-down list offers, one for each meaning."""
    return tuple(words[0] for words in vocabulary.values())
