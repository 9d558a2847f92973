"""The words that town halls use for kinds, classes and schemes, and what each means."""

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
        if wanted == meant or any(wanted == normalise(word) for word in words):
            return meant
    return None


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
