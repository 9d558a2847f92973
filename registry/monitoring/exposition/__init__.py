"""The metrics pages as text: families, the board they are written from, their snapshots."""

from registry.monitoring.exposition.board import Board
from registry.monitoring.exposition.cameras import (
    CAMERAS_PAGE,
    camera_pages,
    cameras_of_site,
    shard_page,
)
from registry.monitoring.exposition.sites import SITES_PAGE, SiteWriter
from registry.monitoring.exposition.snapshots import forget_other_shards, pack, publish, render
from registry.monitoring.exposition.text import Block, Family, Writer, block, labels, page_of

__all__ = [
    "CAMERAS_PAGE",
    "SITES_PAGE",
    "Block",
    "Board",
    "Family",
    "SiteWriter",
    "Writer",
    "block",
    "camera_pages",
    "cameras_of_site",
    "forget_other_shards",
    "labels",
    "pack",
    "page_of",
    "publish",
    "render",
    "shard_page",
]
