"""The form with which a sheet is sent."""

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from registry.fleet.forms import ImportForm


@pytest.mark.parametrize(("ticked", "dry_run"), [({"dry_run": "y"}, True), ({}, False)])
def test_a_tick_that_was_taken_away_stays_away(
    app: Flask, ticked: dict[str, str], *, dry_run: bool
) -> None:
    """A browser does not send an empty tick: its absence is the answer."""
    sent = {"file": FileStorage(filename="a.csv"), **ticked}

    with app.test_request_context("/import", method="POST", data=sent):
        assert ImportForm().dry_run.data is dry_run


def test_a_fresh_form_is_a_dry_run(app: Flask) -> None:
    """Nothing is written by whoever only looks."""
    with app.test_request_context("/import"):
        assert ImportForm().dry_run.data is True


def test_a_form_without_a_file_says_so(app: Flask) -> None:
    """In one sentence, beside the field."""
    with app.test_request_context(
        "/import", method="POST", data={"dry_run": "y"}, headers={"Accept-Language": "en"}
    ):
        form = ImportForm()

        assert not form.validate()
        assert [str(error) for error in form.file.errors] == ["Choose a file first."]


def test_the_browser_offers_only_files_that_are_read(app: Flask) -> None:
    """The three formats, as a hint; what comes is judged by its content."""
    with app.test_request_context("/import"):
        assert 'accept=".xlsx,.ods,.csv"' in str(ImportForm().file())
