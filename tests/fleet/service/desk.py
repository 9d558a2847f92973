"""An officer's desk for tests: a register with a few communes, and files to import."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.fleet.models import Camera
from registry.fleet.rules import Zones
from registry.fleet.service import ImportReport, Options, import_content
from registry.fleet.vault import Vault
from registry.sheets import Value
from tests.fleet.sheets import as_csv

ZONES = Zones({"local": (ip_network("10.0.0.0/8"),), "littoral": (ip_network("172.16.0.0/12"),)})


@dataclass
class Desk:
    """Imports rows at an instant that the test may move."""

    session: Session
    vault: Vault
    at: datetime

    def take(
        self, *rows: dict[str, Value], name: str = "mairie.csv", reason: str = ""
    ) -> ImportReport:
        """Import rows; they must be right."""
        report = import_content(
            self.session,
            as_csv(*rows),
            name,
            actor="user:1",
            at=self.at,
            zones=ZONES,
            vault=self.vault,
            options=Options(reason=reason),
        )
        self.session.expire_all()
        return report

    def refuse(self, *rows: dict[str, Value]) -> list[Problem]:
        """Try rows that are wrong, and return why."""
        with pytest.raises(Invalid) as refused:
            self.take(*rows)
        self.session.rollback()
        return list(refused.value.problems)

    def camera(self, label: str = "01 Église") -> Camera:
        """Return a camera by its label."""
        return self.session.scalars(select(Camera).filter_by(label=label)).one()
