"""Settings: where they come from, and what is refused."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from registry import settings
from registry.errors import Misconfigured


def test_defaults_are_complete() -> None:
    """A start without any file or variable works, on the embedded database."""
    loaded = settings.load()

    assert loaded.database_url == "sqlite:///var/vigiparc.db"
    assert loaded.key_file == Path("var/vigiparc.keys")
    assert loaded.demo.enabled is False


def test_loopback_is_not_allowed_by_default() -> None:
    """The networks that may be dialled hold neither loopback nor link-local addresses."""
    networks = settings.load().probes.networks

    assert not any(
        forbidden.overlaps(network)
        for forbidden in (ip_network("127.0.0.0/8"), ip_network("169.254.0.0/16"))
        for network in networks
        if network.version == forbidden.version
    )


def test_a_file_overrides_the_defaults_key_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the file leaves out keeps its default."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text("[web]\nport = 9000\n")
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))

    loaded = settings.load()

    assert (loaded.web.port, loaded.web.host) == (9000, "127.0.0.1")


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable has the last word over a file."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text("[web]\nport = 9000\n")
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))
    monkeypatch.setenv("VIGIPARC_WEB__PORT", "9001")

    assert settings.load().web.port == 9001


def test_a_secret_file_overrides_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database address with its password may come from a mounted secret."""
    (tmp_path / "storage__database_url").write_text("postgresql+psycopg://u@h/from-secret")
    monkeypatch.setenv("VIGIPARC_STORAGE__DATABASE_URL", "sqlite:///from-env.db")
    monkeypatch.setenv("VIGIPARC_SECRETS", str(tmp_path))

    assert settings.load().database_url.endswith("from-secret")


@pytest.mark.parametrize(
    ("name", "near"),
    [("VIGIPARC_WEB__PRT", "VIGIPARC_WEB__PORT"), ("VIGIPARC_PROBES__PATIENC", "PATIENCE")],
)
def test_an_unknown_variable_is_named_with_the_nearest(
    name: str, near: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error never silently keeps the default."""
    monkeypatch.setenv(name, "3")

    with pytest.raises(Misconfigured, match=f"{name}: unknown setting.*{near}"):
        settings.load()


def test_an_unknown_key_of_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same holds for a file."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text("[web]\nprot = 9000\n")
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))

    with pytest.raises(Misconfigured, match=r"web\.prot: unknown setting"):
        settings.load()


def test_an_impossible_value_is_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names the key; the value may be a secret in the wrong place."""
    monkeypatch.setenv("VIGIPARC_WEB__PORT", "hunter2")

    with pytest.raises(Misconfigured, match=r"web\.port") as refused:
        settings.load()

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("days", "kept"), [("0", True), ("3652", False), ("3653", True)])
def test_what_was_seen_is_kept_for_as_long_as_it_may_be_disputed(
    monkeypatch: pytest.MonkeyPatch, days: str, *, kept: bool
) -> None:
    """For good, or for ten years at least: a shorter term is refused and the key named."""
    monkeypatch.setenv("VIGIPARC_RECORD__INTERVAL_DAYS", days)

    if kept:
        assert settings.load().record.interval_days == int(days)
        return
    with pytest.raises(Misconfigured, match=r"record\.interval_days: .*3653 days or more"):
        settings.load()


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was asked for and is not there stops the start."""
    monkeypatch.setenv("VIGIPARC_CONFIG", "/nowhere/vigiparc.toml")

    with pytest.raises(Misconfigured, match="no such file: /nowhere"):
        settings.load()


def test_a_file_that_is_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken file is an error of one line, not a stack trace."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text("[web\n")
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))

    with pytest.raises(Misconfigured, match=r"vigiparc\.toml"):
        settings.load()


def test_the_local_zone_is_what_the_probes_section_says() -> None:
    """One zone needs no table; its networks and its canary stand in [probes]."""
    loaded = settings.load(probes={"networks": ["10.0.0.0/8"], "canary_host": "10.0.0.1"})

    assert list(loaded.every_zone) == ["local"]
    assert loaded.networks_by_zone == {"local": (ip_network("10.0.0.0/8"),)}
    assert loaded.every_zone["local"].canary_host == "10.0.0.1"


def test_further_zones_have_tables_and_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their names are free, their keys are not."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text('[zones.littoral]\nnetworks = ["10.62.0.0/16"]\n')
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))
    monkeypatch.setenv("VIGIPARC_ZONES__LITTORAL__CANARY_HOST", "10.62.0.1")

    zone = settings.load().every_zone["littoral"]

    assert (zone.networks, zone.canary_host) == ((ip_network("10.62.0.0/16"),), "10.62.0.1")


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("[zones.littoral]\nnetworks = []", "zones.littoral.networks"),
        ("[zones.littoral]\nnetworks = ['10.62.0.1/16']", "zones.littoral.networks.0"),
        ("[zones.littoral]\nnetwork = ['10.62.0.0/16']", "zones.littoral.network: unknown setting"),
        ("[zones.'La Manche']\nnetworks = ['10.62.0.0/16']", "zones.La Manche"),
    ],
)
def test_an_impossible_zone_is_named(
    table: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, with the key."""
    chosen = tmp_path / "vigiparc.toml"
    chosen.write_text(table)
    monkeypatch.setenv("VIGIPARC_CONFIG", str(chosen))

    with pytest.raises(Misconfigured, match=named):
        settings.load()
