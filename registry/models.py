"""Every table of the register, for Alembic and for whoever creates them all."""

from registry.accounts import models as accounts
from registry.db import Base
from registry.fleet import models as fleet
from registry.funding import models as funding
from registry.journal import JournalEntry, JournalHead
from registry.monitoring import models as monitoring
from registry.territory import models as territory
from registry.web.rest.replies import StoredReply

__all__ = [
    "JournalEntry",
    "JournalHead",
    "StoredReply",
    "accounts",
    "fleet",
    "funding",
    "metadata",
    "monitoring",
    "territory",
]

metadata = Base.metadata
