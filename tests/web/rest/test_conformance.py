"""Every operation of the API answers as its own description says, whatever is sent to it."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from sqlalchemy.orm import Session

from registry.settings import Settings
from tests.factories import make_camera, make_commune, make_grant
from tests.web.programs import MakeProgram
from tests.web.scenes import watch

# What a description cannot say (this commune exists, that serial is taken) is refused
# with these; nothing that it can say may be.
FINE = ["2xx", "401", "403", "404", "409", "412", "422", "428"]
# Its probe hands the WSGI client an argument that it does not take: test_access.py
# asks for the token instead.
UNUSABLE = {"ignored_auth": {"enabled": False}}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings under which a fuzzer is not told to slow down."""
    web = settings.web.model_copy(update={"api_requests_per_minute": 1_000_000})
    return settings.model_copy(update={"web": web})


@pytest.fixture
def description(
    app: Flask, session: Session, now: datetime, program: MakeProgram
) -> schemathesis.BaseSchema:
    """Return the API's description, of a register with some rows."""
    make_commune(session, "59350", "Lille", 236_000)
    watch(session, make_camera(session, grant=make_grant(session)), now=now)
    session.commit()
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "generation": {"deterministic": True, "max-examples": 2},
            "checks": {"positive_data_acceptance": {"expected-statuses": FINE}, **UNUSABLE},
        }
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    schema.config.update(headers={"Authorization": f"Bearer {program().token}"})
    return schema


def failures(description: schemathesis.BaseSchema, *phases: str) -> Iterator[str]:
    """Run some phases of the fuzzer and yield what each failed check says."""
    for name in ("examples", "coverage", "fuzzing", "stateful"):
        getattr(description.config.phases, name).enabled = name in phases
    checked = 0
    for event in from_schema(description).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(event)
        if not isinstance(event, events.ScenarioFinished):
            continue
        for case_id, checks in event.recorder.checks.items():
            case = event.recorder.cases[case_id].value
            checked += len(checks)
            yield from (
                f"{each.name}: {case.method} {case.formatted_path} {case.query} {case.body!r}"
                f" {each.failure_info and each.failure_info.failure.message}"
                for each in checks
                if each.status is not Status.SUCCESS
            )
    assert checked > 100


def test_every_operation_withstands_a_fuzzer(description: schemathesis.BaseSchema) -> None:
    """Nothing fails, nothing undescribed is answered, nothing wrong is accepted."""
    assert list(failures(description, "fuzzing", "stateful")) == []


def test_every_boundary_of_a_resource_is_kept(description: schemathesis.BaseSchema) -> None:
    """
    Each bound, type and enumeration of one that is written in every way is tried.

    The kit is the same for all: the others are tried by hand, which takes minutes.
    """
    outages = description.include(path_regex="/outages")

    assert list(failures(outages, "coverage")) == []
