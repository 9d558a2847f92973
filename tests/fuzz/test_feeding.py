"""No reply, however odd, breaks a reader: a short run of the fuzz (`python -m tests.fuzz`)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from probes.onvif.contract import load_requests
from probes.target import Requests
from probes.verdict import Reason, Unusable
from tests.fuzz.feeding import Feed, http_feed, read_http, read_xml, run, xml_feed

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("make", [xml_feed, http_feed])
def test_odd_replies_break_no_reader(make: Callable[[Requests], Feed]) -> None:
    """A few thousand bent replies: each is read or refused, and the two XML readers agree."""
    report = run(make(load_requests()), inputs=4_000, seed=20261124)

    assert report.failures == []
    assert report.inputs == 4_000
    assert len(report.outcomes) > 2


def test_a_reader_that_breaks_is_reported_with_the_seed_of_its_input() -> None:
    """Whoever reads the report can make the same input again."""

    def feed(random: Random) -> str:
        number = random.random()
        if number < 0.5:
            raise KeyError(number)
        return "read"

    report = run(feed, inputs=20, seed=3)

    assert report.failures
    assert report.outcomes["read"] + len(report.failures) == 20
    assert report.failures[0].startswith("3-")


def test_a_fuzz_that_holds_nothing_would_be_none() -> None:
    """What is fed reaches the readers: a sound reply is read, a page is not."""
    assert read_http([b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 2\r\n\r\nok"]) == "reply"
    assert read_http([b"SSH-2.0"]) == Reason.NOT_HTTP
    assert read_xml(b"<html>") == f"{Reason.NOT_ONVIF}+{Reason.NOT_ONVIF}"


def test_the_command_prints_its_figures() -> None:
    """By hand it is one command."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "http", "--inputs", "50"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    figures = json.loads(done.stdout)["http"]
    assert (figures["inputs"], figures["failures"]) == (50, 0)


def test_a_failure_of_a_reader_is_not_taken_for_a_refusal() -> None:
    """Only the reasons of a reader are an end; another reason is a finding."""

    def feed(_random: Random) -> str:
        raise Unusable(Reason.INTERNAL)

    assert len(run(feed, inputs=2, seed=1).failures) == 2
