"""What people type into the forms of monitoring."""

from flask import Flask

from registry.monitoring.forms import AcknowledgeForm


def test_a_note_is_bounded(app: Flask) -> None:
    """A note fits its column, and none at all will do."""
    app.config["WTF_CSRF_ENABLED"] = False

    outcomes = []
    for note in ("", "x" * 400, "x" * 401):
        with app.test_request_context("/", method="POST", data={"note": note}):
            outcomes.append(AcknowledgeForm().validate())

    assert outcomes == [True, True, False]
