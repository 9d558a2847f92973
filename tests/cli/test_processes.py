"""Commands that stay in the foreground, and what keeps them from starting."""

from pathlib import Path

from sqlalchemy import create_engine, text

from tests.cli.command import lay_register, vigiparc


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """Every command that opens it says why it will not."""
    lay_register(tmp_path)
    engine = create_engine(f"sqlite:///{tmp_path / 'vigiparc.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    shown = vigiparc("monitor", folder=tmp_path)

    assert shown.returncode == 1
    assert "written by a newer version" in shown.stderr


def test_serving_without_a_database_says_what_to_run(tmp_path: Path) -> None:
    """A forgotten upgrade is one line, not a stack trace."""
    shown = vigiparc("serve", folder=tmp_path)

    assert shown.returncode == 1
    assert "run `vigiparc db upgrade`" in shown.stderr
    assert "Traceback" not in shown.stderr
