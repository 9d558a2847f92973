"""
The house keeps its measure: files, functions, mirrors, locks, papers.

The ceilings are those of docs/contributing.md. The layering itself is held by the
contracts in setup.cfg, which `lint-imports` checks.
"""

import ast
import configparser
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("registry", "probes", "migrations")
FILE_CEILING = 400
FUNCTION_CEILING = 60
MEDIAN_CEILING = 12

# What has no test file of its own name, and where its behaviour is tested instead.
MIRRORED_ELSEWHERE = {
    "registry/models.py": "tests/test_db.py",
    "registry/__main__.py": "tests/cli/test_edge.py",
    "registry/monitoring/views/blueprint.py": "tests/monitoring/views/test_sites.py",
}


def python_files(*folders: str) -> list[Path]:
    """Return every Python file below some top-level folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function of a file with its length in lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def name(path: Path) -> str:
    """Return a path as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", python_files(*CODE, "tests"), ids=name)
def test_no_file_is_longer_than_the_ceiling(path: Path) -> None:
    """A file answers one question; one that outgrows the ceiling becomes a package."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_CEILING


@pytest.mark.parametrize(
    "path",
    # A migration that creates tables is a list without a decision in it.
    [path for path in python_files(*CODE, "tests") if path.parent.name != "versions"],
    ids=name,
)
def test_no_function_is_longer_than_the_ceiling(path: Path) -> None:
    """A function takes one decision."""
    assert [
        (function, lines) for function, lines in functions(path) if lines > FUNCTION_CEILING
    ] == []


def test_functions_are_short_on_the_whole() -> None:
    """Half of the functions of the product fit in a dozen lines, docstring apart or not."""
    lengths = sorted(
        lines for path in python_files("registry", "probes") for _, lines in functions(path)
    )

    assert lengths[len(lengths) // 2] <= MEDIAN_CEILING


@pytest.mark.parametrize("path", python_files("registry", "probes"), ids=name)
def test_every_module_has_its_test(path: Path) -> None:
    """tests/ mirrors the code: whoever opens a module knows where its behaviour is stated."""
    relative = path.relative_to(ROOT)
    if relative.name in {"__init__.py", "models.py"} or relative.parent.name == "models":
        return
    if relative.as_posix() in MIRRORED_ELSEWHERE:
        assert (ROOT / MIRRORED_ELSEWHERE[relative.as_posix()]).is_file()
        return
    inside = relative.parts[1:] if relative.parts[0] == "registry" else relative.parts
    folder = ROOT / "tests" / Path(*inside[:-1])
    mirrors = [folder / f"test_{relative.stem}.py", *folder.glob(f"test_{relative.stem}_*.py")]
    assert any(mirror.is_file() for mirror in mirrors), f"expected {name(mirrors[0])}"


def requirements() -> Iterator[str]:
    """Yield the distributions that setup.cfg asks for, extras included."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["options"]["install_requires"].splitlines()
    for extra in parser["options.extras_require"].values():
        lines += extra.splitlines()
    for line in filter(None, lines):
        yield re.split(r"[\s<>=\[]", line, maxsplit=1)[0].lower()


def test_the_lock_file_holds_every_requirement() -> None:
    """What setup.cfg asks for has one tested version that make installs."""
    locked = {
        line.split("==")[0].lower()
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    }

    assert set(requirements()) - locked == set()


def test_the_lock_file_names_no_address() -> None:
    """Packages are asked for by name: where they come from is for the machine to say."""
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_every_package_is_in_the_wheel() -> None:
    """setup.cfg lists its packages by hand, because two of them are mapped."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    listed = set(parser["options"]["packages"].split())

    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in python_files("registry", "probes")
        if path.name == "__init__.py"
    }
    assert found - listed == set()


def test_every_folder_of_config_is_in_the_wheel() -> None:
    """A file that is not listed would be missing only where it was installed."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    listed = set(parser["options"]["packages"].split())
    data = parser["options.package_data"]

    left_out = []
    for path in (ROOT / "config").rglob("*"):
        if path.is_dir() or path.name == "README.md":
            continue
        package = ".".join(("registry", "_config", *path.parent.relative_to(ROOT / "config").parts))
        patterns = [each.strip() for each in data.get(package, "").replace("\n", ",").split(",")]
        if package not in listed or not any(path.match(each) for each in patterns if each):
            left_out.append(name(path))
    assert left_out == []


@pytest.mark.parametrize("folder", ["registry", "probes", "migrations", "tests", "config"])
def test_every_top_level_folder_says_who_lives_there(folder: str) -> None:
    """A newcomer opens a folder and reads what it is for."""
    assert (ROOT / folder / "README.md").stat().st_size > 200


@pytest.mark.parametrize(
    "paper", ["README.md", "CHANGELOG.md", "LICENSE", "publiccode.yml", "Makefile", ".ci/run"]
)
def test_the_papers_are_there(paper: str) -> None:
    """What a public administration expects beside free software."""
    assert (ROOT / paper).stat().st_size > 0


def test_no_word_asks_a_camera_for_an_image() -> None:
    """No operation that leads to an image stands anywhere in the product."""
    forbidden = re.compile("GetSnapshot" + "Uri|GetStream" + "Uri|GetPro" + "files|DESC" + "RIBE")

    assert [
        name(path)
        for path in python_files("registry", "probes")
        if forbidden.search(path.read_text(encoding="utf-8"))
    ] == []


def test_nothing_unfinished_is_left_behind() -> None:
    """No marker of work to come, and no path of a development machine, is committed."""
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git as the machine has it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|/ro" + r"ot/|/wo" + r"rk/")
    texts = [ROOT / path for path in tracked if path.endswith((".py", ".md", ".toml", ".cfg"))]

    assert [
        name(path)
        for path in texts
        if path.is_file() and marks.search(path.read_text(encoding="utf-8"))
    ] == []
