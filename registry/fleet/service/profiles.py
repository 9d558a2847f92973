"""Reads and keeps the profiles of foreign inventories: shipped, saved, or in a file."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from registry import sheets
from registry.errors import Invalid, Misconfigured, NotFound, Problem
from registry.fleet import queries
from registry.fleet.models import ImportProfile
from registry.fleet.rules.mapping import PASSED, Headers, mapped, read_headers
from registry.fleet.rules.profiles import Profile
from registry.fleet.service.edits import require
from registry.journal import sign
from registry.signature import Signature

LONGEST_NAME = 60
# A slash would make a path of it, and a suffix a file: the command line takes both.
_NAME = re.compile(r"[^\x00-\x1f/\\]+(?<!\.toml)\Z")


class ProfileFile(BaseModel):
    """What the TOML file of a profile may say; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid")

    title: str
    kind: str = ""
    source: str = ""
    columns: dict[str, str] = Field(min_length=1)
    ignored: list[str] = []
    words: dict[str, dict[str, str]] = {}


def read_profiles(folder: Path) -> Mapping[str, Profile]:
    """
    Return the profiles of a folder by their name, the stem of their file.

    Raises:
        Misconfigured: A file is wrong; the message names file and key.
    """
    return {path.stem: read_profile(path) for path in sorted(folder.glob("*.toml"))}


def read_profile(path: Path) -> Profile:
    """
    Read one profile.

    Raises:
        Misconfigured: It is no TOML, or a key is unknown, missing or impossible.
    """
    try:
        file = ProfileFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name}: {error}") from None
    return Profile(
        name=path.stem,
        title=file.title,
        kind=file.kind,
        source=file.source,
        columns=file.columns,
        ignored=frozenset(file.ignored),
        words=file.words,
    )


def saved_profiles(session: Session) -> Mapping[str, Profile]:
    """Return the profiles that officers saved, by their names."""
    return {each.name: told(each) for each in queries.import_profiles(session)}


def find_profile(session: Session, folder: Path, named: str) -> Profile:
    """
    Return a profile by its name, or by the path of a file of one's own.

    Raises:
        NotFound: There is none, shipped or saved.
        Misconfigured: The file is wrong.
    """
    for path in (folder / f"{named}.toml", Path(named)):
        if path.suffix == ".toml" and path.is_file():
            return read_profile(path)
    saved = saved_profiles(session)
    if named in saved:
        return saved[named]
    known = ", ".join(sorted([*(path.stem for path in folder.glob("*.toml")), *saved]))
    raise NotFound(f"import profile {named!r}; known: {known}")


def file_headers(content: bytes, name: str, profile: Profile | None, kind: str) -> Headers:
    """
    Tell the headers of a file that an import knows from those to be mapped.

    Raises:
        Invalid: The file cannot be read.
    """
    kind = kind or (profile.kind if profile else "")
    return read_headers(sheets.read(content, name), profile, kind)


def save_profile(  # noqa: PLR0913 - a name, what was chosen over what, and who does it
    session: Session,
    name: str,
    headers: Headers,
    choices: Sequence[str],
    *,
    base: Profile | None,
    kind: str,
    shipped: Collection[str],
    signed: Signature,
) -> Profile:
    """
    Keep the choices made for a file's foreign headers under a name, and journal them.

    A saved profile is changed only by who read the file with it; `shipped` are the
    names of the service's own, which are not given away.

    Raises:
        Invalid: The name will not do, a choice is unknown, or two headers share a column.
    """
    name = " ".join(name.split())
    saved = {each.name: each for each in queries.import_profiles(session)}
    row = saved.get(name)
    require([*_name_problems(name, row, base, shipped), *_choice_problems(headers, choices)])
    profile = mapped(name, headers, choices, base, kind)
    before = _kept(told(row)) if row else {}
    after = _kept(profile)
    content = json.dumps(after, ensure_ascii=False, sort_keys=True)
    if row is None:
        session.add(ImportProfile(name=name, content=content))
    else:
        row.content = content
    if before != after:
        sign(session, signed, "profile.save", f"profile:{name}", before=before, after=after)
    session.flush()
    return profile


def rename_profile(
    session: Session,
    row: ImportProfile,
    name: str,
    *,
    shipped: Collection[str],
    signed: Signature,
) -> bool:
    """
    Give a saved profile another name and journal it; tell whether it had another.

    Raises:
        Invalid: The name will not do, or another profile has it.
    """
    name = " ".join(name.split())
    if name == row.name:
        return False
    taken = {*shipped, *(each.name for each in queries.import_profiles(session))}
    problems = _name_problems(name, None, None, shipped)
    if not problems and name in taken:
        problems = [Problem("profile.taken", "name", name)]
    require(problems)
    before, row.name = row.name, name
    session.flush()
    subject = f"profile:{name}"
    sign(session, signed, "profile.rename", subject, before={"name": before}, after={"name": name})
    return True


def delete_profile(session: Session, row: ImportProfile, *, signed: Signature) -> None:
    """Take a saved profile out of the register; the journal keeps what it said."""
    before = _kept(told(row))
    session.delete(row)
    session.flush()
    sign(session, signed, "profile.delete", f"profile:{row.name}", before=before)


def _name_problems(
    name: str, row: ImportProfile | None, base: Profile | None, shipped: Collection[str]
) -> list[Problem]:
    if len(name) > LONGEST_NAME or not _NAME.match(name):
        return [Problem("profile.name", "name", name, {"longest": str(LONGEST_NAME)})]
    if name in shipped or (row is not None and (base is None or base.name != name)):
        return [Problem("profile.known", "name", name)]
    return []


def _choice_problems(headers: Headers, choices: Sequence[str]) -> list[Problem]:
    """Say which choices nobody offered, and which columns two headers of a sheet lead to."""
    if len(choices) != len(headers.foreign):
        raise Invalid([Problem("profile.choice", "columns", str(len(choices)))])
    problems = []
    first: dict[tuple[str, str], str] = {}
    for foreign, choice in zip(headers.foreign, choices, strict=True):
        if choice in {"", PASSED}:
            continue
        if choice not in foreign.offered:
            problems.append(Problem("profile.choice", foreign.typed, choice))
            continue
        other = first.setdefault((foreign.sheet, choice), foreign.typed)
        if other != foreign.typed:
            pair = {"first": other, "second": foreign.typed}
            problems.append(Problem("profile.twice", foreign.typed, choice, pair))
    return problems


def told(row: ImportProfile) -> Profile:
    """Return a saved profile as an import reads it."""
    kept = json.loads(row.content)
    return Profile(
        name=row.name,
        title=row.name,
        kind=kept["kind"],
        source=kept["source"],
        columns=kept["columns"],
        ignored=frozenset(kept["ignored"]),
        words=kept["words"],
    )


def _kept(profile: Profile) -> dict[str, object]:
    return {
        "kind": profile.kind,
        "source": profile.source,
        "columns": dict(profile.columns),
        "ignored": sorted(profile.ignored),
        "words": {header: dict(words) for header, words in profile.words.items()},
    }
