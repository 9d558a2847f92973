"""Commands on the journal: recompute its chain."""

import re

import click

from registry.cli import edge

ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
FAULTS = {
    "missing": ("no entry stands there", "aucune ligne à cette place"),
    "previous": (
        "it does not carry the digest of the entry before",
        "elle ne porte pas l'empreinte de la ligne qui précède",
    ),
    "digest": (
        "its words are not those that were digested",
        "son texte n'est plus celui d'origine",
    ),
    "unreadable": ("the database cannot read it", "la base ne peut pas la lire"),
    "tail": ("the end of the journal was cut off", "la fin du journal a été coupée"),
    "head": (
        "the end of the journal is not the one that was kept",
        "la fin du journal n'est pas celle qui a été retenue",
    ),
    "anchor": (
        "its digest is not the one that was noted",
        "son empreinte n'est pas celle qui avait été notée",
    ),
}


@click.group()
def journal() -> None:
    """Recompute the chain of the journal."""


@journal.command("verify")
@click.option(
    "--anchor",
    metavar="LENGTH:DIGEST",
    help="What an earlier verification printed: the journal must still hold it.",
)
@edge.as_json
def verify(anchor: str | None, *, as_json: bool) -> int:
    """Recompute every digest and name the first link that does not hold."""
    from registry import journal as chain

    noted = _anchor(anchor) if anchor else None
    with edge.database(edge.settings()) as (_, sessions), sessions() as session:
        found = chain.verify(session, anchor=noted)
    whole = found.fault is None
    if as_json:
        said = {"whole": whole, "length": found.length, "digest": found.digest}
        edge.print_json({**said, "broken_at": found.broken_at, "fault": found.fault})
    else:
        click.echo(_sentence(found.length, found.digest, found.broken_at, found.fault))
    return 0 if whole else edge.FAILED


def _anchor(text: str) -> tuple[int, str]:
    match = ANCHOR.fullmatch(text.strip())
    if match is None:
        message = f"{text}: expected LENGTH:DIGEST, as `vigiparc journal verify` prints it"
        raise click.BadParameter(message, param_hint="--anchor")
    return int(match[1]), match[2]


def _sentence(length: int, digest: str, broken_at: int | None, fault: str | None) -> str:
    french = edge.language() == "fr"
    if fault is None:
        words = ("entries, the chain holds", "lignes, la chaîne est intacte")
        return f"{length} {words[french]}: {length}:{digest}"
    where = "Première rupture à la ligne" if french else "First broken link at entry"
    return f"{where} {broken_at}: {FAULTS[fault][french]}"
