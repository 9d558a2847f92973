"""What a kind of thing offers to sheets, whichever it is."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from registry.fleet.rules import Zones
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import Table
from registry.signature import Signature


@dataclass(frozen=True, slots=True)
class Desk:
    """Where things are written: a session, who writes, and which zones there are."""

    session: Session
    signed: Signature
    zones: Zones


class Kind(ABC):
    """
    One kind of thing: read what a sheet is about, then find, tell, make and change.

    What `said` tells of a thing is what an export writes, and what a row is compared
    with: a sheet that came out of the register changes nothing when it comes back.
    What rows make and change is judged one by one, beside what the rows before have
    made, and written all at once by `finish`: thousands cost a few statements.
    """

    table: ClassVar[Table]

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        self.desk = desk

    @property
    def session(self) -> Session:
        """The session that everything is read and written by."""
        return self.desk.session

    @abstractmethod
    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read what rows may be about, in a few statements."""

    def meant(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a row says in the register's own words, where it has others."""
        return values

    def key(self, row: ListedRow) -> Hashable:
        """Return what a row is found by; empty when it does not say."""
        said = tuple(row.values.get(name) for name in self.table.identity)
        return said if all(each is not None for each in said) else None

    @abstractmethod
    def find(self, row: ListedRow) -> Any | None:  # noqa: ANN401 - the row of any table
        """
        Return the thing that a row is about, or None where it is new.

        Raises:
            Invalid: It must be there and is not, or may be more than one.
        """

    @abstractmethod
    def said(self, thing: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the row of any table
        """Return what the register says of a thing, by the columns of its table."""

    @abstractmethod
    def create(self, values: Mapping[str, Any]) -> None:
        """
        Make what a row declares; it is kept until `finish`.

        Raises:
            Invalid: With every field that cannot be.
        """

    @abstractmethod
    def update(self, thing: Any, values: Mapping[str, Any]) -> None:  # noqa: ANN401 - as above
        """
        Bring a thing to what a row says of it; what need not be is not flushed.

        Raises:
            Invalid: With every field that cannot be.
        """

    @abstractmethod
    def finish(self) -> None:
        """Write what rows have made and changed."""

    @abstractmethod
    def everything(self) -> Iterator[Any]:
        """Give all things of this kind, in the order in which a list shows them."""
