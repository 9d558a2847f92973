"""Puts what an import found into French or English words, without a framework."""

from collections.abc import Mapping
from types import MappingProxyType

from registry.errors import Problem
from registry.fleet.rules.columns import Column
from registry.fleet.rules.vocabulary import offered

_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    # The file
    "sheet.type": ("type de fichier refusé ; attendu : {expected}",
                   "this type of file is refused; expected: {expected}"),
    "sheet.empty": ("le fichier est vide", "the file is empty"),
    "sheet.content": ("le contenu n’est pas celui d’un fichier {expected} (trouvé : {found})",
                      "the content is not that of a {expected} file (found: {found})"),
    "sheet.damaged": ("le fichier est endommagé et ne peut pas être lu",
                      "the file is damaged and cannot be read"),
    "sheet.large": ("le fichier fait {size} Mo, au plus {most} sont lus : le partager en plusieurs",
                    "the file has {size} MB, at most {most} are read: split it"),
    "sheet.too_large": ("le fichier, une fois décompressé, est trop grand",
                        "the file is too large once unpacked"),
    "sheet.too_wide": ("une feuille a plus de {most} colonnes",
                       "a sheet has more than {most} columns"),
    "sheet.macros": ("le classeur contient des macros ; l’enregistrer sans elles (.xlsx)",
                     "the workbook holds macros; save it without them (.xlsx)"),
    "sheet.entities": ("le classeur déclare des entités XML, ce qu’aucun tableur n’écrit",
                       "the workbook declares XML entities, which no spreadsheet writes"),
    "sheet.encoding": ("l’encodage du texte n’est ni UTF-8 ni Windows-1252",
                       "the text is encoded neither as UTF-8 nor as Windows-1252"),
    "sheet.no_header": ("aucune ligne d’en-têtes reconnue ; partez du modèle",
                        "no header row was recognised; start from the template"),
    "sheet.no_rows": ("aucune ligne à importer", "there is no row to import"),
    "file.geojson": ("ce n’est pas un fichier GeoJSON de contours",
                     "this is no GeoJSON file of contours"),
    "file.feature": ("ce contour n’a pas de code INSEE ou pas de polygone",
                     "this contour has no INSEE code or no polygon"),
    # Columns
    "column.unknown": ("colonne inconnue « {value} » ; la plus proche est « {nearest} »",
                       "unknown column “{value}”; the nearest is “{nearest}”"),
    "column.twice": ("la colonne « {value} » est déjà en {first}",
                     "column “{value}” stands in {first} already"),
    "column.unnamed": ("colonne sans en-tête, mais remplie en {cell}",
                       "column without a header, yet filled in {cell}"),
    "column.missing": ("colonne obligatoire absente : « {column} »",
                       "a required column is missing: “{column}”"),
    "profile.name": ("un nom d’au plus {longest} caractères, sans barre oblique",
                     "a name of at most {longest} characters, without a slash"),
    "profile.known": ("un profil porte déjà ce nom : le choisir d’abord pour le modifier",
                      "a profile has this name already: choose it first to change it"),
    "profile.taken": ("un profil porte déjà le nom « {value} »",
                      "a profile has the name “{value}” already"),
    "profile.choice": ("une colonne du modèle", "a column of the template"),
    "profile.twice": ("deux en-têtes pour la même colonne, « {first} » et « {second} »",
                      "two headers for one column, “{first}” and “{second}”"),
    # Cells
    "cell.required": ("valeur obligatoire absente", "a value is required"),
    "cell.contradicts": ("contredit {first}, qui dit « {said} »",
                         "contradicts {first}, which says “{said}”"),
    "text.long": ("au plus {longest} caractères", "at most {longest} characters"),
    "formula": ("une valeur, pas une formule en erreur", "a value, not a formula that failed"),
    "choice": ("une valeur parmi : {choices}", "one of: {choices}"),
    "date": ("une date jj/mm/aaaa", "a date dd/mm/yyyy"),
    "codes": ("des valeurs séparées par des points-virgules, parmi : {choices}",
              "values separated by semicolons, among: {choices}"),
    "hours": ("des heures de la semaine, comme lun-ven 17:00-07:00; sam,dim 00:00-24:00",
              "hours of the week, such as mon-fri 17:00-07:00; sat-sun 00:00-24:00"),
    "instant": ("une date et une heure, comme 23/11/2026 14:05",
                "a date and a time, such as 23/11/2026 14:05"),
    "percent": ("une part entre 0 et 100 %, à deux décimales au plus",
                "a share between 0 and 100 %, with two decimals at most"),
    "places": ("des identifiants de sites, comme 59054-01 59054-02",
               "identifiers of sites, such as 59054-01 59054-02"),
    "field.unknown": ("champ inconnu « {value} » ; connus : {known}",
                      "unknown field “{value}”; known: {known}"),
    "reason.required": ("un motif est demandé : {fields} en changent l’identité ou les dates",
                        "a reason is asked for: {fields} change an identity or dates"),
    "retirement.reason": ("un motif de retrait, puisqu’une date de retrait est donnée",
                          "a reason of retirement, because its date is given"),
    "site.unknown": ("aucun site ne porte cet identifiant", "no site has this identifier"),
    "site.twice": ("ce site est au registre : {known}", "this site is in the register: {known}"),
    "site.elsewhere": ("un identifiant qui commence par {insee}-",
                       "an identifier that starts with {insee}-"),
    "serial.unknown": ("aucun appareil en place ne porte ce n° de série",
                       "no mounted unit has this serial"),
    "serial.ambiguous": ("ce n° de série est en place à plusieurs caméras : {places}",
                         "this serial is mounted at several cameras: {places}"),
    "row.identity": ("{columns} pour reconnaître la ligne", "{columns} to recognise the row"),
    "row.twice": ("cette ligne est déjà en {first}", "this row stands in {first} already"),
    "row.rejected": ("position non retenue : ligne passée", "a rejected position: row left out"),
    "stage.dated": ("pas de mise en service pour une position qui n’est pas en service",
                    "no commissioning date for a position that is not in service"),
    "conflict": ("{said}", "{said}"),
    "grant.fixed": ("le bénéficiaire et le dispositif d’un dossier ne changent pas par un tableau",
                    "neither beneficiary nor programme of a file change by a sheet"),
    "camera.unknown": ("aucune caméra de ce nom au site {site}",
                       "no camera of this name at site {site}"),
    "camera.known": ("cette caméra est au registre, au site {site}",
                     "this camera is in the register, at site {site}"),
    "grant.unknown": ("aucun dossier ne porte ce numéro", "no grant has this file number"),
    "device.overlap": ("du {first} : l’appareil {other} est en place {second}",
                       "{first}: unit {other} is in place {second}"),
    "device.absent": ("aucun appareil n’est en place", "no unit is in place"),
    "device.known": ("cet appareil est déjà en place", "this unit is in place already"),
    "contract.twice": ("ce contrat est au registre", "this contract is in the register"),
    "contract.overlap": ("du {first} : le site {site} est couvert par {other} {second}",
                         "{first}: site {site} is covered by {other} {second}"),
    "authorisation.twice": ("cet arrêté est au registre", "this order is in the register"),
    "authorisation.long": ("au plus tard le {latest}", "{latest} at the latest"),
    "department.unknown": ("un code de département", "the code of a department"),
    "span.order": ("une date qui suit le {first}", "a date after {first}"),
    "power.overlap": ("des jours que n’occupent pas {hours} ({second})",
                      "days that {hours} ({second}) does not fill"),
    "date.order": ("une date qui ne précède pas la mise en service ({first})",
                   "a date that does not precede the commissioning ({first})"),
    "money": ("un montant en euros, comme 21 600,00", "an amount in euros, such as 21 600,00"),
    "money.negative": ("un montant positif ou nul", "an amount of zero or more"),
    "count": ("un nombre entier", "a whole number"),
    "count.some": ("un nombre entier à partir de 1, ou rien",
                   "a whole number from 1 on, or nothing"),
    "people": ("un nombre d’habitants", "a number of inhabitants"),
    "year": ("une année à quatre chiffres", "a year of four digits"),
    "insee": ("un code INSEE de commune (5 caractères, comme 59054)",
              "the INSEE code of a commune (5 characters, such as 59054)"),
    "insee.unknown": ("aucune commune ne porte ce code{hint}",
                      "no commune carries this code{hint}"),
    "siren": ("un SIREN : 9 chiffres, clé comprise", "a SIREN: 9 digits, key included"),
    "uic": ("un code UIC de gare : 87 et 6 chiffres, clé comprise",
            "a station's UIC code: 87 and 6 digits, key included"),
    "uai": ("un code UAI : 7 chiffres et leur lettre", "a UAI code: 7 digits and their letter"),
    "mac": ("une adresse MAC : 12 chiffres hexadécimaux",
            "a MAC address: 12 hexadecimal digits"),
    "port": ("un port de 1 à 65535", "a port from 1 to 65535"),
    "host": ("une adresse IP ou un nom, sans protocole ni port",
             "an IP address or a name, without scheme or port"),
    "host.blocked": ("une adresse dans les réseaux autorisés ({networks})",
                     "an address within the allowed networks ({networks})"),
    "path": ("un chemin qui commence par /, comme /onvif/device_service",
             "a path that starts with /, such as /onvif/device_service"),
    "tls": ("ca, off, pin (épingle le premier certificat vu), ou pin: suivi de son SHA-256",
            "ca, off, pin (pins the first certificate seen), or pin: and its SHA-256"),
    "zone": ("une zone réseau des réglages", "a zone of the settings"),
    "zone.unknown": ("une zone réseau connue : {known}", "a known zone: {known}"),
    "networks": ("des réseaux en notation CIDR, comme 10.59.4.0/24",
                 "networks in CIDR notation, such as 10.59.4.0/24"),
    "networks.stray": ("des réseaux compris dans ceux de la zone ({networks})",
                       "networks within those of the zone ({networks})"),
    "password_text.exposed": (
        "le mot de passe en clair seulement en https, certificat vérifié (ca ou pin)",
        "a password in the clear only over https with a verified certificate (ca or pin)"),
    "username.required": ("un identifiant, puisqu’un mot de passe est donné",
                          "a user name, because a password is given"),
    "password.required": ("un mot de passe, puisqu’un identifiant nouveau est donné",
                          "a password, because a new user name is given"),
    # The register
    "programme.unknown": ("un dispositif connu : {known}", "a known programme: {known}"),
    "campaign.unknown": ("une campagne de « {programme} » ; connues : {known}",
                         "a campaign of “{programme}”; known: {known}"),
    "camera.twice": ("cette caméra est déjà en {first}", "this camera stands in {first} already"),
    "grant.elsewhere": ("ce dossier est au registre sous {known}",
                        "this file is in the register under {known}"),
    "payment.beyond": ("plus que le montant voté : {most}, dont {already} déjà versés",
                       "more than the amount voted: {most}, of which {already} is paid"),
    "paid.below": ("moins que les paiements déjà saisis un à un : {already}",
                   "less than the payments entered one by one: {already}"),
    "vote.below_paid": ("moins que ce qui a été payé : {paid}", "less than what was paid: {paid}"),
    "rate.beyond": ("plus que la dépense subventionnable : {most}",
                    "more than the eligible base: {most}"),
    "required": ("valeur obligatoire absente", "a value is required"),
    "amount.negative": ("un montant positif ou nul", "an amount of zero or more"),
    "year.range": ("ce n’est pas une année", "this is no year"),
    "rate.range": ("un taux supérieur à 0 et d’au plus 100 %, à deux décimales au plus",
                   "a rate above 0 and up to 100 %, with two decimals at most"),
    "eligible.beyond": ("plus que le coût du projet : {most}",
                        "more than the project costs: {most}"),
    "date.before": ("précède le {first}", "comes before {first}"),
    "date.after": ("suit le {second}", "comes after {second}"),
    "date.future": ("est à venir : aujourd’hui est le {today}",
                    "is yet to come: today is {today}"),
    "payment.beyond_due": (
        "plus que ce que la dépense réelle rend dû : {most}, dont {already} déjà versés",
        "more than the real expense makes due: {most}, of which {already} is paid"),
    "payment.advance_share": (
        "plus que l’avance permise, {percent} % : {most}, dont {already} déjà versés",
        "more than may be paid in advance, {percent} %: {most}, of which {already} is paid"),
    "payment.interim_share": (
        "plus que permis avant le solde, {percent} % : {most}, dont {already} déjà versés",
        "more than allowed before the balance, {percent} %: {most}, of which {already} is paid"),
    "payment.status": ("rien n’est versé sur un dossier non voté, refusé ou abandonné",
                       "nothing is paid on a file that is not voted, refused or given up"),
    "repayment.beyond": ("plus que ce qui a été versé : {already}",
                         "more than was paid: {already}"),
    "line.not_granted": ("rien n’est accordé sur une ligne qui ne l’est pas",
                         "nothing is granted on a line that is not"),
    "plan.beyond": ("l’argent public passerait le coût du projet : {most}",
                    "public money would exceed the cost of the project: {most}"),
    # Remarks: loaded all the same
    "insee.repaired": ("code INSEE lu {read}", "INSEE code read as {read}"),
    "insee.former": ("ancien code : rattaché à {read}", "former code: taken over by {read}"),
    "date.number": ("nombre lu comme la date {read}", "number read as the date {read}"),
    "row.totals": ("ligne de total, non importée", "a row of totals, not imported"),
    "serial.elsewhere": ("ce n° de série figure aussi au dossier {grants}",
                         "this serial also stands under file {grants}"),
    "threshold": ("{commune} compte {population} habitants : seuil de {limit} dépassé",
                  "{commune} has {population} inhabitants: over the threshold of {limit}"),
    "serial.twice": ("ce n° de série figure sur plusieurs caméras du dossier {grants}",
                     "this serial stands on several cameras of file {grants}"),
    "commune.differs": ("la commune de ce code est {read}", "the commune of this code is {read}"),
    "device.replaced": ("appareil remplacé : {before} déposé", "device replaced: {before} removed"),
})  # fmt: skip
_SAID = {
    "fr": ("« {value} » : ", "attendu : {sentence}"),
    "en": ("“{value}”: ", "expected: {sentence}"),
}
_NEARBY = {"fr": " ; vouliez-vous dire {near} ?", "en": "; did you mean {near}?"}
# What a cell should have held reads as an expectation; the others are statements.
_EXPECTATIONS = frozenset(
    {
        "text.long",
        "formula",
        "choice",
        "date",
        "date.order",
        "money",
        "money.negative",
        "count",
        "count.some",
        "year",
    }
    | {"profile.name", "profile.choice", "amount.negative", "rate.range"}
    | {"codes", "hours", "instant", "percent", "places", "retirement.reason"}
    | {"site.elsewhere", "row.identity", "stage.dated"}
    | {"authorisation.long", "department.unknown", "span.order", "power.overlap"}
    | {"insee", "siren", "uic", "uai", "mac", "port", "host", "host.blocked", "path", "tls"}
    | {"zone", "zone.unknown", "networks", "networks.stray", "password_text.exposed"}
    | {"username.required", "password.required", "programme.unknown", "campaign.unknown"}
)


