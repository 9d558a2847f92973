"""One cell: what it means, or what was expected there."""

from datetime import date, datetime
from ipaddress import ip_network
from typing import Any

import pytest

from registry.fleet.rules import Zones
from registry.fleet.rules.cells import CellReader
from registry.fleet.rules.columns import BY_KEY
from registry.fleet.rules.readers import shown
from registry.sheets import Value

READER = CellReader(
    Zones({"local": (ip_network("10.0.0.0/8"),), "littoral": (ip_network("fc00::/7"),)})
)
PIN = "pin:" + "0123456789abcdef" * 4


def means(key: str, value: Value) -> Any:  # noqa: ANN401 - what a column holds depends on it
    """Return what a cell of a column means; it must be readable."""
    reading = READER.read(BY_KEY[key], value)
    assert reading.error is None
    return reading.value


def refused(key: str, value: Value) -> str:
    """Return the code for which a cell of a column is refused."""
    reading = READER.read(BY_KEY[key], value)
    assert reading.error is not None, reading.value
    return reading.error.code


@pytest.mark.parametrize("value", [None, "", "  ", "\N{NO-BREAK SPACE}"])
@pytest.mark.parametrize("key", ["label", "voted_cents", "insee", "password", "decided_on"])
def test_a_blank_cell_means_nothing(key: str, value: Value) -> None:
    """Spaces that nobody sees included."""
    assert means(key, value) is None


@pytest.mark.parametrize(
    "value",
    [
        "23/11/2022",
        " 23/11/22 ",
        "23-11-2022",
        "23.11.2022",
        "2022-11-23",
        "23 novembre 2022",
        "mercredi 23 NOVEMBRE 2022",
        date(2022, 11, 23),
        datetime(2022, 11, 23, 14, 5),  # noqa: DTZ001 - sheets know no time zone
        44888.0,
        44888,
    ],
)
def test_a_date_is_read_however_it_is_typed(value: Value) -> None:
    """Day first, as in France; ISO, in words, a true date, or one that lost its format."""
    assert means("decided_on", value) == date(2022, 11, 23)


def test_a_date_that_lost_its_format_is_said() -> None:
    """The number 44888 became a date: whoever typed it should check."""
    reading = READER.read(BY_KEY["decided_on"], 44888.0)

    assert reading.remarks == (("date.number", {"read": "23/11/2022"}),)


@pytest.mark.parametrize(
    "value",
    ["31/02/2022", "11/23/2022", "hier", "2022", 0.0, 5.0, 1e9, "23/11/0022", "1er avril"],
)
def test_what_is_no_date_is_refused(value: Value) -> None:
    """An impossible day, months first, a number of another kind, another century."""
    assert refused("decided_on", value) == "date"


def test_the_first_of_a_month_is_read() -> None:
    """Written as French does."""
    assert means("decided_on", "1er août 2023") == date(2023, 8, 1)


@pytest.mark.parametrize(
    ("value", "cents"), [("21 600,00 €", 2_160_000), (15124.5, 1_512_450), (30_000, 3_000_000)]
)
def test_money_is_read_in_cents(value: Value, cents: int) -> None:
    """As text with a comma or as a number."""
    assert means("voted_cents", value) == cents


@pytest.mark.parametrize(
    ("value", "code"),
    [("-5", "money.negative"), (-0.01, "money.negative"), ("beaucoup", "money"), (True, "money")],
)
def test_money_is_never_negative_nor_vague(value: Value, code: str) -> None:
    """A negative grant is a mistake of sign, not a grant."""
    assert refused("voted_cents", value) == code


@pytest.mark.parametrize("value", ["59054", 59054.0, 59054, "59 054", " 59054"])
def test_an_insee_code_is_read_from_text_or_number(value: Value) -> None:
    """A spreadsheet makes a number of it; a town hall groups its digits."""
    assert means("insee", value) == "59054"


@pytest.mark.parametrize("value", [2691.0, "2691.0", "2691", 2691])
def test_a_lost_zero_is_repaired_and_said(value: Value) -> None:
    """02691 is in Aisne; 2691 is nowhere."""
    reading = READER.read(BY_KEY["insee"], value)

    assert reading.value == "02691"
    assert reading.remarks == (("insee.repaired", {"read": "02691"}),)


@pytest.mark.parametrize("value", ["Arras", "591", "590541", "2C004", 12.5, "20004"])
def test_what_is_no_insee_code_is_refused(value: Value) -> None:
    """A name, too few or too many digits, Corsica as it was before 1976."""
    assert refused("insee", value) == "insee"


