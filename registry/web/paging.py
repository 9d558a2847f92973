"""Which page of a list, in which order: both stand in the address, so a list can be linked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from flask import request, url_for

Item = TypeVar("Item")

PAGE_SIZE = 50
# What the refresh of an open page tells of it: no part of the address of another.
SAID = "said"


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; in the address `sort=name`, or `sort=-name` for the reverse."""

    key: str
    descending: bool = False

    @classmethod
    def of_request(cls, keys: Iterable[str], default: str) -> Self:
        """Read the order from the address; one that is not known gives the default."""
        asked = request.args.get("sort", default)
        key = asked.removeprefix("-")
        return cls(key, asked.startswith("-")) if key in keys else cls(default)

    def link(self, key: str) -> str:
        """Return the address that sorts by `key`, or turns the order round."""
        turned = key == self.key and not self.descending
        return address(sort=f"-{key}" if turned else key, page=None)

    def aria(self, key: str) -> str:
        """Return what `aria-sort` says of a column."""
        if key != self.key:
            return "none"
        return "descending" if self.descending else "ascending"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, and how much of it there is."""

    items: Sequence[Item]
    number: int
    last: int
    total: int

    @classmethod
    def of_request(cls, items: Sequence[Item]) -> Self:
        """Cut the page that the address asks for; beyond the end it is the last one."""
        last = max(1, -(-len(items) // PAGE_SIZE))
        number = min(max(1, request.args.get("page", 1, type=int)), last)
        start = (number - 1) * PAGE_SIZE
        return cls(items[start : start + PAGE_SIZE], number, last, len(items))

    @classmethod
    def of_total(cls, total: int, read: Callable[[int], Sequence[Item]]) -> Self:
        """Read the page that the address asks for, of a list that the database counts and cuts."""
        last = max(1, -(-total // PAGE_SIZE))
        number = min(max(1, request.args.get("page", 1, type=int)), last)
        return cls(read((number - 1) * PAGE_SIZE), number, last, total)

    @property
    def previous_link(self) -> str | None:
        """The address of the page before, if there is one."""
        return address(page=self.number - 1) if self.number > 1 else None

    @property
    def next_link(self) -> str | None:
        """The address of the page after, if there is one."""
        return address(page=self.number + 1) if self.number < self.last else None


def address(**changes: object) -> str:
    """Return the address of this page with some of its parameters changed; None takes one out."""
    kept = {**request.args.to_dict(), SAID: None, **(request.view_args or {}), **changes}
    return url_for(request.endpoint or "", **{k: v for k, v in kept.items() if v not in (None, "")})
