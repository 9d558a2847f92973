"""Takes lists out of the register as sheets; whoever does is in the journal."""

import io

from flask import Blueprint, Response, g, request

from registry.fleet.service import export_text, export_workbook, file_name
from registry.signature import Signature
from registry.web.access import current_actor, current_session, needs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add(bp: Blueprint) -> None:
    """Add the exports to the pages of the fleet."""

    @bp.get("/export.xlsx")
    @needs("fleet.import")
    def export_lists() -> Response:
        """Give a workbook with every list, or with those that the address names."""
        target = io.BytesIO()
        session = current_session()
        signed = Signature(current_actor().id, g.now)
        export_workbook(session, target, signed=signed, chosen=request.args.getlist("kind"))
        session.commit()
        return _file(target.getvalue(), "vigiparc.xlsx", XLSX)

    @bp.get("/export/<kind>.csv")
    @needs("fleet.import")
    def export_list(kind: str) -> Response:
        """Give one list the way Excel reads it in French."""
        session = current_session()
        text = export_text(session, kind, signed=Signature(current_actor().id, g.now))
        session.commit()
        return _file(text.encode(), file_name(kind), "text/csv; charset=utf-8")


def _file(content: bytes, name: str, kind: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
