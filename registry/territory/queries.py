"""Answers which commune a code, a name or a point means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from registry.territory.models import (
    Commune,
    CommuneWord,
    Contour,
    Department,
    FormerCommune,
    School,
    Station,
)
from registry.territory.rules import (
    ABBREVIATIONS,
    near_codes,
    normalise,
    search_words,
    words_of,
)
from registry.territory.rules.outline import holds, unpack

# Well under the 32,766 parameters of SQLite and the 65,535 of PostgreSQL.
CHUNK = 5_000
_AFTER = "z" * 20


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


def departments(session: Session) -> list[tuple[str, str]]:
    """List every department as (code, name), in the order of their codes."""
    rows = session.execute(select(Department.code, Department.name).order_by(Department.code))
    return [(code, name) for code, name in rows]


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


@dataclass(frozen=True, slots=True)
class Place:
    """
    Something found by its name or code.

    `kind` is commune, station or school; `code` its INSEE, UIC or UAI code. `former`
    is the name under which it was found when that is not its name any more.
    """

    kind: str
    code: str
    name: str
    insee: str
    commune: str
    department: str
    former: str = ""


def search(session: Session, typed: str, *, limit: int = 20) -> list[Place]:
    """
    Find communes, then stations and lycées, by the starts of the words of a name or code.

    Accents, case, hyphens, articles and the order of words do not matter, st is saint;
    former names and codes and postal codes lead to the commune of today. A commune of
    that very name comes first, then those whose name begins with several words as they
    were typed, then the most populated.
    """
    words = search_words(typed)
    if not words:
        return []
    found = [_place(commune, words) for commune in _communes(session, words, limit)]
    for kind in ("station", "school"):
        # A begun word finds as many communes as are wanted: no need to look further.
        if len(found) < limit:
            found += _listed(session, kind, words, limit - len(found))
    return found


def _communes(session: Session, words: list[str], limit: int) -> Sequence[Commune]:
    told = [word for word in words if word in words_of(" ".join(words))]
    typed = " ".join(words)
    exact = Commune.search_name == typed
    if len(words) > 1:
        name = _starts(Commune.search_name, typed)
    else:
        # One word begins thousands of names: they are left to the index of words.
        name = exact | _starts(Commune.insee, words[0].upper())
    ranked = (exact.desc(), Commune.population.desc())
    whole = select(Commune.insee).where(name).order_by(*ranked).limit(limit)
    named = list(session.scalars(whole))
    # From the index alone: one range for each word, met on the commune.
    first = aliased(CommuneWord)
    *others, rarest = sorted(told, key=_rarity)
    query = select(first.insee, first.population).where(_starts(first.word, rarest))
    for word in others:
        other = aliased(CommuneWord)
        query = query.where(
            select(other.insee)
            .where(other.insee == first.insee, _starts(other.word, word))
            .exists()
        )
    query = query.distinct().order_by(first.population.desc(), first.insee).limit(limit)
    wanted = list(dict.fromkeys([*named, *(insee for insee, _ in session.execute(query))]))[:limit]
    read = select(Commune).options(joinedload(Commune.department)).where(Commune.insee.in_(wanted))
    return sorted(session.scalars(read), key=lambda each: wanted.index(each.insee))


def _rarity(word: str) -> int:
    """Guess how few communes a word starts: a long word few, a saint thousands."""
    return 0 if word in ABBREVIATIONS.values() else len(word)


def _starts(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    # Not LIKE: under most collations it does not use the index. Words are small
    # letters and digits, and nothing of them comes after their own start and z's.
    return column.between(word, word + _AFTER)


def _place(commune: Commune, words: list[str]) -> Place:
    def has_all(name: str) -> bool:
        own = search_words(name)
        return all(any(each.startswith(word) for each in own) for word in words)

    former = [name for name in commune.former_names.split("|") if name and has_all(name)]
    return Place(
        kind="commune",
        code=commune.insee,
        name=commune.name,
        insee=commune.insee,
        commune=commune.name,
        department=commune.department.name,
        former=former[0] if former and not has_all(commune.name) else "",
    )


def _listed(session: Session, kind: str, words: list[str], limit: int) -> list[Place]:
    table = Station if kind == "station" else School
    code = Station.uic if kind == "station" else School.uai
    query = (
        select(table.name, code, Commune)
        .outerjoin(table.commune)
        .options(joinedload(Commune.department))
        .where(*(words_match(table.search_name, code, word) for word in words))
        .order_by(table.name, code)
        .limit(limit)
    )
    return [
        Place(
            kind=kind,
            code=number,
            name=name,
            insee=commune.insee if commune else "",
            commune=commune.name if commune else "",
            department=commune.department.name if commune else "",
        )
        for name, number, commune in session.execute(query)
    ]


def words_match(
    name: InstrumentedAttribute[str], code: InstrumentedAttribute[str], word: str
) -> ColumnElement[bool]:
    """
    Return the condition that a word starts one of a few thousand names, or a code.

    Abbreviations that stand in the name are met too: saint finds `gare st quentin`.
    """
    spellings = [word, *(f"{short} " for short, long in ABBREVIATIONS.items() if long == word)]
    # Words are small letters and digits: nothing of them has to be escaped.
    spaced = literal(" ").concat(name)
    starts = [spaced.contains(f" {each}") for each in spellings]
    return or_(*starts, _starts(code, word.upper()))


def commune_at(session: Session, *, latitude: float, longitude: float) -> str | None:
    """Return the INSEE code of the commune that holds a point, by the loaded contours."""
    near = select(Contour).where(
        Contour.south <= latitude,
        Contour.north >= latitude,
        Contour.west <= longitude,
        Contour.east >= longitude,
    )
    for contour in session.scalars(near.order_by(Contour.insee)):
        if holds(unpack(contour.rings), (longitude, latitude)):
            return contour.insee
    return None


def lies_in(session: Session, insee: str, *, latitude: float, longitude: float) -> bool | None:
    """Tell whether a point lies in a commune; None where its contour is not loaded."""
    contour = session.get(Contour, insee)
    return None if contour is None else holds(unpack(contour.rings), (longitude, latitude))


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


def communes_within(places: Mapping[str, Collection[str]]) -> Select[str]:
    """
    Return the statement that gives the codes of the communes of some places.

    `places` holds codes by kind: `commune` and `department` (INSEE), `epci` (SIREN).
    """
    columns = {
        "commune": Commune.insee,
        "department": Commune.department_code,
        "epci": Commune.epci_siren,
    }
    ways = (columns[kind].in_(codes) for kind, codes in places.items())
    return select(Commune.insee).where(or_(false(), *ways))
