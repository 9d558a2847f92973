"""Replies are read however they were written, and never harm the reader."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.onvif.reply import (
    Clock,
    Fault,
    Named,
    fast_clock,
    fast_identity,
    read_clock,
    read_identity,
    slow_clock,
    slow_identity,
)
from probes.verdict import Identity, Reason, Unusable

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


def envelope(inside: str, *, soap: str = "s", head: str = '<?xml version="1.0"?>') -> bytes:
    """Write an envelope with the usual namespaces."""
    return (
        f'{head}<{soap}:Envelope xmlns:{soap}="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
        ' xmlns:tt="http://www.onvif.org/ver10/schema"'
        f' xmlns:ter="http://www.onvif.org/ver10/error"><{soap}:Body>{inside}</{soap}:Body>'
        f"</{soap}:Envelope>"
    ).encode()


def clock(time: str = "12,0,0", date: str = "2026,11,23", *, extra: str = "") -> str:
    """Write a clock answer."""
    hour, minute, second = time.split(",")
    year, month, day = date.split(",")
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        f"<tt:DateTimeType>NTP</tt:DateTimeType>{extra}<tt:UTCDateTime>\n<tt:Time>"
        f"<tt:Hour>{hour}</tt:Hour><tt:Minute>{minute}</tt:Minute><tt:Second>{second}</tt:Second>"
        f"</tt:Time><tt:Date><tt:Year>{year}</tt:Year><tt:Month>{month}</tt:Month>"
        f"<tt:Day>{day}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
        "</tds:GetSystemDateAndTimeResponse>"
    )


def identity(*values: str) -> str:
    """Write an identity answer."""
    names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
    inside = "".join(
        f"<tds:{name}>{value}</tds:{name}>\n" for name, value in zip(names, values, strict=True)
    )
    return f"<tds:GetDeviceInformationResponse>{inside}</tds:GetDeviceInformationResponse>"


def fault(code: str, subcode: str = "", text: str = "") -> str:
    """Write a SOAP 1.2 fault."""
    inner = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    return (
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value>{inner}</s:Code>"
        f"<s:Reason><s:Text>{text}</s:Text></s:Reason></s:Fault>"
    )


def test_a_plain_clock_is_read_fast() -> None:
    """The common case never meets the parser."""
    assert fast_clock(envelope(clock())) == Clock(NOON)


def test_a_plain_identity_is_read_fast() -> None:
    """All five fields, stripped of the space around them."""
    body = envelope(identity("Axis", " P3245-LV ", "10.12", "B8A44F", ""))

    assert fast_identity(body) == Named(Identity("Axis", "P3245-LV", "10.12", "B8A44F", ""))


_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"], max_codepoint=0x2FF), max_size=30)
_PREFIX = st.sampled_from(["s", "SOAP-ENV", "env", "tds2"])


def _escaped(text: str) -> str:
    """Write a text as XML wants it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(st.lists(_TEXT, min_size=5, max_size=5), _PREFIX)
@settings(deadline=None)
def test_both_readers_agree_on_every_well_formed_identity(values: list[str], soap: str) -> None:
    """What the fast tier reads at all, it reads as the parser does."""
    body = envelope(identity(*map(_escaped, values)), soap=soap)

    quick = fast_identity(body)

    assert quick is None or quick == slow_identity(body)


@given(st.lists(st.integers(0, 9999), min_size=6, max_size=6), _PREFIX)
@settings(deadline=None)
def test_both_readers_agree_on_every_clock(numbers: list[int], soap: str) -> None:
    """Impossible dates included."""
    time, date = ",".join(map(str, numbers[:3])), ",".join(map(str, numbers[3:]))
    body = envelope(clock(time, date), soap=soap)

    quick = fast_clock(body)

    assert quick is not None
    assert quick == slow_clock(body)


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- {} -->",
        "<![CDATA[{}]]>",
        "<?note {} ?>",
    ],
)
def test_an_answer_in_a_comment_is_no_answer(hidden: str) -> None:
    """The fast tier must not read what a parser would not."""
    body = envelope(hidden.format(identity("a", "b", "c", "d", "e")))

    assert fast_identity(body) is None
    with pytest.raises(Unusable):
        read_identity(body)


