"""Fields that say which value they could not read, and what was expected instead."""

from typing import Any, ClassVar

from wtforms import DateField, DateTimeLocalField, Field, IntegerField, TimeField
from wtforms.validators import StopValidation

from registry.web.render import gettext, mark


class _Told(Field):
    """A field whose one complaint names what was typed."""

    expected: ClassVar[str]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; nothing for nothing."""
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        try:
            super().process_formdata([typed])
        except ValueError:
            raise ValueError(gettext(self.expected, value=typed)) from None

    def pre_validate(self, _form: object) -> None:
        """Ask nothing more of what could not be read."""
        if self.process_errors:
            raise StopValidation


class DayField(_Told, DateField):
    """A day; in figures too, where a browser has no calendar to pick it from."""

    expected = mark("“%(value)s” is not a day, such as 23/11/2026.")

    def __init__(self, label: str, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Take the two ways in which a day is sent."""
        super().__init__(label, format=["%Y-%m-%d", "%d/%m/%Y"], **more)


class HourField(_Told, TimeField):
    """A time of day."""

    expected = mark("“%(value)s” is not a time of day, such as 18:30.")


class MomentField(_Told, DateTimeLocalField):
    """A day and a time, to the second where somebody says it."""

    expected = mark("“%(value)s” is not a day and a time, such as 23/11/2026 14:05.")

    def __init__(self, label: str, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Take the ways in which a moment is sent."""
        sent = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"]
        super().__init__(label, format=sent, render_kw={"step": 1}, **more)


class WholeField(_Told, IntegerField):
    """A whole number."""

    expected = mark("“%(value)s” is not a whole number.")
