"""Listings brought to the register: found, compared, written; every problem at its cell."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import SessionFactory, session_scope
from registry.errors import Conflict, Invalid
from registry.fleet.models import Camera, Device, MaintenanceContract, Replacement, Site, SiteKind
from registry.fleet.rules import Zones, describe
from registry.fleet.rules.profiles import Profile
from registry.fleet.service import ImportReport, Options, import_content, read_profiles
from registry.fleet.vault import Vault
from registry.funding.models import FundingLine, Grant
from registry.journal import JournalEntry
from registry.settings import config_folder
from tests.conftest import NOON
from tests.factories import make_campaign, make_commune
from tests.fleet.service.whole import fill

ZONES = Zones.only(ip_network("10.0.0.0/8"))
LATER = NOON + timedelta(days=1)


class Office:
    """Sends sheets, the day after, to a register that holds one of everything."""

    def __init__(self, session: Session, folder: Path) -> None:
        """Fill the register."""
        self.session, self._folder = session, folder
        self.camera = fill(session)
        self.site = self.camera.site.public_id

    def send(self, name: str, *lines: str, options: Options = Options()) -> ImportReport:  # noqa: B008
        """Import a sheet."""
        text = "\n".join(lines).format(site=self.site, label=self.camera.label)
        return import_content(
            self.session, text.encode(), name, actor="user:2", at=LATER, zones=ZONES,
            vault=Vault.open(self._folder / "keys"), options=options,
        )  # fmt: skip

    def refuse(self, name: str, *lines: str, options: Options = Options()) -> list[str]:  # noqa: B008
        """Send a sheet that is wrong; return cell and code of each problem."""
        with pytest.raises(Invalid) as refused:
            self.send(name, *lines, options=options)
        self.session.rollback()
        # Whatever can go wrong has its words.
        assert [each for each in refused.value.problems if describe(each) == each.code] == []
        return [f"{each.where.rpartition('!')[2]} {each.code}" for each in refused.value.problems]


@pytest.fixture
def office(session: Session, tmp_path: Path) -> Office:
    """Return an office over a filled register."""
    return Office(session, tmp_path)


def test_a_changed_cell_is_one_change_with_before_and_after(office: Office) -> None:
    """In words for people, with its sheet and row; the rest of the sheet is unchanged."""
    report = office.send(
        "contrats.csv", "Référence;Titulaire;GTI (h);Sites couverts", "M-1;Nordmaint;8;{site}"
    )

    (change,) = report.changes
    assert (change.sheet, change.row, change.state, change.what) == (
        "contrats",
        2,
        "changed",
        "M-1",
    )
    assert (change.before, change.after) == ({"GTI (h)": "4"}, {"GTI (h)": "8"})
    assert office.session.scalars(select(MaintenanceContract)).one().gti_hours == 8
    assert {each.action for each in office.session.scalars(select(JournalEntry))} >= {
        "contracts.edit", "fleet.import",
    }  # fmt: skip


def test_what_is_not_there_is_made(office: Office) -> None:
    """A grant, its co-funder, a site, its position and its unit: each from its own list."""
    campaign = make_campaign(office.session, 2024)
    office.send(
        "dossiers.csv",
        "N° dossier;Dispositif;Année;Bénéficiaire;Montant voté;Caméras financées;Date délibération",
        f"24-9;{campaign.programme.code};2024;Commune de Bavinchove;21 600,00 €;2;05/03/2024",
    )
    office.send(
        "cofinancements.csv", "N° dossier;Cofinanceur;Nom du cofinanceur;Montant demandé",
        "24-9;Fonds de concours;CA Cœur de Flandre;1 000",
    )  # fmt: skip
    office.send("sites.csv", "Identifiant;Code INSEE;Type de site;Site",
        "59054-40;59054;Commune;Mairie")  # fmt: skip
    office.send("positions.csv", "Site;Caméra;N° dossier;Support", "59054-40;Porche;24-9;Façade")
    report = office.send(
        "appareils.csv", "Site;Caméra;Posé le;N° de série", "59054-40;porche;01/11/2026 10:00;Z9"
    )

    assert (report.new, report.changes[0].state) == (1, "new")
    assert office.session.scalars(select(Grant).filter_by(file_number="24-9")).one()
    assert office.session.scalars(select(FundingLine).filter_by(funder="epci")).one()
    camera = office.session.scalars(select(Camera).filter_by(label="Porche")).one()
    assert (camera.site.public_id, camera.devices[0].serial) == ("59054-40", "Z9")


def test_a_position_is_found_by_the_serial_that_is_mounted(office: Office) -> None:
    """A maintainer's sheet knows serials and addresses, nothing else."""
    report = office.send("positions.csv", "N° de série;Adresse IP", "b-2;10.0.0.77",
        options=Options(kind="cameras"))  # fmt: skip

    assert report.changed == 1
    assert office.camera.host == "10.0.0.77"


