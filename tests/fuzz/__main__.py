"""
Fuzzes the readers and prints one JSON object; exit code 1 if one of them broke.

Usage: `python -m tests.fuzz [xml|http] [--inputs 1000000] [--seed 1]`
"""

import argparse
import json
import sys

from probes.onvif.contract import load_requests
from tests.fuzz.feeding import Report, http_feed, run, xml_feed

_FEEDS = {"xml": xml_feed, "http": http_feed}


def main() -> int:
    """Run the fuzz of one reader, or of both."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("reader", nargs="*", choices=[*sorted(_FEEDS), []], help="default: both")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    requests = load_requests()
    reports = {
        name: run(_FEEDS[name](requests), inputs=arguments.inputs, seed=arguments.seed)
        for name in arguments.reader or sorted(_FEEDS)
    }
    sys.stdout.write(json.dumps({name: _told(each) for name, each in reports.items()}) + "\n")
    return 1 if any(each.failures for each in reports.values()) else 0


def _told(report: Report) -> dict[str, object]:
    """Put a report into plain values."""
    return {
        "inputs": report.inputs,
        "failures": len(report.failures),
        "first_failures": report.failures[:10],
        "slowest_ms": round(report.slowest_ms, 1),
        "cpu_seconds": round(report.seconds, 1),
        "outcomes": dict(report.outcomes.most_common(12)),
    }


if __name__ == "__main__":
    sys.exit(main())
