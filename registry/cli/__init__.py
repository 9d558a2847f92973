"""
The command line: thin, and quick to answer.

Each command imports what it needs when it runs (the only place where that is
allowed), so that `vigiparc --version` loads click and nothing else. Exit codes:
0 done, 1 failed, 2 used wrongly.
"""

import os

import click

from registry.cli import (
    auditing,
    edge,
    journal,
    probing,
    processes,
    register,
    sheets,
    simulating,
    status,
    survey,
    territory,
    token,
    uptime,
)
from registry.errors import Invalid, RegistryError

__all__ = ["command", "vigiparc"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="vigiparc", prog_name="vigiparc")
def vigiparc() -> None:
    """
    Hold every funded camera, probe each device, tell which euros are live cameras.

    Settings come from config/default.toml, then the file named by VIGIPARC_CONFIG,
    then VIGIPARC_SECTION__KEY variables.
    """


for each in (
    processes.run,
    processes.serve,
    processes.monitor,
    processes.demo,
    simulating.simulate,
    status.status,
    survey.discover,
    survey.inventory,
    probing.probe,
    sheets.import_file,
    sheets.export_file,
    register.db,
    register.config,
    register.user,
    uptime.uptime,
    journal.journal,
    territory.territory,
    token.token,
    auditing.audit,
):
    vigiparc.add_command(each)


def command() -> int:
    """Run the command line and return its exit code; no stack trace reaches a user."""
    try:
        outcome = vigiparc.main(prog_name="vigiparc", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, BrokenPipeError):
        # Whoever reads (`| head`) may have seen enough; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return edge.FAILED
    except RegistryError as error:
        _tell(error)
        return edge.FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: nobody is shown a stack trace
        _log_bug(error)
        return edge.FAILED
    return outcome if isinstance(outcome, int) else 0


def _tell(error: RegistryError) -> None:
    if isinstance(error, Invalid):
        for line in register.problem_lines(error):
            click.echo(line, err=True)
    else:
        click.echo(f"vigiparc: {error}", err=True)


def _log_bug(error: Exception) -> None:
    import structlog

    from probes.onvif.contract import ContractError
    from registry import logs

    if isinstance(error, ContractError):
        # No bug: onvif-zeep or its files are not as they were installed.
        click.echo(f"vigiparc: {error}", err=True)
        return
    if not structlog.is_configured():
        logs.configure(as_json=False)
    structlog.get_logger().error("internal error", exc_info=error)
    click.echo(f"vigiparc: internal error ({type(error).__name__}), see the log", err=True)