def test_a_unit_is_found_by_its_serial_too(office: Office) -> None:
    """The firmware of those that are mounted now."""
    office.send("maj.csv", "S/N;Firmware", "B2;7.1", options=Options(kind="devices"))

    unit = office.session.scalars(select(Device).filter_by(serial="B2")).one()
    assert unit.firmware == "7.1"


def test_a_unit_that_takes_another_s_place_says_why(office: Office) -> None:
    """With a reason and a paper it is a replacement; without one it is an overlap."""
    headers = "Site;Caméra;Posé le;N° de série;Motif du remplacement;Pièce"

    assert office.refuse(
        "appareils.csv", headers, "{site};{label};24/11/2026;C3;;"
    ) == ["C2 device.overlap"]  # fmt: skip
    office.send("appareils.csv", headers, "{site};{label};24/11/2026 08:00;C3;vandalisme;BI 13")

    record = office.session.scalars(select(Replacement).filter_by(paper="BI 13")).one()
    assert (record.reason, record.incoming.serial, record.outgoing.serial) == (
        "vandalisme", "C3", "B2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "lines", "problems"),
    [
        ("positions.csv", ["Site;Caméra;Port", "{site};{label};99999", "59999-01;X;80"],
         ["C2 port", "A3 site.unknown"]),
        ("positions.csv", ["Site;Caméra;Colour", "{site};{label};red"], ["C1 column.unknown"]),
        ("positions.csv", ["Site;Caméra", "{site};A", "{site};a"], ["A3 row.twice"]),
        ("positions.csv", ["Site;Caméra", "{site};"], ["A2 row.identity"]),
        ("contrats.csv", ["Référence;Début;Fin", "M-1;01/01/2026;01/01/2025"], ["C2 span.order"]),
        ("contrats.csv", ["Référence;Titulaire", "M-9;X"], ["A2 cell.required"]),
        ("arrêtés.csv", ["Département;N° d'arrêté;Échéance", "59;2026-01-05-00023;06/01/2031"],
         ["C2 authorisation.long"]),
        ("versements.csv", ["N° dossier;Nature;Rang", "99-9;Solde;1"], ["A2 grant.unknown"]),
        ("dossiers.csv", ["N° dossier;Bénéficiaire", "23-1;Lille"], ["B2 grant.fixed"]),
        ("sites.csv", ["Identifiant;Code INSEE;Type de site;Site", "62001-01;59054;Gare;Z"],
         ["A2 site.elsewhere"]),
    ],
)  # fmt: skip
def test_every_problem_is_at_its_cell(
    office: Office, name: str, lines: list[str], problems: list[str]
) -> None:
    """What a service refuses is said where it stands in the sheet; nothing is written."""
    assert office.refuse(name, *lines) == problems


def test_a_sheet_with_one_wrong_row_writes_none(office: Office) -> None:
    """The right row before it is taken back as well."""
    office.refuse("positions.csv", "Site;Caméra;Port", "{site};{label};81", "{site};Autre;0")

    assert office.session.scalars(select(Camera.port)).all() == [8899]


def test_an_address_outside_the_zone_is_refused(office: Office) -> None:
    """In a listing as in any other sheet."""
    lines = ("Site;Caméra;Adresse IP", "{site};{label};8.8.8.8")

    assert office.refuse("positions.csv", *lines) == ["C2 host.blocked"]


