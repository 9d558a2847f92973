"""Reads the profiles of foreign inventories: those that are shipped, and one's own."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.errors import Misconfigured, NotFound
from registry.fleet.rules.profiles import Profile


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


def find_profile(folder: Path, named: str) -> Profile:
    """
    Return a profile by its name, or by the path of a file of one's own.

    Raises:
        NotFound: There is neither.
        Misconfigured: The file is wrong.
    """
    for path in (folder / f"{named}.toml", Path(named)):
        if path.suffix == ".toml" and path.is_file():
            return read_profile(path)
    known = ", ".join(sorted(path.stem for path in folder.glob("*.toml")))
    raise NotFound(f"import profile {named!r}; known: {known}")
