"""The `vigiparc` command, also as `python -m registry`."""

import sys

from registry.cli import command


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(command())


if __name__ == "__main__":
    main()