def test_a_sheet_that_is_no_listing_beside_one_is_named(office: Office) -> None:
    """A kind that was asked for by name reads every sheet; what has no header is a problem."""
    assert office.refuse("x.csv", "a;b", "1;2", options=Options(kind="sites")) == [
        "A1 sheet.no_header"
    ]


def test_a_municipal_inventory_is_read_by_its_profile(office: Office) -> None:
    """Compiègne's words; a rejected position is passed over, one in works has no date."""
    profile = read_profiles(config_folder() / "profiles")["compiegne"]
    options = Options(profile=profile, constants={"Site": office.site})
    headers = "refcam;type;support;domanialite;etat;dateserv;gid"

    report = office.send(
        "cameras.csv", headers,
        "COM01;MULTI;candélabre;public;en service;05/01/2026;1",
        "COM02;FIX180;façade;privé;en projet;;2",
        "COM03;DOM;mât;public;non retenu;;3",
        options=options,
    )  # fmt: skip
    refused = office.refuse("cameras.csv", headers, "COM04;DOM;mur;public;en travaux;05/01/2026;4",
        options=options)  # fmt: skip

    assert (report.new, [note.code for note in report.notes]) == (2, ["row.rejected"])
    assert refused == ["F2 stage.dated"]


def test_constants_stand_in_for_missing_columns(office: Office) -> None:
    """One value for the whole file, beside the profile's own names."""
    profile = Profile("x", "X", "cameras", "", {"Nom": "Caméra", "Hôte distant": "Adresse IP"})
    options = Options(profile=profile, constants={"Site": office.site}, reason="inventaire 2026")

    office.send("x.csv", "Nom;Hôte distant", "Quai 1;10.0.0.5", options=options)

    assert office.session.scalars(select(Camera).filter_by(label="Quai 1")).one().host == "10.0.0.5"
    entry = office.session.scalars(select(JournalEntry).filter_by(action="cameras.create")).one()
    assert entry.reason == "inventaire 2026"


def test_a_new_thing_without_a_number_is_called_by_what_it_says(office: Office) -> None:
    """The identifier of a site is given when it is written."""
    headers = "Identifiant;Code INSEE;Type de site;Site"

    report = office.send("sites.csv", headers, ";59054;Commune;Mairie")

    assert [each.what for each in report.changes] == ["59054 Commune Mairie"]


def test_what_somebody_else_writes_meanwhile_is_a_conflict(
    office: Office, sessions: SessionFactory
) -> None:
    """A listing is judged beside the register as it was read: nothing of it is written then."""
    office.session.commit()
    rows = "\n".join(f"59054-{number};59054;Commune;Rue {number}" for number in range(100, 301))

    def meanwhile(_done: int, _total: int) -> None:
        with session_scope(sessions) as other:
            if other.scalar(select(Site.id).filter_by(public_id="59054-150")) is None:
                other.add(
                    Site(
                        public_id="59054-150", insee="59054", kind=SiteKind.COMMUNE,
                        name="Là avant", normalised_name="la avant",
                    )
                )  # fmt: skip

    with pytest.raises(Conflict, match="the register changed"):
        import_content(
            office.session,
            f"Identifiant;Code INSEE;Type de site;Site\n{rows}".encode(),
            "sites.csv",
            actor="user:2",
            at=LATER,
            zones=ZONES,
            vault=Vault.open(office._folder / "keys"),  # noqa: SLF001 - the test's own
            progress=meanwhile,
        )
    office.session.rollback()

    assert set(office.session.scalars(select(Site.name))) >= {"Là avant"}
    assert "Rue 100" not in set(office.session.scalars(select(Site.name)))


def test_progress_is_told_to_the_end(office: Office) -> None:
    """Every so many rows, and when it is done."""
    told: list[tuple[int, int]] = []
    rows = "\n".join(f"{office.site};P{number}" for number in range(450))
    make_commune(office.session)

    import_content(
        office.session, f"Site;Caméra\n{rows}".encode(), "positions.csv", actor="user:2", at=LATER,
        zones=ZONES, vault=Vault.open(office._folder / "keys"),  # noqa: SLF001 - the test's own
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    assert told == [(200, 450), (400, 450), (450, 450)]
    assert len(office.session.scalars(select(Site)).all()) == 1
