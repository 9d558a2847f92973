"""Puts what funding refuses into the reader's words, and under the field that it is about."""

from collections.abc import Iterable
from datetime import date

from registry.errors import Problem
from registry.funding.forms.words import FUNDING_WORDS
from registry.web.render import STATUS_WORDS, euros, gettext, mark, number, short_day
from registry.web.security import Form

_SENTENCES = {
    "required": mark("This is required."),
    "text.long": mark("At most %(longest)s characters."),
    "amount.negative": mark("“%(value)s” is less than zero."),
    "vote.missing": mark("No amount is voted yet: enter it first among the values of the grant."),
    "expense.missing": mark("The real expense is missing: enter it first with the balance."),
    "rate.missing": mark(
        "Nothing tells the rate of what is due: enter the rate of the decision or the eligible"
        " base first."
    ),
    "insee": mark("“%(value)s” is not the INSEE code of a commune, such as 59054."),
    "insee.unknown": mark("“%(value)s” leads to no commune, not even to a former one."),
    "siren": mark("“%(value)s” is no SIREN: nine digits, of which the last checks the others."),
    "value.unfit": mark("“%(value)s” cannot stand here."),
    "rule.proportion": mark(
        "“%(value)s” is no share above 0 and up to 1, with at most four decimals, such as 0.3."
    ),
    "rule.money": mark("“%(value)s” is no amount in whole cents above 0, such as 3000000."),
    "rule.number": mark("“%(value)s” is no whole number of 1 or more."),
    "rule.yes_or_no": mark("“%(value)s” is neither yes nor no."),
    "rule.day": mark("“%(value)s” is no day, such as 2026-11-23."),
    "rule.words": mark("A text is expected, of one line or more, none of them empty."),
    "rule.papers": mark(
        "Lines such as “filed: application, quote” are expected: a step of a grant’s life, then"
        " the papers that it asks for."
    ),
    "rule.order": mark("%(value)s comes before %(first)s, when the rule begins."),
    "rule.note": mark("What is not certain needs a note that says why."),
    "rule.overlap": mark("Two rules of this kind hold at once: %(first)s and %(second)s."),
    "rule.window": mark("The window closes on %(closes)s, before it opens on %(opens)s."),
    "year.range": mark("“%(value)s” is no year."),
    "rate.range": mark("A rate is above 0 and up to 100 %%, with at most two decimals."),
    "rate.beyond": mark(
        "%(value)s is more than the eligible base, %(most)s: a rate over 100 %% cannot be."
    ),
    "eligible.beyond": mark("%(value)s is more than the whole project costs, %(most)s."),
    "vote.below_paid": mark("%(value)s is less than what was paid, %(paid)s."),
    "date.before": mark("%(value)s comes before %(first)s, the date of “%(step)s”."),
    "date.after": mark("%(value)s comes after %(second)s, the date of “%(step)s”."),
    "date.future": mark("%(value)s is yet to come: today is %(today)s."),
    "date.window": mark(
        "%(value)s lies outside the application window, from %(opens)s to %(closes)s."
    ),
    "move.impossible": mark(
        "A grant that stands at “%(from)s” cannot go to “%(value)s”. Possible: %(possible)s."
    ),
    "move.first": mark("This is its first step: there is none to take back."),
    "paper.missing": mark("A paper is missing from the file: %(paper)s."),
    "payment.missing": mark("A payment is missing: %(kind)s, %(what)s."),
    "repayment.nothing": mark("Nothing was paid, so nothing can be paid back."),
    "settlement.over": mark(
        "%(paid)s is paid and only %(due)s is due: the difference has to be paid back first."
    ),
    "settlement.short": mark("%(paid)s is paid and %(due)s is due."),
    "payment.beyond": mark(
        "%(value)s would exceed the amount voted: %(most)s, of which %(already)s is paid already."
    ),
    "payment.beyond_due": mark(
        "%(value)s would exceed what the real expense makes due: %(most)s, of which %(already)s"
        " is paid already."
    ),
    "payment.advance_share": mark(
        "%(value)s would exceed what may be paid in advance, %(percent)s %% of the vote:"
        " %(most)s, of which %(already)s is paid already."
    ),
    "payment.interim_share": mark(
        "%(value)s would exceed what may be paid before the balance, %(percent)s %% of the vote:"
        " %(most)s, of which %(already)s is paid already."
    ),
    "payment.status": mark("Nothing is paid under a grant that stands at “%(status)s”."),
    "payment.has_papers": mark("Papers belong to this payment: withdraw them first."),
    "repayment.beyond": mark("More would be paid back than was paid, %(already)s."),
    "line.not_granted": mark("Nothing is granted on a line that is not."),
    "plan.beyond": mark(
        "Public money would come to %(value)s for a project that costs %(most)s:"
        " a rate over 100 %% cannot be."
    ),
    "paper.empty": mark("The file is empty."),
    "paper.large": mark("The file has %(size)s bytes; at most %(most)s are kept."),
    "paper.type": mark(
        "The content is none of PDF, PNG, JPEG, TIFF, WebP, DOCX, XLSX, PPTX, ODT, ODS and ODP,"
        " whatever the name says."
    ),
    "paper.declared": mark("The content is %(found)s, not %(value)s as Content-Type says."),
    "paper.macros": mark("The file carries macros: send it without them, or as a PDF."),
}
_DAYS = ("first", "second", "today", "opens", "closes")


def sentence(problem: Problem) -> str:
    """Say what is wrong, with figures and days as the reader writes them."""
    known = _SENTENCES.get(problem.code)
    if known is None:
        return problem.code
    said = dict(_shown(name, text) for name, text in problem.parameters.items())
    return gettext(known, value=_value(problem), **said)


def put_on(form: Form, problems: Iterable[Problem]) -> list[str]:
    """Put each sentence under its field; return those that no field is for."""
    others = []
    for problem in problems:
        if problem.where in form:
            field = form[problem.where]
            field.errors = [*field.errors, sentence(problem)]
        else:
            others.append(sentence(problem))
    return others


def _value(problem: Problem) -> str:
    if problem.where.endswith("_cents") and _is_number(problem.value):
        return euros(int(problem.value))
    if problem.code.startswith("move."):
        return _status(problem.value)
    return _day(problem.value)


def _shown(name: str, text: str) -> tuple[str, str]:
    if name.endswith("_cents"):
        return name.removesuffix("_cents"), euros(int(text))
    if name == "possible":
        possible = ", ".join(_status(each) for each in text.split(", ") if each)
        return name, possible or gettext("nothing, this is its end")
    if name in {"from", "status"}:
        return name, _status(text)
    if name in {"size", "most", "percent"}:
        return name, number(float(text))
    if name in {"step", "paper", "kind", "what"}:
        return name, gettext(FUNDING_WORDS[text]) if text in FUNDING_WORDS else _status(text)
    return name, _day(text) if name in _DAYS else text


def _status(code: str) -> str:
    return gettext(STATUS_WORDS[code]) if code in STATUS_WORDS else code


def _day(text: str) -> str:
    try:
        return short_day(date.fromisoformat(text))
    except ValueError:
        return text or "–"


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()
