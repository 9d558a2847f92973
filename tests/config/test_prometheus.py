"""The scrape file as it is shipped, read by the tools that will read it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.settings import config_folder
from tests.config.conftest import prometheus, serving

SCRAPE = config_folder() / "prometheus" / "scrape.yml"


def promtool(*arguments: str, page: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run promtool, or skip where there is none."""
    binary = shutil.which("promtool")
    if binary is None:
        pytest.skip("no promtool on this machine (Debian: prometheus)")
    return subprocess.run(  # noqa: S603 - our own arguments
        [binary, *arguments], input=page, capture_output=True, check=False, timeout=60
    )


def test_the_scrape_file_is_valid() -> None:
    """A stranger's Prometheus takes the file as it is."""
    done = promtool("check", "config", str(SCRAPE))

    assert done.returncode == 0, done.stderr.decode()


def test_a_rendered_page_is_clean(pages: Callable[[], bytes]) -> None:
    """Promtool has nothing to say about names, types and help of the whole page."""
    done = promtool("check", "metrics", page=pages())

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_real_prometheus_scrapes_with_the_shipped_file(
    pages: Callable[[], bytes], tmp_path: Path
) -> None:
    """Only address and pace are changed: the sites are there by the shipped job."""
    with serving(pages) as port:
        text = SCRAPE.read_text(encoding="utf-8")
        quick = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace(": 15s", ": 1s")
        config = tmp_path / "scrape.yml"
        config.write_text(quick.replace(": 10s", ": 1s"), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            found = server.wait_for("vigiparc_site_up")

    assert {sample["metric"]["job"] for sample in found} == {"vigiparc"}
    assert sorted(sample["value"][1] for sample in found) == ["0", "1"]
