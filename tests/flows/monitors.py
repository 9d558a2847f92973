"""
Runs `vigiparc monitor`, one process after the other, each from its first moment on.

Run as a process of its own, because it forks: to load the command anew takes seconds, and
fifty lives are wanted. Each child is a real monitor: it reads its settings, opens the
database, reaches for the lease and probes. Commands come by standard input, one a line:
`start` prints the new process, `kill` sends it SIGKILL, `end` SIGTERM and prints its code.
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
    """Obey until nobody commands any more; the argument is the log of all monitors."""
    log, child = Path(sys.argv[1]), 0
    gc.freeze()
    for line in sys.stdin:
        command = line.strip()
        if command == "start":
            child = os.fork()
            if child == 0:
                live(log)
            answer = child
        else:
            os.kill(child, signal.SIGKILL if command == "kill" else signal.SIGTERM)
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            child = 0
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    if child:
        os.kill(child, signal.SIGKILL)


def live(log: Path) -> None:
    """Be `vigiparc monitor` until the end, and say in the log what goes wrong."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    vigiparc(["monitor"])


if __name__ == "__main__":
    main()