def test_a_corsican_code_may_be_typed_small() -> None:
    """2a004 is Ajaccio."""
    assert means("insee", "2a004") == "2A004"


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("uic", 87281139.0, "87281139"),
        ("uic", "87 281139", "87281139"),
        ("uai", "0750653c", "0750653C"),
        ("siren", "200 053 742", "200053742"),
        ("mac", "00-1a-2B:3c.4d5E", "00:1A:2B:3C:4D:5E"),
        ("port", 8899.0, 8899),
        ("port", "80", 80),
        ("path", "/onvif/device_service", "/onvif/device_service"),
        ("cameras_funded", 12.0, 12),
        ("cameras_funded", "12 caméras", 12),
        ("year", "Campagne 2023", 2023),
        ("year", 2023.0, 2023),
        ("label", 12.0, "12"),
        ("label", "  Entrée \n nord ", "Entrée nord"),
        ("serial", "'=1234", "=1234"),
        ("label", "E\N{COMBINING ACUTE ACCENT}cole", "École"),
        ("tls_verify", "Oui", "ca"),
        ("tls_verify", PIN.upper().replace("PIN", "pin"), PIN),
        ("scheme", "HTTPS", "https"),
        ("camera_class", "VOIE PUBLIQUE", "public_road"),
        ("password", " Hirondelle ", "Hirondelle"),
    ],
)
def test_each_column_reads_its_own_kind(key: str, value: Value, read: object) -> None:
    """Codes, addresses, numbers and words, as the register keeps them."""
    assert means(key, value) == read


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uic", "87281138"),
        ("uai", "0750653D"),
        ("siren", "200053743"),
        ("mac", "00-1a-2B"),
        ("mac", "zz:1a:2b:3c:4d:5e"),
        ("port", 0),
        ("port", 65536),
        ("port", "http"),
        ("path", "onvif"),
        ("path", "http://10.0.0.1/onvif"),
        ("year", "22/23"),
        ("year", 1923),
        ("tls_verify", "pin:12"),
    ],
)
def test_what_does_not_suit_its_column_is_refused(key: str, value: Value) -> None:
    """The code of the refusal is what was expected there."""
    assert refused(key, value) == BY_KEY[key].expected


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("cameras_funded", "-3", "count"),
        ("cameras_funded", 2.5, "count"),
        ("cameras_funded", "1000000", "count"),
        ("site_kind", "Piscine", "choice"),
        ("label", "x" * 61, "text.long"),
        ("label", "#REF!", "formula"),
        ("voted_cents", "#VALEUR!", "formula"),
    ],
)
def test_counts_words_and_lengths_are_held_to(key: str, value: Value, code: str) -> None:
    """A number of cameras is whole, a kind is a known one, a label fits its column."""
    assert refused(key, value) == code


@pytest.mark.parametrize("host", ["10.59.0.1", "fd00::1", "camera-12.mairie.lan", "CAM"])
def test_a_host_is_an_allowed_address_or_a_name(host: str) -> None:
    """A name is judged when it is dialled, on the address that it leads to."""
    assert means("host", host) == host.lower()


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("8.8.8.8", "host.blocked"),
        ("127.0.0.1", "host.blocked"),
        ("169.254.169.254", "host.blocked"),
        ("10.0.0.256", "host"),
        ("http://10.0.0.1", "host"),
        ("10.0.0.1:8899", "host"),
        ("cam era", "host"),
    ],
)
def test_a_host_outside_the_allowed_networks_is_refused(host: str, code: str) -> None:
    """A public address, this machine, a cloud's metadata; or no address at all."""
    assert refused("host", host) == code


def test_a_secret_leaves_no_trace_in_its_reading() -> None:
    """Neither its text nor an error carries it along."""
    reading = READER.read(BY_KEY["password"], "Hirondelle-59")

    assert reading.text == ""
    assert reading.remarks == ()


def test_a_repeated_cell_is_read_once() -> None:
    """What a grant says stands on each of its rows; 1 and True are still two contents."""
    reader = CellReader(Zones.only())

    assert reader.read(BY_KEY["voted_cents"], "12,5") is reader.read(BY_KEY["voted_cents"], "12,5")
    assert reader.read(BY_KEY["voted_cents"], 1).value == 100
    assert reader.read(BY_KEY["voted_cents"], 1.0).value == 100
    assert reader.read(BY_KEY["voted_cents"], value=True).error is not None


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("decided_on", date(2022, 11, 23), "23/11/2022"),
        ("voted_cents", 2_160_000, "21\N{NARROW NO-BREAK SPACE}600,00\N{NO-BREAK SPACE}€"),
        ("site_kind", "station", "Gare"),
        ("label", "01 Place", "01 Place"),
    ],
)
def test_a_value_is_shown_as_its_column_writes_it(key: str, value: object, text: str) -> None:
    """In an error a date looks like a date and an amount like money."""
    assert shown(value, BY_KEY[key]) == text


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("zone", "Littoral", "littoral"),
        ("networks", "10.59.4.0/24 ; 10.59.5.0/24", "10.59.4.0/24, 10.59.5.0/24"),
        ("tls_verify", "Premier certificat", "pin"),
        ("password_text", "oui", "yes"),
        ("rtsp_port", 554.0, 554),
        ("rtsp_path", "/Streaming/Channels/101", "/Streaming/Channels/101"),
    ],
)
def test_the_options_of_a_probe_are_read(key: str, value: Value, meant: object) -> None:
    """In the words that people use for them."""
    assert means(key, value) == meant


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("zone", "Mars", "zone.unknown"),
        ("networks", "10.59.4.7/24", "networks"),
        ("networks", "partout", "networks"),
        ("networks", " ".join(f"10.59.{each}.0/24" for each in range(40)), "text.long"),
        ("tls_verify", "pin:1234", "tls"),
        ("rtsp_port", "70000", "port"),
        ("rtsp_path", "flux 1", "path"),
    ],
)
def test_an_impossible_option_is_refused(key: str, value: Value, code: str) -> None:
    """In the register, long before a probe."""
    assert refused(key, value) == code