def describe(problem: Problem, language: str = "fr", *, quoted: bool = True) -> str:
    """
    Put one problem or remark into a sentence, value included, place left out.

    `quoted` off leaves out the value, for a table that has it beside. An unknown
    code comes back as itself, so that nothing found goes unsaid.
    """
    sentences = _SENTENCES.get(problem.code)
    if sentences is None:
        return problem.code
    english = language == "en"
    sentence = sentences[english].format_map(_Words(_parameters(problem, language)))
    said, expected = _SAID["en" if english else "fr"]
    if problem.code in _EXPECTATIONS:
        sentence = expected.format(sentence=sentence)
    value = "" if "{value}" in sentences[english] or not quoted else problem.value
    whole = f"{said.format(value=value)}{sentence}" if value else sentence
    rows = problem.parameters.get("rows", "1")
    return whole if rows == "1" else f"{whole} ({rows} {'rows' if english else 'lignes'})"


def expectation(column: Column, language: str = "fr") -> str:
    """Say what the cells of a column must hold."""
    english = language == "en"
    if column.choices:
        return _SENTENCES["choice"][english].format(choices=", ".join(offered(column.choices)))
    if column.expected == "text":
        return _SENTENCES["text.long"][english].format(longest=column.longest)
    return _SENTENCES[column.expected][english]


def place(problem: Problem) -> tuple[str, str]:
    """Return the sheet and the cell that a problem is about, both empty for a whole file."""
    sheet, mark, cell = problem.where.rpartition("!")
    return (sheet, cell) if mark else ("", "")


class _Words(dict[str, str]):
    """The parameters of a sentence; one that was not given leaves a gap, not an error."""

    def __missing__(self, key: str) -> str:
        return ""


def _parameters(problem: Problem, language: str) -> dict[str, str]:
    words = {**problem.parameters, "value": problem.value}
    near = words.get("near")
    nearby = _NEARBY["en" if language == "en" else "fr"]
    words["hint"] = nearby.format(near=near) if near else ""
    return words
