"""
What can go wrong in the register, without a word of HTTP.

    RegistryError
    ├── NotFound      the thing asked for is not there
    ├── Conflict      it is there already, or in a state that forbids the move
    ├── Invalid       the input is wrong: one Problem for each field
    ├── Refused       the actor may not do this
    └── Misconfigured the service cannot start as it is set up
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing wrong with one input, as a code that the edge puts into words.

    `where` names the place (a field, or sheet and cell), `value` what stood
    there, `code` and `parameters` what was expected.
    """

    code: str
    where: str = ""
    value: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


class RegistryError(Exception):
    """The root of every error that the register raises on purpose."""


class NotFound(RegistryError):
    """The thing asked for is not in the register."""


class Conflict(RegistryError):
    """The thing exists already, or its state forbids the move."""


class Refused(RegistryError):
    """The actor may not do this."""


class Misconfigured(RegistryError):
    """The service cannot start as it is set up; the message names the key."""


class Invalid(RegistryError):
    """The input is wrong; every problem found is listed, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order in which they were found."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.where}: {p.code} ({p.value})" for p in self.problems))
