"""Every page of a list asks the database the same number of questions, however long it is."""

import tomllib
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.web.crowd import TEN, Scale, crowd
from tests.web.selects import CROWDED, bearer, counts, pages
from tests.web.visitors import SignIn

BASELINE = Path(__file__).with_name("selects.toml")
# `python -m tests.bench selects` compares ten rows with 100,000.
THOUSANDS = Scale(sites=1_000, grants=1_000, cameras=3_000)


def test_pages_take_the_statements_of_the_baseline_whatever_their_length(
    app: Flask, engine: Engine, session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A new page, or one more statement, is seen in the diff of selects.toml."""
    browser, token = sign_in("administrator"), bearer(session, now=now)
    crowd(session, TEN, now=now)
    ten = counts(app, engine, browser, token)
    crowd(session, THOUSANDS, now=now)

    thousands = counts(app, engine, browser, token)

    assert thousands == ten
    assert ten == tomllib.loads(BASELINE.read_text(encoding="utf-8"))["selects"]


def test_every_list_of_the_api_and_the_pages_of_crowded_things_are_counted(app: Flask) -> None:
    """A list that is missing from the baseline is one whose cost nobody sees."""
    counted = tomllib.loads(BASELINE.read_text(encoding="utf-8"))["selects"]

    lists = {rule for rule, _ in pages(app) if rule.startswith("/api/v1/")}
    assert (lists | CROWDED.keys()) - counted.keys() == set()
