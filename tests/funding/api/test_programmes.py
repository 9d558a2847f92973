"""Programmes by the API, as their files say."""

from sqlalchemy.orm import Session

from registry.funding.service import load_programmes
from registry.settings import config_folder
from tests.web.programs import Program, items


def test_programmes_are_read_as_their_files_say(api: Program, session: Session) -> None:
    """Campaigns, rules and envelopes hang below; nobody writes them here: files do."""
    load_programmes(session, config_folder() / "programmes")
    session.commit()

    (programme,) = items(api("GET", "programmes?code=hdf-communes"))
    campaigns = items(api("GET", f"campaigns?programme_id={programme['id']}"))
    rules = items(api("GET", f"campaign-rules?campaign_id={campaigns[0]['id']}"))
    votes = items(api("GET", "envelope-votes?amount_cents_min=1"))

    assert campaigns
    assert all(each["source"] for each in rules)
    assert all(isinstance(each["amount_cents"], int) for each in votes)
    assert items(api("GET", "beneficiaries")) == []
    assert api("POST", "programmes", {}).status_code == 405
