"""The API's cameras, the devices mounted there, what replaced what, and their accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session, aliased

from registry import journal
from registry.errors import Conflict, NotFound
from registry.fleet.api.speaking import (
    at_camera,
    by_camera,
    by_site,
    creating,
    plain,
    spoken,
    updating,
    vault,
    why,
)
from registry.fleet.models import (
    Camera,
    CameraClass,
    CameraType,
    Credential,
    Device,
    Land,
    Mount,
    Replacement,
    Scheme,
    Site,
)
from registry.fleet.service import (
    correct_device,
    create_camera,
    mount_device,
    replace_device,
    set_credential,
    update_camera,
)
from registry.funding.models import Grant
from registry.signature import Signature
from registry.web.access import Actor
from registry.web.rest import (
    Code,
    Day,
    Fields,
    Flag,
    Id,
    Moment,
    Number,
    Resource,
    Text,
    WordOf,
    Writer,
    columns_of,
)

PORT = (1, 65_535)
Incoming = aliased(Device)


class CameraChanged(Fields):
    """What may change of a camera."""

    site = Text(12, least=1, metadata={"description": "The public identifier of its site"})
    label = Text(60, least=1)
    file_number = Text(60, allow_none=True, metadata={"description": "The grant that funds it"})
    camera_class = WordOf(CameraClass)
    camera_type = WordOf(CameraType, allow_none=True)
    mount = WordOf(Mount, allow_none=True)
    land = WordOf(Land, allow_none=True)
    purpose = Text(200)
    expected_view = Text(200)
    commissioned_on = Day(allow_none=True)
    retired_on = Day(allow_none=True)
    retirement_reason = Text(200)
    scheme = WordOf(Scheme)
    host = Text(253)
    port = Number(*PORT)
    path = Text(200, least=1)
    tls_verify = Text(80, least=1)
    password_text = Flag()
    rtsp_port = Number(*PORT, allow_none=True)
    rtsp_path = Text(200, least=1)
    why = why()


class CameraGiven(CameraChanged):
    """A camera to add."""

    site = Text(12, least=1, required=True)
    label = Text(60, least=1, required=True)


class CameraShown(Fields):
    """A funded position, whatever unit is mounted there."""

    id = Id(dump_only=True)
    site = Text(12)
    insee = Code(5)
    label = Text(60)
    file_number = Text(60, allow_none=True)
    camera_class = WordOf(CameraClass)
    camera_type = WordOf(CameraType, allow_none=True)
    mount = WordOf(Mount, allow_none=True)
    land = WordOf(Land, allow_none=True)
    purpose = Text(200)
    expected_view = Text(200)
    commissioned_on = Day(allow_none=True)
    retired_on = Day(allow_none=True)
    retirement_reason = Text(200)
    scheme = WordOf(Scheme)
    host = Text(253)
    port = Number(*PORT)
    path = Text(200)
    tls_verify = Text(80)
    password_text = Flag()
    rtsp_port = Number(*PORT, allow_none=True)
    rtsp_path = Text(200)
    changed_at = Moment()


class DeviceChanged(Fields):
    """What may be set right of a device."""

    serial = Text(80)
    manufacturer = Text(80)
    model = Text(120)
    firmware = Text(80)
    mac = Text(17)
    mounted_at = Moment()
    removed_at = Moment(allow_none=True)
    why = why()


class DeviceGiven(DeviceChanged):
    """A device to mount; with a replacement_reason it takes the place of the one there."""

    camera_id = Id(required=True)
    mounted_at = Moment(required=True)
    replacement_reason = Text(200)
    paper = Text(120)


class DeviceShown(Fields):
    """A physical unit, and from when to when it was at a position."""

    id = Id(dump_only=True)
    camera_id = Id()
    site = Text(12)
    serial = Text(80)
    manufacturer = Text(80)
    model = Text(120)
    firmware = Text(80)
    mac = Text(17)
    mounted_at = Moment()
    removed_at = Moment(allow_none=True)


class ReplacementShown(Fields):
    """One unit that took the place of another, why, and by which paper."""

    id = Id(dump_only=True)
    camera_id = Id()
    outgoing_id = Id()
    incoming_id = Id()
    replaced_at = Moment()
    reason = Text(200)
    paper = Text(120)


class CredentialChanged(Fields):
    """The account that probes use; the password goes in and never comes out."""

    username = Text(120, least=1)
    password = Text(200, load_only=True)


class CredentialGiven(CredentialChanged):
    """An account to set for the first time."""

    camera_id = Id(required=True)
    username = Text(120, least=1, required=True)
    password = Text(200, required=True, load_only=True)


class CredentialShown(Fields):
    """Which account a camera has, and since when; looking is journaled."""

    camera_id = Id()
    site = Text(12)
    username = Text(120)
    changed_at = Moment()


def _cameras(question: Select[Any]) -> Select[Any]:
    return (
        question.select_from(Camera)
        .join(Site, Site.id == Camera.site_id)
        .outerjoin(Grant, Grant.id == Camera.grant_id)
    )


def _replacements(question: Select[Any]) -> Select[Any]:
    return (
        question.select_from(Replacement)
        .join(Incoming, Incoming.id == Replacement.incoming_id)
        .join(Camera, Camera.id == Incoming.camera_id)
        .join(Site, Site.id == Camera.site_id)
    )


def _mount(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Device:
    rest = dict(values)
    camera = session.get(Camera, rest.pop("camera_id"))
    if camera is None:
        raise NotFound(f"camera {values['camera_id']}")
    with spoken():
        if rest.get("replacement_reason"):
            return replace_device(session, camera, plain(rest), signed=signed).incoming
        rest.pop("replacement_reason", None)
        rest.pop("paper", None)
        return mount_device(session, camera, plain(rest), signed=signed)


def _give_account(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Credential:
    camera_id = values["camera_id"]
    if session.get(Credential, camera_id) is not None:
        raise Conflict(f"camera {camera_id} has an account")
    set_credential(session, **values, vault=vault(), at=signed.at, actor=signed.actor)
    session.flush()
    return session.get_one(Credential, camera_id)


def _change_account(
    session: Session,
    row: Any,  # noqa: ANN401 - the kit's own type
    values: Mapping[str, Any],
    signed: Signature,
    /,
) -> object:
    keys = vault()
    standing = {"username": row.username, "password": keys.unseal(row.sealed_password)}
    said = {**standing, **values}
    return set_credential(
        session, row.camera_id, **said, vault=keys, at=signed.at, actor=signed.actor
    )


def _tell_of_read(session: Session, actor: Actor, key: str, at: datetime) -> None:
    journal.write(
        session,
        at=at,
        actor=actor.id,
        action="credential.read",
        subject=f"camera:{key}" if key else "credentials",
    )


CAMERAS = Resource(
    name="cameras",
    title="Cameras",
    model=Camera,
    shown=CameraShown,
    columns=columns_of(
        CameraShown,
        Camera,
        site=Site.public_id,
        insee=Site.insee,
        file_number=Grant.file_number,
    ),
    source=_cameras,
    reads="sites.read",
    writes="fleet.edit",
    given=CameraGiven,
    changed=CameraChanged,
    writer=Writer(creating(create_camera, reaching=True), updating(update_camera, reaching=True)),
    place=by_site(),
    sorts=("changed_at",),
)
DEVICES = Resource(
    name="devices",
    title="Devices",
    model=Device,
    shown=DeviceShown,
    columns=columns_of(DeviceShown, Device, site=Site.public_id),
    source=lambda question: at_camera(question, Device),
    reads="sites.read",
    writes="fleet.edit",
    given=DeviceGiven,
    changed=DeviceChanged,
    writer=Writer(_mount, updating(correct_device)),
    place=by_camera(),
)
CREDENTIALS = Resource(
    name="credentials",
    title="Accounts of cameras",
    model=Credential,
    key="camera_id",
    shown=CredentialShown,
    columns=columns_of(CredentialShown, Credential, site=Site.public_id),
    source=lambda question: at_camera(question, Credential),
    reads="fleet.edit",
    writes="fleet.edit",
    given=CredentialGiven,
    changed=CredentialChanged,
    writer=Writer(_give_account, _change_account),
    place=by_camera(),
    told=_tell_of_read,
)
REPLACEMENTS = Resource(
    name="replacements",
    title="Replacements",
    model=Replacement,
    shown=ReplacementShown,
    columns=columns_of(ReplacementShown, Replacement, camera_id=Incoming.camera_id),
    source=_replacements,
    reads="sites.read",
    place=by_camera(),
)
