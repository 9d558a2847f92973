"""
Settings: defaults < file < environment < secret files, and no key unknown.

`config/default.toml` holds every setting with its unit and why. A file named
by `VIGIPARC_CONFIG` overrides it, `VIGIPARC_<SECTION>__<KEY>` overrides both,
and a file `<section>__<key>` in the folder `VIGIPARC_SECRETS` has the last word.
"""

import os
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from registry.errors import Misconfigured

PREFIX = "VIGIPARC_"
FILE_VARIABLE = "VIGIPARC_CONFIG"
SECRETS_VARIABLE = "VIGIPARC_SECRETS"
LOCAL_ZONE = "local"
ZONE_NAME = r"^[a-z][a-z0-9-]{0,39}$"
TOKEN_CHARACTERS = 20
# The file of a grant is kept, and its uptime may be disputed, for ten years.
DISPUTED_DAYS = 3_653

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Hour = Annotated[int, Field(ge=0, le=24)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Section(BaseModel):
    """A table of settings; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Storage(Section):
    """Where the service keeps what is its own."""

    folder: Path
    database_url: str
    key_file: str
    documents_folder: str
    document_megabytes: Count


class Web(Section):
    """The web server."""

    host: str
    port: Port
    workers: Count
    threads: Count
    language: Literal["fr", "en"]
    secure_cookies: bool
    upload_megabytes: Count
    api_requests_per_minute: Count


class Probes(Section):
    """How cameras are probed, and which addresses may be dialled."""

    interval_seconds: Seconds
    longest_interval_seconds: Seconds
    timeout_seconds: Seconds
    patience: Count
    slow_seconds: Seconds
    clock_skew_seconds: Seconds
    in_flight: Count
    in_flight_per_site: Count
    in_flight_per_subnet: Count
    networks: tuple[IPv4Network | IPv6Network, ...]
    canary_host: str
    canary_port: Port
    wsdl_folder: str


class Zone(Section):
    """A part of the camera network that is reached, or lost, as a whole."""

    networks: Annotated[tuple[IPv4Network | IPv6Network, ...], Field(min_length=1)]
    canary_host: str = ""
    canary_port: Port = 443


class Inventory(Section):
    """When devices are asked at length, and how many of them at once."""

    from_hour: Hour
    until_hour: Hour
    threads: Count
    timeout_seconds: Seconds
    rtsp_seconds: Seconds


class Metrics(Section):
    """How often the metrics pages are rendered, when they are too old, and who may scrape."""

    snapshot_seconds: Seconds
    camera_seconds: Seconds
    availability_seconds: Seconds
    stale_seconds: Seconds
    silent_seconds: Seconds
    networks: tuple[IPv4Network | IPv6Network, ...]
    token: SecretStr
    address: str

    @field_validator("token")
    @classmethod
    def _is_long(cls, token: SecretStr) -> SecretStr:
        if token and len(token) < TOKEN_CHARACTERS:
            raise ValueError(f"expected {TOKEN_CHARACTERS} characters or more, or none")
        return token


class Rollups(Section):
    """How long sums of time are kept; they are caches, no figure depends on them."""

    hours_days: Annotated[int, Field(ge=32, le=4_000)]
    camera_days: Annotated[int, Field(ge=1, le=40_000)]


class Record(Section):
    """How long what was seen of each camera is kept, as the intervals that figures rest on."""

    interval_days: Annotated[int, Field(ge=0, le=40_000)]

    @field_validator("interval_days")
    @classmethod
    def _outlives_disputes(cls, days: int) -> int:
        if 0 < days < DISPUTED_DAYS:
            raise ValueError(f"expected 0 (kept for good), or {DISPUTED_DAYS} days or more")
        return days


class Contracts(Section):
    """What a contract is held to."""

    coverage_floor_percent: Annotated[int, Field(ge=0, le=100)]


class Notices(Section):
    """Who carries mails, and how patient the service is before it tells people."""

    gather_seconds: Annotated[float, Field(ge=0, le=3_600)]
    flapping_changes: Annotated[int, Field(ge=3, le=100)]
    flapping_minutes: Annotated[int, Field(ge=1, le=1_440)]
    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")]
    smtp_host: str
    smtp_port: Port
    smtp_security: Literal["none", "starttls", "tls"]
    smtp_username: str
    smtp_password: SecretStr
    sender: Annotated[str, Field(pattern=r"^[^\s]+@[^\s]+$|^[^<>]+ <[^\s]+@[^\s]+>$")]


class Audit(Section):
    """When the audit finds fault."""

    silent_days: Count
    renew_seconds: Seconds


class Logs(Section):
    """How the service writes its log."""

    format: Literal["json", "text"]
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Demo(Section):
    """The demonstration region: simulated data, and a banner that says so."""

    enabled: bool


class Settings(BaseSettings):
    """Everything that can be set, checked as a whole at start."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )

    storage: Storage
    web: Web
    probes: Probes
    inventory: Inventory
    zones: dict[Annotated[str, Field(pattern=ZONE_NAME)], Zone]
    metrics: Metrics
    rollups: Rollups
    record: Record
    contracts: Contracts
    notices: Notices
    audit: Audit
    logs: Logs
    demo: Demo

    @property
    def database_url(self) -> str:
        """The URL of the database; by default a SQLite file in the storage folder."""
        embedded = f"sqlite:///{self.storage.folder / 'vigiparc.db'}"
        return self.storage.database_url or embedded

    @property
    def every_zone(self) -> dict[str, Zone]:
        """The zones by name; `local` is what [probes] says, unless it has a table of its own."""
        probes = self.probes
        local = Zone.model_construct(
            networks=probes.networks,
            canary_host=probes.canary_host,
            canary_port=probes.canary_port,
        )
        return {LOCAL_ZONE: local, **self.zones}

    @property
    def networks_by_zone(self) -> dict[str, tuple[IPv4Network | IPv6Network, ...]]:
        """The networks in which the cameras of each zone may lie."""
        return {name: zone.networks for name, zone in self.every_zone.items()}

    @property
    def documents_folder(self) -> Path:
        """The folder of the papers of grants, by default in the storage folder."""
        return Path(self.storage.documents_folder or self.storage.folder / "documents")

    @property
    def key_file(self) -> Path:
        """The file of keys that seal camera credentials and sign sessions."""
        return Path(self.storage.key_file or self.storage.folder / "vigiparc.keys")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources, the strongest first."""
        files = [config_folder() / "default.toml"]
        if chosen := os.environ.get(FILE_VARIABLE):
            files.append(Path(chosen))
        secrets: tuple[PydanticBaseSettingsSource, ...] = ()
        if folder := os.environ.get(SECRETS_VARIABLE):
            secrets = (
                NestedSecretsSettingsSource(
                    file_secret_settings,
                    secrets_dir=folder,
                    secrets_prefix="",
                    secrets_nested_delimiter="__",
                ),
            )
        merged = TomlConfigSettingsSource(settings_cls, toml_file=files, deep_merge=True)
        return (init_settings, *secrets, env_settings, merged)


def config_folder() -> Path:
    """Return the folder of shipped configuration, in a wheel or in a checkout."""
    return _shipped("config")


def migrations_folder() -> Path:
    """Return the folder of migrations, in a wheel or in a checkout."""
    return _shipped("migrations")


def _shipped(name: str) -> Path:
    package = Path(__file__).parent
    installed = package / f"_{name}"
    return installed if installed.is_dir() else package.parent / name


def load(**overrides: dict[str, object]) -> Settings:
    """
    Read the settings; `overrides` (section by section) come before every source.

    Raises:
        Misconfigured: A key is unknown or a value impossible; the message names it.
    """
    chosen = os.environ.get(FILE_VARIABLE)
    if chosen and not Path(chosen).is_file():
        raise Misconfigured(f"{FILE_VARIABLE}: no such file: {chosen}")
    _refuse_unknown_variables()
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # validated by pydantic itself
    except ValidationError as error:
        raise Misconfigured(_in_words(error)) from None
    except ValueError as error:
        raise Misconfigured(f"{chosen or 'default.toml'}: {error}") from None


def _refuse_unknown_variables() -> None:
    # pydantic-settings passes over a top-level variable that it does not know,
    # even with extra="forbid": a typing error would silently keep the default.
    known = {FILE_VARIABLE, SECRETS_VARIABLE} | {
        f"{PREFIX}{section}__{key}".upper()
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key in field.annotation.model_fields
    }
    of_zones = f"{PREFIX}ZONES__"
    for name in sorted(os.environ):
        # What a zone's own keys may be, pydantic minds: their names are free.
        if name.upper().startswith(of_zones):
            continue
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), sorted(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise Misconfigured(f"{name}: unknown setting{hint}")


def _in_words(error: ValidationError) -> str:
    # The value is left out on purpose: it may be a secret in the wrong place.
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: "
        + ("unknown setting" if problem["type"] == "extra_forbidden" else problem["msg"])
        for problem in error.errors(include_url=False, include_input=False)
    )
