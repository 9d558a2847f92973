"""The fixture that imports share."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry.fleet.vault import Vault
from registry.funding.models import RuleCode
from registry.territory.models import FormerCommune
from tests.factories import add_rule, make_campaign, make_commune
from tests.fleet.service.desk import Desk


@pytest.fixture
def desk(session: Session, tmp_path: Path, now: datetime) -> Desk:
    """Return a desk over two communes, a former code, a large town and two campaigns."""
    make_commune(session, "59054", "Bavinchove", 1045)
    make_commune(session, "59006", "L Oree de Mormal", 619)
    make_commune(session, "59271", "Grande Synthe", 20239)
    make_commune(session, "02691", "Saint Quentin", 53100)
    session.add(FormerCommune(insee="59070", successor_insee="59006"))
    campaign = make_campaign(session, 2023)
    campaign.programme.name = "Vidéoprotection des communes"
    add_rule(session, campaign, RuleCode.POPULATION_BELOW, 20_000)
    stations = make_campaign(session, 2022)
    stations.programme.name = "Gares et pôles d'échanges"
    session.commit()
    return Desk(session, Vault.open(tmp_path / "keys"), now)
