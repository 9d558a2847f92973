"""The metrics pages as text: families, the board they are written from, their snapshots."""

from registry.monitoring.exposition.board import Board
from registry.monitoring.exposition.cameras import (
    CAMERAS_PAGE,
    CameraWriter,
    cameras_of_site,
    shard_page,
)
from registry.monitoring.exposition.sites import SITES_PAGE, SiteWriter
from registry.monitoring.exposition.snapshots import (
    forget_other_shards,
    pack,
    publish,
    render,
    version_of,
)
from registry.monitoring.exposition.text import Block, Family, Writer, block, labels

__all__ = [
    "CAMERAS_PAGE",
    "SITES_PAGE",
    "Block",
    "Board",
    "CameraWriter",
    "Family",
    "SiteWriter",
    "Writer",
    "block",
    "cameras_of_site",
    "forget_other_shards",
    "labels",
    "pack",
    "publish",
    "render",
    "shard_page",
    "version_of",
]
