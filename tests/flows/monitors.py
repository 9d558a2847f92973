"""
Runs `vigiparc monitor`, as often as is wanted, each from its first moment on.

Run as a process of its own, because it forks: to load the command anew takes seconds, and
fifty lives are wanted. Each child is a real monitor: it reads its settings, opens the
database, reaches for the lease and probes. Commands come by standard input, one a line:
`start LOG` prints the new process; `kill PROCESS` sends it SIGKILL, `end PROCESS` SIGTERM,
and prints its code.
"""

import gc
import os
import signal
import sys
from pathlib import Path

# What a monitor needs, loaded ahead; none of it starts a thread.
import registry.jobs  # noqa: F401
from registry.cli import vigiparc


def main() -> None:
    """Obey until nobody commands any more, then let no monitor live on."""
    children = set[int]()
    gc.freeze()
    for line in sys.stdin:
        command, operand = line.split(maxsplit=1)
        if command == "start":
            answer = os.fork()
            if answer == 0:
                live(Path(operand.strip()))
            children.add(answer)
        else:
            child = int(operand)
            os.kill(child, signal.SIGKILL if command == "kill" else signal.SIGTERM)
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            children.remove(child)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)


def live(log: Path) -> None:
    """Be `vigiparc monitor` until the end, and say in the log what goes wrong."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    vigiparc(["monitor"])


if __name__ == "__main__":
    main()
