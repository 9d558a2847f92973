"""Answers which commune a code or a name means."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from registry.territory.models import Commune, FormerCommune
from registry.territory.rules import near_codes, normalise

# Well under the 32,766 parameters of SQLite and the 65,535 of PostgreSQL.
CHUNK = 5_000


def commune(session: Session, insee: str) -> Commune | None:
    """Return the commune of today that carries a code."""
    return session.get(Commune, insee)


def successor(session: Session, former: str) -> Commune | None:
    """Return the commune that took over a code no longer in use."""
    return session.scalar(
        select(Commune)
        .join(FormerCommune, FormerCommune.successor_insee == Commune.insee)
        .where(FormerCommune.insee == former)
    )


def communes_by_code(session: Session, codes: Collection[str]) -> dict[str, Commune]:
    """
    Return the commune that each code leads to, former codes included.

    Codes that were never in use are left out. A few statements, however many codes.
    """
    found: dict[str, Commune] = {}
    for chunk in _chunks(codes):
        former = (
            select(FormerCommune.insee, Commune)
            .join(Commune, FormerCommune.successor_insee == Commune.insee)
            .where(FormerCommune.insee.in_(chunk))
        )
        found.update((insee, commune) for insee, commune in session.execute(former))
        today = select(Commune).where(Commune.insee.in_(chunk))
        found.update((each.insee, each) for each in session.scalars(today))
    return found


def search(session: Session, words: str, *, limit: int = 20) -> Sequence[Commune]:
    """
    Find communes by the start of any word of their name, or by their code.

    Accents, case and hyphens do not matter; the most populated come first.
    """
    wanted = normalise(words)
    if not wanted:
        return []
    found = (
        select(Commune)
        .options(joinedload(Commune.department))
        .where(
            or_(
                Commune.search_name.startswith(wanted, autoescape=True),
                Commune.search_name.contains(f" {wanted}", autoescape=True),
                Commune.insee == words.strip().upper(),
            )
        )
        .order_by(Commune.population.desc().nulls_last(), Commune.insee)
        .limit(limit)
    )
    return session.scalars(found).all()


def nearest(session: Session, code: str, name: str = "") -> Commune | None:
    """
    Return the commune that was probably meant by a code that nobody carries.

    By its name in the same department when one is given, else in any department if
    the name is borne once; else by one slip of the finger in the code.
    """
    if name:
        namesakes = session.scalars(
            select(Commune).where(Commune.search_name == normalise(name)).order_by(Commune.insee)
        ).all()
        near = [each for each in namesakes if each.department_code == code[:2]] or namesakes
        if len(near) == 1:
            return near[0]
    slips = list(dict.fromkeys(near_codes(code)))
    known = session.scalars(select(Commune).where(Commune.insee.in_(slips)))
    return min(known, key=lambda each: slips.index(each.insee), default=None)


def _chunks(codes: Collection[str]) -> list[list[str]]:
    ordered = sorted(set(codes))
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
