"""Puts findings into French or English sentences, without a framework."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from registry.audit.rules.findings import Finding
from registry.funding.rules import format_cents

_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "A01.missing": (
        ("{count} caméra(s) du site {site} ont répondu, la dernière le {answered}, sans qu’aucun"
        " arrêté préfectoral ne soit enregistré."),
        ("{count} camera(s) at site {site} answered, the last on {answered}, and no prefectoral"
        " order is in the register.")),
    "A01.expired": (
        ("{count} caméra(s) du site {site} ont répondu, la dernière le {answered}, hors de la durée"
        " de l’arrêté {order}, qui expire le {expired}."),
        ("{count} camera(s) at site {site} answered, the last on {answered}, outside the term of"
        " order {order}, which expires on {expired}.")),
    "A03": (
        ("{installed} caméras de classe « {class} » sont installées, {authorised} sont autorisées"
        " (arrêté {orders}, sites {sites})."),
        ("{installed} cameras of class “{class}” are installed, {authorised} are authorised"
        " (order {orders}, sites {sites}).")),
    "A04": (
        "{installed} caméras sont installées sur {funded} financées : il en manque {missing}.",
        "{installed} cameras are installed of {funded} funded: {missing} are missing."),
    "A05": (
        ("{count} caméra(s) n’ont jamais décliné leur identité, plus de {days} jours après leur"
        " mise en service."),
        ("{count} camera(s) have never said who they are, more than {days} days after their"
        " commissioning.")),
    "A09": (
        "Le n° de série {serial} figure aussi au dossier {grants}.",
        "Serial {serial} also stands under file {grants}."),
    "A11.population": (
        "La commune compte {population} habitants ({year}) : le seuil est de moins de {limit}.",
        "The commune has {population} inhabitants ({year}): the threshold is below {limit}."),
    "A11.other_year": (
        ("La commune compte {population} habitants en {year} : le seuil est de moins de {limit} en"
        " {reference}, année de référence dont la population reste à saisir."),
        ("The commune has {population} inhabitants in {year}: the threshold is below {limit} in"
        " {reference}, the year of reference, whose population has to be entered.")),
    "A12.rate": (
        "{voted} votés : le taux de la campagne permet au plus {most} sur {eligible} éligibles.",
        "{voted} voted: the campaign's rate allows at most {most} on {eligible} eligible."),
    "A12.cap": (
        "{voted} votés : le plafond de la campagne est de {most}.",
        "{voted} voted: the campaign's cap is {most}."),
    "A12.camera_cap": (
        "{eligible} éligibles : le plafond de {cap} par caméra permet au plus {most}.",
        "{eligible} eligible: the cap of {cap} for each camera allows at most {most}."),
    "A12.public_share": (
        "Les aides publiques atteignent {public} sur {total}, soit plus de {percent} %.",
        "Public aid comes to {public} of {total}, more than {percent} %."),
    "A12.envelope": (
        "{voted} votés : il restait {left} de l’enveloppe de la campagne, {envelope} en tout.",
        "{voted} voted: {left} was left of the campaign's envelope, {envelope} in all."),
})  # fmt: skip
_SOURCES: Mapping[str, str] = MappingProxyType({
    "number of cameras of the decision": "nombre de caméras de la décision attributive",
    "certified delivery (service fait), before the balance": "service fait, avant le solde",
    "votes of the campaign's envelope": "votes de l’enveloppe de la campagne",
    "double financing of one device": "double financement d’un même appareil",
})  # fmt: skip
_CLASSES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "public_road": ("voie publique", "public road"),
    "exterior": ("extérieur", "exterior"),
    "interior": ("intérieur", "interior"),
})  # fmt: skip
_DAYS = ("answered", "expired")


def sentence(finding: Finding, language: str = "fr") -> str:
    """Say a finding in one sentence, with its figures as readers of the language write them."""
    english = language == "en"
    words = _SENTENCES.get(f"{finding.rule}.{finding.detail}") or _SENTENCES[finding.rule]
    return words[english].format_map(
        dict(_shown(name, text, english=english) for name, text in finding.parameters.items())
    )


def source(finding: Finding, language: str = "fr") -> str:
    """Return the text or the law that a finding stands on."""
    return finding.source if language == "en" else _SOURCES.get(finding.source, finding.source)


def _shown(name: str, text: str, *, english: bool) -> tuple[str, str]:
    if name.endswith("_cents"):
        return name.removesuffix("_cents"), format_cents(int(text))
    if name in _DAYS and text and not english:
        return name, date.fromisoformat(text).strftime("%d/%m/%Y")
    if name == "class":
        return name, _CLASSES[text][english] if text in _CLASSES else text
    return name, text
