"""A form brings back what it was filled from: whoever comes second is told."""

from flask import Flask
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from registry.web.versions import VersionedForm, version_of

SAID = {"name": "Gare", "kind": "station"}


class SiteForm(VersionedForm):
    """A form with a text, a choice, and why it changes."""

    name = StringField()
    kind = SelectField(
        choices=[SelectChoice("station", "Station"), SelectChoice("hub", "Interchange")]
    )
    reason = StringField()


def test_a_version_changes_with_what_is_said() -> None:
    """Whatever the order in which it is said."""
    assert version_of(SAID) == version_of(dict(reversed(SAID.items())))
    assert version_of(SAID) != version_of({**SAID, "name": "Gare routière"})


def test_a_form_that_is_only_shown_is_current(app: Flask) -> None:
    """It carries the word for what stands."""
    with app.test_request_context("/"):
        form = SiteForm(data=SAID)

        assert form.is_current(SAID)
        assert version_of(SAID) in str(form.version())


def test_a_form_sent_back_tells_whether_it_is_current(app: Flask) -> None:
    """One without the word is not; sent once more after being told, it is."""
    sent = {**SAID, "version": version_of(SAID)}
    with app.test_request_context("/", method="POST", data=sent):
        assert SiteForm().is_current(SAID)

        form = SiteForm()
        assert not form.is_current({**SAID, "kind": "hub"})
        assert form.version.data == version_of({**SAID, "kind": "hub"})
    with app.test_request_context("/", method="POST", data=SAID):
        assert not SiteForm().is_current(SAID)


def test_what_stands_is_said_below_the_fields_that_differ(app: Flask) -> None:
    """A choice by its words; why somebody changes it stands nowhere yet."""
    with app.test_request_context("/", method="POST", data={**SAID, "reason": "vu"}):
        form = SiteForm()
        form.tell_apart(SiteForm(formdata=None, data={"name": "Gare", "kind": "hub"}))

        assert [list(field.errors) for field in (form.name, form.kind, form.reason)] == [
            [],
            ["Le registre dit maintenant «\N{NO-BREAK SPACE}Interchange\N{NO-BREAK SPACE}»."],
            [],
        ]
