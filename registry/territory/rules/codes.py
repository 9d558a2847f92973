"""Decides whether a French code is well formed."""

import re
from collections.abc import Iterator

from stdnum.exceptions import ValidationError
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number
from stdnum.luhn import calc_check_digit

# 20xxx was Corsica before 1976; overseas departments have three digits and their
# communes two more (97105), the collectivities of the Pacific likewise.
_INSEE = re.compile(
    r"(?:(?:0[1-9]|1\d|2[1-9]|[3-8]\d|9[0-5])\d{3}|2[AB]\d{3}|97[1-8]\d{2}|98[4-9]\d{2})\Z"
)
_UIC = re.compile(r"87(\d{5})(\d)\Z")
_UAI = re.compile(r"(\d{7})([A-Z])\Z")
_UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_CODE_LENGTH = 5


def is_insee(code: str) -> bool:
    """Tell whether a text has the form of a commune's INSEE code."""
    return _INSEE.match(code) is not None


def is_uic(code: str) -> bool:
    """
    Tell whether a text is a French station's UIC code: 87, five digits, a key.

    The key is Luhn's over the five digits alone; over all seven it fits no station.
    """
    parts = _UIC.match(code)
    return parts is not None and calc_check_digit(parts[1]) == parts[2]


def is_uai(code: str) -> bool:
    """Tell whether a text is a school's UAI code: seven digits and their letter."""
    parts = _UAI.match(code)
    return parts is not None and _UAI_KEYS[int(parts[1]) % len(_UAI_KEYS)] == parts[2]


def is_siren(code: str) -> bool:
    """Tell whether a text is a SIREN, its check digit included."""
    try:
        return str(siren_number.validate(code)) == code
    except ValidationError:
        return False


def is_siret(code: str) -> bool:
    """
    Tell whether a text is a SIRET: a SIREN, an establishment, and their check digit.

    La Poste has more establishments than Luhn's digit can tell apart: theirs add up
    to a multiple of five instead.
    """
    try:
        return str(siret_number.validate(code)) == code
    except ValidationError:
        return False


def insee_from_number(number: float) -> str:
    """
    Return the code that a spreadsheet has turned into a number (`2691.0`: 02691).

    The leading zero of the first nine departments is the one thing lost.
    """
    return str(int(number)).zfill(_CODE_LENGTH)


def near_codes(code: str) -> Iterator[str]:
    """Give the well-formed codes that one slip of the finger turns into this one."""
    for index in range(len(code) - 1):
        swapped = code[:index] + code[index + 1] + code[index] + code[index + 2 :]
        if swapped != code and is_insee(swapped):
            yield swapped
    for index in reversed(range(len(code))):
        for letter in "0123456789AB":
            typed = code[:index] + letter + code[index + 1 :]
            if typed != code and is_insee(typed):
                yield typed
