"""
The kit of the API: every subject's api.py describes its things, this serves them.

A thing is a `Resource`: its fields, the columns that they stand for, the rights that
it asks for, and the functions of its service that write it. Lists, filters, paging,
ETag, replay of a POST and the answers to errors are the same for all.
"""

from registry.web.rest.content import ANYTHING, give_content, take_content
from registry.web.rest.document import Document
from registry.web.rest.fields import (
    LINES,
    Cents,
    Code,
    Count,
    Day,
    Fields,
    Flag,
    Id,
    Moment,
    Number,
    Share,
    Text,
    WordOf,
    Words,
)
from registry.web.rest.mounting import attach, beside, mount, mount_reckoned
from registry.web.rest.replies import StoredReply
from registry.web.rest.resource import Place, Reckoned, Resource, Writer, columns_of, rows_of

__all__ = [
    "ANYTHING",
    "LINES",
    "Cents",
    "Code",
    "Count",
    "Day",
    "Document",
    "Fields",
    "Flag",
    "Id",
    "Moment",
    "Number",
    "Place",
    "Reckoned",
    "Resource",
    "Share",
    "StoredReply",
    "Text",
    "WordOf",
    "Words",
    "Writer",
    "attach",
    "beside",
    "columns_of",
    "give_content",
    "mount",
    "mount_reckoned",
    "rows_of",
    "take_content",
]
