"""The fields of the API: strict, bounded, and refusing in the reader's language."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from registry.db import LARGEST_ID
from registry.web.render import gettext, mark

LARGEST_CENTS = 10**14
# Control characters have no place in a name, and PostgreSQL refuses the first of them.
PLAIN = r"^[^\x00-\x1f\x7f]*$"
# The same of a text that may have several lines.
LINES = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

MESSAGES = {
    "required": mark("This field is required."),
    "null": mark("This field cannot be null."),
    "invalid": mark("Expected another kind of value."),
    "invalid_string": mark("Expected a text."),
    "invalid_number": mark("Expected a whole number."),
    "invalid_flag": mark("Expected true or false."),
    "invalid_list": mark("Expected a list."),
    "day": mark("Expected a day such as 2026-11-23."),
    "moment": mark("Expected an instant with its offset, such as 2026-11-23T12:00:00Z."),
    "share": mark("Expected a share between 0 and 1 with at most four digits, such as 0.3."),
    "choice": mark("Expected one of: %(known)s."),
    "plain": mark("Expected a text without control characters."),
    "pattern": mark("Expected %(pattern)s."),
    "length": mark("Expected between %(least)s and %(most)s characters."),
    "range": mark("Expected a number from %(least)s to %(most)s."),
    "unknown": mark("There is no such field."),
    "body": mark("Expected a JSON object."),
    "items": mark("Expected between 1 and %(most)s objects."),
}


def refusal(key: str, **parameters: object) -> ValidationError:
    """Return a refusal in the reader's language."""
    return ValidationError(gettext(MESSAGES[key], **parameters))


def refuse(key: str, **parameters: object) -> NoReturn:
    """Raise a refusal in the reader's language."""
    raise refusal(key, **parameters)


class Fields(Schema):
    """The fields of a thing; a name that it does not know is an error."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


class Length(validate.Length):
    """A text's length, said in the reader's language."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Return the value, or refuse it."""
        if not (self.min or 0) <= len(value) <= (self.max or len(value)):
            refuse("length", least=self.min or 0, most=self.max)
        return value


class Range(validate.Range):
    """A number's bounds, said in the reader's language."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Return the value, or refuse it."""
        if not self.min <= value <= self.max:
            refuse("range", least=self.min, most=self.max)
        return value


class Pattern(validate.Regexp):
    """A text's shape; the whole text has it, a last line break included."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Return the value, or refuse it."""
        if self.regex.fullmatch(value) is None:
            pattern = self.regex.pattern
            refuse("plain" if pattern in {PLAIN, LINES} else "pattern", pattern=pattern)
        return value


class _Spoken:
    """Says what marshmallow says, in the reader's language."""

    invalid = "invalid"

    def make_error(self, key: str, **_parameters: object) -> ValidationError:
        """Return the refusal for one of marshmallow's own reasons."""
        return refusal(key if key in {"required", "null"} else self.invalid)


class Text(_Spoken, fields.String):
    """A text of one line with a longest length, and a shape where it has one."""

    invalid = "invalid_string"

    def __init__(self, most: int, *, least: int = 0, pattern: str = PLAIN, **rest: Any) -> None:  # noqa: ANN401
        """Bound the text."""
        checks = [Length(min=least, max=most), Pattern(pattern)]
        super().__init__(validate=checks, **rest)

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> str:  # noqa: ANN401
        text: str = super()._deserialize(value, attr, data, **rest)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            # Half of a surrogate pair: JSON lets it pass, no database does.
            raise refusal(self.invalid) from error
        return text


class Code(Text):
    """A short code: INSEE, SIREN, UIC; digits and capitals only."""

    def __init__(self, most: int, *, least: int = 0, **rest: Any) -> None:  # noqa: ANN401
        """Bound the code."""
        super().__init__(most, least=least, pattern=r"^[0-9A-Z]*$", **rest)