@pytest.mark.parametrize(
    ("time", "date", "expected"),
    [
        ("12,61,0", "2026,11,23", Clock(NOON + 61 * 60, valid=False)),
        ("12,0,0", "2485,13,13", Clock(None, valid=False)),
        ("12,0,0", "1970,1,1", Clock(43200.0, valid=False)),
        ("0,0,0", "0,0,0", Clock(None, valid=False)),
        ("12,0,0", "2026,2,31", Clock(1772539200.0, valid=False)),
    ],
)
def test_an_impossible_date_is_carried_over_or_given_up(
    time: str, date: str, expected: Clock
) -> None:
    """Minute 61 and month 13 were both seen on real cameras; neither raises."""
    assert read_clock(envelope(clock(time, date))) == expected


def test_a_clock_without_utc_is_alive_but_of_no_use() -> None:
    """Local time alone says nothing: zones are written in too many wrong ways."""
    body = envelope(clock().replace("UTCDateTime", "LocalDateTime"))

    assert read_clock(body) == Clock(None, valid=False)


def test_an_empty_answer_to_the_clock_call_is_alive() -> None:
    """The element is there, the time is not."""
    body = envelope("<tds:GetSystemDateAndTimeResponse/>")

    assert read_clock(body) == Clock(None, valid=False)


def test_an_undeclared_prefix_is_repaired_and_said() -> None:
    """A real make uses a prefix that it never declares."""
    body = envelope(identity("a", "b", "c", "d", "e").replace("tds:", "vendor:"))

    assert read_identity(body) == Named(Identity("a", "b", "c", "d", "e"), broken=True)


def test_bytes_that_are_not_utf8_are_replaced_and_said() -> None:
    """A camera declares UTF-8 and sends GBK."""
    body = envelope(identity("NAME", "b", "c", "d", "e")).replace(b"NAME", "海康".encode("gbk"))

    said = read_identity(body)

    assert isinstance(said, Named)
    assert said.broken
    assert said.identity.serial == "d"


def test_another_declared_encoding_is_respected() -> None:
    """Latin-1 is odd but legal."""
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    body = envelope(identity("NAME", "b", "c", "d", "e"), head=head).replace(b"NAME", b"Caf\xe9")

    assert read_identity(body) == Named(Identity("Café", "b", "c", "d", "e"))


def test_space_and_a_mark_before_the_document_are_forgiven() -> None:
    """A byte order mark or a blank line is no reason to call a camera dead."""
    body = b"\xef\xbb\xbf\r\n" + envelope(identity("a", "b", "c", "d", "e"))

    assert isinstance(read_identity(body), Named)


@pytest.mark.parametrize(
    ("inside", "denies"),
    [
        (fault("Sender", "ter:NotAuthorized", "Sender not Authorized"), True),
        (fault("Receiver", "", "Sender not authorized"), True),
        (fault("Sender", "", "Authentication failed"), True),
        (fault("Sender", "wsse:FailedAuthentication"), True),
        (fault("Sender", "", "You still have 26 attempt(s)"), True),
        (fault("Receiver", "", "Illegal login, IP is locked"), True),
        (fault("Sender", "", "Invalid username or password"), True),
        (fault("Sender", "ter:OperationProhibited", "Too weak password."), False),
        (fault("Receiver", "ter:ActionNotSupported", "Not implemented"), False),
        (fault("Receiver", "ter:Action", "Action Failed"), False),
        (fault("Sender"), False),
        (
            "<s:Fault><faultcode>s:Client</faultcode><faultstring>Unauthorized</faultstring></s:Fault>",
            True,
        ),
    ],
)
def test_a_refusal_is_known_by_its_code_or_its_words(inside: str, *, denies: bool) -> None:
    """Half of the devices refuse without the subcode of the standard."""
    said = read_identity(envelope(inside))

    assert isinstance(said, Fault)
    assert said.denies is denies


def test_a_fault_tells_what_it_is_about() -> None:
    """Locked accounts and unknown operations are told apart from refusals."""
    assert Fault(("Sender",), "The account is locked").locks
    assert Fault(("Receiver", "ActionNotSupported")).unsupported
    assert Fault(("Sender",), "Method 'tds:X' not implemented").unsupported
    assert not Fault(("Sender", "NotAuthorized"), "no").unsupported
    assert Fault(("Sender", "OperationProhibited")).prohibits
    assert Fault(("MustUnderstand",)).rejects_security
    assert not Fault(("Sender", "NotAuthorized"), "no").prohibits


