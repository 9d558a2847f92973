"""
Runs one bench and prints one flat JSON object.

Usage: `python -m tests.bench NAME --json [--quick]`
"""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping

# A bench is a module with `main(*, quick, arguments)`; it is imported only when
# it is run, because each pulls in the part that it measures.
BENCHES: Mapping[str, str] = {
    "api": "tests.bench.api",
    "probes": "tests.bench.probes",
    "open-loop": "tests.bench.open_loop",
    "peers": "tests.bench.peers",
    "tls": "tests.bench.https",
    "metrics": "tests.bench.metrics",
    "import": "tests.bench.imports",
    "record": "tests.bench.record",
    "search": "tests.bench.search",
    "retention": "tests.bench.retention",
    "selects": "tests.bench.selects",
    "audit": "tests.bench.audit",
    "service": "tests.bench.service",
    "uptime": "tests.bench.uptime",
}


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--json", action="store_true", help="print JSON (the only format)")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, same scale")
    parser.add_argument("--database", metavar="URL", help="an empty database; else SQLite")
    parser.add_argument("--list", metavar="NAME", default="", help="import: grants, sites, …")
    parser.add_argument("--device", metavar="HOST:PORT", help="probe this device server")
    parser.add_argument("--username", default="admin", help="of the account on --device")
    parser.add_argument("--password", default="", help="of the account on --device")
    return parser.parse_args(arguments)


def main() -> int:
    """Run the bench that was asked for."""
    arguments = parse(sys.argv[1:])
    bench = importlib.import_module(BENCHES[arguments.name])
    figures = bench.main(quick=arguments.quick, arguments=arguments)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