class Number(_Spoken, fields.Integer):
    """A whole number within bounds; neither 1.0 nor "1" in a body."""

    invalid = "invalid_number"

    def __init__(self, least: int, most: int, *, strict: bool = True, **rest: Any) -> None:  # noqa: ANN401
        """Bound the number."""
        super().__init__(strict=strict, validate=Range(min=least, max=most), **rest)

    def _validated(self, value: Any) -> int:  # noqa: ANN401 - the library's signature
        if isinstance(value, str) and not re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
            refuse(self.invalid)
        if isinstance(value, bool) or (self.strict and not isinstance(value, int)):
            refuse(self.invalid)
        return super()._validated(value)


class Id(Number):
    """The number of a row."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401
        """Bound the number."""
        super().__init__(1, LARGEST_ID, **rest)


class Count(Number):
    """How many there are of something."""

    def __init__(self, most: int = 1_000_000, **rest: Any) -> None:  # noqa: ANN401
        """Bound the number."""
        super().__init__(0, most, **rest)


class Cents(Number):
    """An amount of money in whole cents."""

    def __init__(self, least: int = 0, **rest: Any) -> None:  # noqa: ANN401
        """Bound the amount."""
        super().__init__(least, LARGEST_CENTS, **rest)


class Flag(_Spoken, fields.Boolean):
    """True or false, and nothing that merely looks like it."""

    invalid = "invalid_flag"

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> bool:  # noqa: ANN401, ARG002
        if value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            refuse(self.invalid)
        return value


class Day(_Spoken, fields.Date):
    """A calendar day, `2026-11-23`."""

    invalid = "day"

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> date:  # noqa: ANN401
        if not isinstance(value, str) or DAY.fullmatch(value) is None:
            refuse(self.invalid)
        day: date = super()._deserialize(value, attr, data, **rest)
        return day


class Moment(_Spoken, fields.DateTime):
    """An instant in UTC, `2026-11-23T12:00:00Z`; another offset is turned to UTC."""

    invalid = "moment"

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> datetime:  # noqa: ANN401, ARG002
        if not isinstance(value, str) or MOMENT.fullmatch(value) is None:
            refuse(self.invalid)
        try:
            moment = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise refusal(self.invalid) from error
        if not FIRST <= moment < LAST:
            refuse(self.invalid)
        return moment


class Share(_Spoken, fields.Decimal):
    """An exact share between 0 and 1, kept to basis points, written as a text: `"0.3"`."""

    invalid = "share"

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401
        """Write it as a text: a float is not exact."""
        shape = {"type": "string", "pattern": r"^(0(\.\d{1,4})?|1(\.0{1,4})?)$"}
        super().__init__(as_string=True, metadata=shape | rest.pop("metadata", {}), **rest)

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> Decimal:  # noqa: ANN401, ARG002
        if not isinstance(value, str) or not re.fullmatch(
            self.metadata["pattern"][1:-1], value, re.ASCII
        ):
            refuse(self.invalid)
        return Decimal(value)


class WordOf(_Spoken, fields.String):
    """One word of a closed set."""

    invalid = "invalid_string"

    def __init__(self, words: type[StrEnum], **rest: Any) -> None:  # noqa: ANN401
        """Name the set."""
        self.words = words
        self.known = [str(word) for word in words]
        super().__init__(**rest)
        # A null is in no enumeration unless it stands in it.
        choices = [*self.known, None] if self.allow_none else self.known
        self.metadata = {"enum": choices, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> StrEnum:  # noqa: ANN401, ARG002
        if not isinstance(value, str) or value not in self.known:
            refuse("choice", known=", ".join(self.known))
        return self.words(value)


class Words(_Spoken, fields.List[Any]):
    """A list of texts."""

    invalid = "invalid_list"

    def __init__(
        self,
        each: fields.Field[Any],
        *,
        most: int = 100,
        least: int = 0,
        **rest: Any,  # noqa: ANN401
    ) -> None:
        """Say what each is, and how many there may be."""
        super().__init__(each, validate=Items(min=least, max=most), **rest)


class Items(validate.Length):
    """How many things a list may hold."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Return the list, or refuse it."""
        if not (self.min or 0) <= len(value) <= (self.max or len(value)):
            refuse("items", most=self.max)
        return value
