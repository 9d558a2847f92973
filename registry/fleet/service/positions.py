"""Writes the positions that a file declares, the units mounted there and their accounts."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from probes.verdict import normalise_serial
from registry.bulk import add_rows
from registry.clock import paris_midnight
from registry.errors import Problem
from registry.fleet import queries
from registry.fleet.models import Camera, CameraClass, Credential, Device, Replacement, Scheme, Site
from registry.fleet.rules import ImportRow, Zones, camera_key
from registry.fleet.rules.reach import PIN_FIRST, PINNED, Reach, misfits
from registry.fleet.service.credentials import apply_credential
from registry.fleet.service.register import Register
from registry.fleet.service.report import CHANGED, NEW, UNCHANGED
from registry.fleet.vault import Vault

# What a new camera's options are where its row is silent.
_DEFAULTS: Mapping[str, object] = MappingProxyType(
    {"host": "", "scheme": Scheme.HTTP, "tls_verify": "ca", "password_text": False}
)
YES_NO = {"yes": True, "no": False}


class Positions:
    """
    Compares rows with the cameras that stand, then inserts what is new in bulk.

    10,000 cameras as objects took 7 of 9 seconds; as rows of three statements they
    take one, where their ids are read back: asked for in the order of the rows, they
    cost SQLite a statement each, and PostgreSQL five seconds.
    """

    def __init__(self, register: Register, vault: Vault, zones: Zones) -> None:
        """Start with nothing to insert and nothing found."""
        self._register = register
        self._zones = zones
        self._vault = vault
        self._new: list[ImportRow] = []
        self._units: list[dict[str, object]] = []
        self._replaced: dict[int, int] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def compare(self, row: ImportRow) -> str:
        """Change what differs of a camera that stands, or note that it is new."""
        camera = self._register.cameras.get(camera_key(row))
        standing = camera is not None and camera.credential is not None
        if row.username is not None and row.password is None and not standing:
            self.problems.append(Problem("password.required", row.cell("password")))
        if camera is None:
            self._new.append(row)
            said = {**_DEFAULTS, **self._said(row)}
            self._refuse_misfits(row, self._register.sites[row.site_key], said)
            return NEW
        subject = f"camera:{camera.id}"
        values = self._values(row)
        if row.tls_verify == PIN_FIRST and camera.tls_verify.startswith(PINNED):
            del values["tls_verify"]
        changed = self._register.assign(camera, values, subject=subject)
        said = {name: getattr(camera, name) for name in _DEFAULTS}
        self._refuse_misfits(row, camera.site, said)
        self._refuse_early_retirement(camera, row)
        changed |= self._compare_unit(camera, row, subject)
        changed |= self._compare_account(camera, row, subject)
        if changed:
            camera.changed_at = self._register.at
        return CHANGED if changed else UNCHANGED

    def _compare_account(self, camera: Camera, row: ImportRow, subject: str) -> bool:
        """Give a camera that stands the account of its row; the journal learns its name."""
        given = row.username is not None and apply_credential(
            camera,
            username=row.username,
            password=row.password,
            vault=self._vault,
            at=self._register.at,
        )
        if given:
            self._register.after.setdefault(subject, {})["username"] = row.username
        return given

    def insert(self) -> None:
        """Insert new cameras with their units and accounts; sites and grants must have ids."""
        session, at = self._register.session, self._register.at
        if self._new:
            placed = [self._camera(row) for row in self._new]
            add_rows(session, Camera, placed)
            ids = queries.ids_by_place(session, {each["site_id"] for each in placed})
            accounts = []
            for camera, row in zip(placed, self._new, strict=True):
                camera_id = ids[camera["site_id"], row.label]
                self._register.make(f"camera:{camera_id}", self._told(row))
                if _declares_unit(row):
                    mounted_at = first_mounting(row.commissioned_on, at)
                    self._units.append(_unit(row, camera_id=camera_id, mounted_at=mounted_at))
                if row.username is not None:
                    accounts.append(self._account(row, camera_id))
            add_rows(session, Credential, accounts)
        add_rows(session, Device, self._units)
        add_rows(session, Replacement, list(self._replacements()))

    def _replacements(self) -> Iterator[dict[str, object]]:
        """Give a record for each unit that left: the file is the paper that says so."""
        came: dict[int, int] = {}
        for chunk in queries.chunks(self._replaced):
            mounted = select(Device.camera_id, Device.id).where(
                Device.camera_id.in_(chunk), Device.removed_at.is_(None)
            )
            came.update((place, unit) for place, unit in self._register.session.execute(mounted))
        for camera_id, outgoing_id in self._replaced.items():
            yield {
                "outgoing_id": outgoing_id,
                "incoming_id": came[camera_id],
                "replaced_at": self._register.at,
                "reason": self._register.reason[:200],
                "paper": self._register.file[:120],
            }

    def _camera(self, row: ImportRow) -> dict[str, Any]:
        site = self._register.sites[row.site_key]
        grant = self._register.grants[row.file_number]
        said = self._said(row)
        fixed = {"site_id": site.id, "grant_id": grant.id, "label": row.label}
        return {**said, **fixed, "changed_at": self._register.at}

    def _said(self, row: ImportRow) -> dict[str, object]:
        said = {name: value for name, value in self._values(row).items() if value is not None}
        del said["grant"]
        return said

    def _told(self, row: ImportRow) -> dict[str, object]:
        """Return what the journal keeps of a new position, its unit and its account."""
        place = {"site": self._register.sites[row.site_key].public_id, "label": row.label}
        unit = _unit_told(row) if _declares_unit(row) else {}
        return {**place, **self._values(row), **unit, "username": row.username}

    def _account(self, row: ImportRow, camera_id: int) -> dict[str, object]:
        return {
            "camera_id": camera_id,
            "username": row.username,
            "sealed_password": self._vault.seal(row.password or ""),
            "changed_at": self._register.at,
        }

    def _values(self, row: ImportRow) -> dict[str, object]:
        return {
            "grant": self._register.grants[row.file_number],
            "camera_class": CameraClass(row.camera_class) if row.camera_class else None,
            "purpose": row.purpose,
            "commissioned_on": row.commissioned_on,
            "retired_on": row.retired_on,
            "scheme": Scheme(row.scheme) if row.scheme else None,
            "host": row.host,
            "port": row.port,
            "path": row.path,
            "tls_verify": row.tls_verify,
            "rtsp_port": row.rtsp_port,
            "rtsp_path": row.rtsp_path,
            "password_text": YES_NO.get(row.password_text or ""),
        }

    def _refuse_misfits(self, row: ImportRow, site: Site, said: Mapping[str, Any]) -> None:
        """Hold a camera's options against each other and against its site's zone."""
        reach = Reach(
            zone=site.zone,
            networks=site.networks,
            **{name: said[name] for name in _DEFAULTS},
        )
        for misfit in misfits(reach, self._zones):
            where = row.cell(misfit.field)
            self.problems.append(Problem(misfit.code, where, misfit.value, misfit.parameters))

    def _refuse_early_retirement(self, camera: Camera, row: ImportRow) -> None:
        begun, ended = camera.commissioned_on, camera.retired_on
        if begun and ended and ended < begun:
            after = {"first": begun.strftime("%d/%m/%Y")}
            where = row.cell("retired_on")
            self.problems.append(Problem("date.order", where, ended.strftime("%d/%m/%Y"), after))

    def _compare_unit(self, camera: Camera, row: ImportRow, subject: str) -> bool:
        """Complete the mounted unit, or replace it when another serial stands there now."""
        at = self._register.at
        if not _declares_unit(row):
            return False
        mounted = next((unit for unit in camera.devices if unit.removed_at is None), None)
        if mounted is None:
            mounted_at = at if camera.devices else first_mounting(camera.commissioned_on, at)
            self._units.append(_unit(row, camera_id=camera.id, mounted_at=mounted_at))
            self._register.after.setdefault(subject, {}).update(_unit_told(row))
            return True
        serial = normalise_serial(row.serial or "")
        if not serial or not mounted.normalised_serial or serial == mounted.normalised_serial:
            return self._register.assign(mounted, _identity(row), subject=subject)
        mounted.removed_at = at
        self._replaced[camera.id] = mounted.id
        self._units.append(_unit(row, camera_id=camera.id, mounted_at=at))
        self._register.before.setdefault(subject, {})["serial"] = mounted.serial
        self._register.after.setdefault(subject, {})["serial"] = row.serial
        before = {"before": mounted.serial}
        where = row.cell("serial")
        self.notes.append(Problem("device.replaced", where, row.serial or "", before))
        return True


def first_mounting(commissioned_on: date | None, at: datetime) -> datetime:
    """Date a first unit from the day it went into service, unless that is to come."""
    return at if commissioned_on is None else min(at, paris_midnight(commissioned_on))


def _declares_unit(row: ImportRow) -> bool:
    return any((row.serial, row.mac, row.manufacturer, row.model))


def _identity(row: ImportRow) -> dict[str, str | None]:
    return {
        "serial": row.serial,
        "normalised_serial": normalise_serial(row.serial) if row.serial else None,
        "manufacturer": row.manufacturer,
        "model": row.model,
        "mac": row.mac,
    }


def _unit_told(row: ImportRow) -> dict[str, str | None]:
    said = {"serial": row.serial, "manufacturer": row.manufacturer, "model": row.model}
    return {name: value for name, value in {**said, "mac": row.mac}.items() if value}


def _unit(row: ImportRow, *, camera_id: int, mounted_at: datetime) -> dict[str, object]:
    said = {name: value or "" for name, value in _identity(row).items()}
    return {**said, "camera_id": camera_id, "mounted_at": mounted_at}
