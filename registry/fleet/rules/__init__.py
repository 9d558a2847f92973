"""What an import sheet may say: its columns, cells, rows, and the words about them."""

from registry.fleet.rules.columns import COLUMNS, Column
from registry.fleet.rules.consistency import camera_key, contradictions, merged
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.rows import ImportRow, Parsed, parse
from registry.fleet.rules.wording import describe, place

__all__ = [
    "COLUMNS",
    "Column",
    "ImportRow",
    "Parsed",
    "Zones",
    "camera_key",
    "contradictions",
    "describe",
    "merged",
    "parse",
    "place",
]
