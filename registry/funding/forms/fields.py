"""Fields that read amounts and rates as people type them, and keep what was typed."""

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import StringField

from registry.funding.rules import parse_cents
from registry.web.render import gettext
from registry.web.rest.fields import LARGEST_CENTS


class EurosField(StringField):
    """An amount in euros (`21 600,00 €`); its data are whole cents, None when blank."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        euros, cents = divmod(int(self.data), 100)
        return f"{euros},{cents:02d}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        with suppress(ValueError):
            cents = parse_cents(typed)
            if abs(cents) <= LARGEST_CENTS:
                self.data = cents  # type: ignore[assignment]  # its stub knows texts only
                return
        raise ValueError(gettext("“%(value)s” is not an amount, such as 21 600,00.", value=typed))


class PercentField(StringField):
    """A rate in percent (`30`, `33,5 %`); its data are an exact Decimal up to 1, or None."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) * 100:f}".replace(".", ",")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        try:
            rate = Decimal(typed.removesuffix("%").strip().replace(",", "."))
        except InvalidOperation:
            rate = Decimal("NaN")
        if not rate.is_finite():
            message = gettext("“%(value)s” is not a rate in percent, such as 33,5.", value=typed)
            raise ValueError(message)
        self.data = rate / 100  # type: ignore[assignment]  # its stub knows texts only
