"""The journal's pages: everything that changed, or the history of one object."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from registry.audit.queries.journal import Wanted, journal_page
from registry.db import LARGEST_ID
from registry.web.access import current_session, needs

bp = Blueprint("journal", __name__)


@bp.get("/journal")
@needs("audit.read")
def list_entries() -> str:
    """List what changed, the newest first; a subject in the address is one object's history."""
    words = {name: request.args.get(name, "").strip() for name in ("subject", "actor", "action")}
    before = request.args.get("before", type=int)
    if before is not None:
        before = min(before, LARGEST_ID)
    page = journal_page(current_session(), Wanted(**words), before=before)
    kept: dict[str, Any] = {name: word for name, word in words.items() if word}
    older = url_for("journal.list_entries", before=page.older, **kept) if page.older else None
    return render_template("audit/journal.html", page=page, words=words, kept=kept, older=older)