def test_a_refusal_may_stand_in_the_detail_alone() -> None:
    """Some devices leave the reason empty and write where nobody looks."""
    inside = fault("Sender").replace("</s:Fault>", "<s:Detail>Unauthorized</s:Detail></s:Fault>")

    said = read_identity(envelope(inside))

    assert isinstance(said, Fault)
    assert said.denies


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.NOT_ONVIF),
        (b"Not found", Reason.NOT_ONVIF),
        (b"<!DOCTYPE html><html><body>Login</body></html>", Reason.NOT_ONVIF),
        (b"<html><head/></html>", Reason.NOT_ONVIF),
        (b"\x1f\x8b\x08\x00", Reason.NOT_ONVIF),
        (b"TypeError: <anonymous> at index.js", Reason.NOT_ONVIF),
        (b"<HTML><HEAD><META><BODY>Sign in<BR></HTML>", Reason.NOT_ONVIF),
        (b"<script>location='/login'", Reason.NOT_ONVIF),
        (b"<?xml version='1.0'?>\n<!-- x --><!DOCTYPE html PUBLIC 'x'><html/>", Reason.NOT_ONVIF),
        (envelope(""), Reason.NOT_ONVIF),
        (b"<x>", Reason.MALFORMED_XML),
        (b"<", Reason.MALFORMED_XML),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope(clock()), Reason.MALFORMED_XML),
        (envelope(clock())[:200], Reason.MALFORMED_XML),
    ],
)
def test_what_is_no_answer_says_in_which_way(body: bytes, reason: Reason) -> None:
    """A login page, a stack trace and a torn document are three different errands."""
    with pytest.raises(Unusable) as caught:
        read_clock(body)

    assert caught.value.reason is reason


def test_a_document_type_is_refused_in_any_encoding() -> None:
    """UTF-16 must not smuggle past what ASCII may not."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'

    with pytest.raises(Unusable) as caught:
        read_clock(text.encode("utf-16"))

    assert caught.value.reason is Reason.MALFORMED_XML


def test_deep_nesting_ends_in_a_verdict() -> None:
    """Twenty thousand open elements neither hang nor crash the reader."""
    with pytest.raises(Unusable):
        read_clock(envelope("<a>" * 20_000))


EXPECTED = {None, Reason.NOT_ONVIF, Reason.MALFORMED_XML}


def reason_given(reader: Callable[[bytes], object], body: bytes) -> Reason | None:
    """Read a body, and give the reason if it is no answer."""
    try:
        reader(body)
    except Unusable as error:
        return error.reason
    return None


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_at_all_raise_anything_else(body: bytes) -> None:
    """Whatever comes, there is an answer or a reason."""
    for reader in (read_clock, read_identity):
        assert reason_given(reader, body) in EXPECTED


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_torn_envelope_raises_anything_else(data: st.DataObject) -> None:
    """Nor does a sound document with a piece cut out or noise put in."""
    whole = envelope(clock() + fault("Sender", "ter:NotAuthorized"))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    torn = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]

    for reader in (read_clock, read_identity):
        assert reason_given(reader, torn) in EXPECTED


def captures(shared: Path) -> list[Path]:
    """List the recorded replies of real devices."""
    return sorted((shared / "captures").rglob("*.xml"))


def test_every_recorded_reply_is_read_without_harm(shared: Path) -> None:
    """Real devices, every operation: an answer, a fault or a reason, never an exception."""
    for path in captures(shared):
        body = path.read_bytes()
        for reader in (read_clock, read_identity):
            assert reason_given(reader, body) in EXPECTED, path.name


def test_both_readers_agree_on_every_recorded_reply(shared: Path) -> None:
    """The fast tier reads most of them, and all of those as the parser does."""
    read = 0
    for path in captures(shared):
        body = path.read_bytes()
        for quick, slow in ((fast_clock(body), slow_clock), (fast_identity(body), slow_identity)):
            if quick is not None:
                read += 1
                assert quick == slow(body), path.name

    assert read > 15


@pytest.mark.parametrize("spaces", [0, 40, 400])
def test_an_opening_of_any_length_is_read_by_the_fast_reader(spaces: int) -> None:
    """Only openings of common length are remembered; the longer are judged each time."""
    declared = "".join(f' xmlns:n{each}="urn:{each}"' for each in range(spaces))
    body = (
        f'<Envelope xmlns:d="urn:d"{declared}><Body><d:GetDeviceInformationResponse>'
        "<d:Manufacturer>A</d:Manufacturer><d:Model>B</d:Model>"
        "<d:FirmwareVersion>1</d:FirmwareVersion><d:SerialNumber>2</d:SerialNumber>"
        "<d:HardwareId>3</d:HardwareId></d:GetDeviceInformationResponse></Body></Envelope>"
    ).encode()

    readings = [fast_identity(body), fast_identity(body)]

    assert readings == [Named(Identity("A", "B", "1", "2", "3"))] * 2
