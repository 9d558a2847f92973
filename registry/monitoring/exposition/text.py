"""Writes metric families by hand, in the text format of Prometheus and in OpenMetrics."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from registry.monitoring.exposition.pieces import NOTHING, Piece, deflate, joined
from registry.monitoring.models import Dialect

BACKGROUND = (
    "Cameras are probed in the background: a value may be as old as one probe interval"
    " (probes.interval_seconds) and this page (vigiparc_snapshot_timestamp_seconds)."
)
END = {Dialect.TEXT: "", Dialect.OPENMETRICS: "# EOF\n"}


@dataclass(frozen=True, slots=True)
class Family:
    """
    A metric as Prometheus is told of it: its name, its kind, and what it means.

    `name` is that of its samples; `kind` is gauge, counter or info.
    """

    name: str
    kind: str
    meaning: str

    def head(self, dialect: Dialect) -> str:
        """
        Write the HELP and TYPE lines, with their line ends.

        OpenMetrics names the family without the suffix of its samples, and knows info;
        the text format knows it as a gauge. Source: OpenMetrics 1.0, section 5.
        """
        meaning = self.meaning.replace("\\", "\\\\").replace("\n", "\\n")
        name, kind = self.name, "gauge" if self.kind == "info" else self.kind
        if dialect is Dialect.OPENMETRICS:
            meaning = meaning.replace('"', '\\"')
            name, kind = name.removesuffix("_total").removesuffix("_info"), self.kind
        return f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n"


@dataclass(frozen=True, slots=True)
class Block:
    """
    Whole families as they stand on a page: what differs by dialect, then what does not.

    The lines are compressed once for both dialects; whoever keeps a block keeps them so.
    """

    heads: tuple[str, str]
    lines: Piece = NOTHING

    def head(self, dialect: Dialect) -> str:
        """Return what one dialect says before the lines."""
        return self.heads[dialect is Dialect.OPENMETRICS]


class Writer(Protocol):
    """Whatever writes blocks of a page: one for each subject that has metrics."""

    def __call__(self, session: Session, *, at: datetime) -> Iterable[Block]:
        """Write whole families, each with its head, as they stand at an instant."""
        ...


def block(family: Family, lines: Iterable[str]) -> Block:
    """Put the lines of a family under its head."""
    return block_of(family, deflate("".join(lines)))


def block_of(family: Family, lines: Piece) -> Block:
    """Put lines that are compressed already under their family's head."""
    return Block((family.head(Dialect.TEXT), family.head(Dialect.OPENMETRICS)), lines)


def page_of(blocks: Iterable[Block], dialect: Dialect) -> Piece:
    """Join the blocks of a page in one dialect."""
    pieces: list[Piece] = []
    for each in blocks:
        pieces += deflate(each.head(dialect)), each.lines
    return joined([*pieces, deflate(END[dialect])])


def escaped(value: str) -> str:
    """Write a label's value as both dialects want it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def labels(**values: str) -> str:
    """Write labels in their braces."""
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in values.items()) + "}"
