"""Puts instants, durations, money, ratios and codes into the words of the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, request, session
from flask_babel import Babel  # type: ignore[import-untyped]  # ships no types
from flask_babel import get_locale as _get_locale
from flask_babel import gettext as _gettext
from flask_babel import lazy_gettext as _lazy_gettext
from flask_babel import ngettext as _ngettext

from registry.clock import PARIS

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
CHOSEN_LANGUAGE = "language"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
NO_BREAK = "\N{NO-BREAK SPACE}"
BASIS_POINTS = 10_000


def mark(message: str) -> str:
    """Mark a message for translation without translating it yet."""
    return message


STATE_WORDS = {
    "up": mark("Up"),
    "degraded": mark("Needs attention"),
    "down": mark("Down"),
    "unreachable": mark("Unreachable"),
    "unknown": mark("Unknown"),
    "maintenance": mark("Maintenance"),
    "not_in_service": mark("Not in service"),
}
KIND_WORDS = {
    "commune": mark("Commune"),
    "station": mark("Station"),
    "lycee": mark("Lycée"),
    "hub": mark("Interchange"),
    "epci": mark("Grouping of communes"),
    "syndicate": mark("Syndicate"),
    "sncf": mark("SNCF"),
    "region": mark("Region"),
}
STATUS_WORDS = {
    "draft": mark("Draft"),
    "filed": mark("Filed"),
    "complete": mark("Complete file"),
    "instructed": mark("Examined"),
    "voted": mark("Voted"),
    "notified": mark("Notified"),
    "agreement": mark("Agreement signed"),
    "started": mark("Works started"),
    "advance": mark("Advance paid"),
    "interim": mark("Interim payment made"),
    "commissioned": mark("Commissioned"),
    "received": mark("Works accepted"),
    "balance_asked": mark("Balance asked for"),
    "certified": mark("Delivery certified"),
    "settled": mark("Settled"),
    "checked": mark("Checked"),
    "closed": mark("Closed"),
    "refused": mark("Refused"),
    "abandoned": mark("Abandoned"),
    "lapsed": mark("Lapsed"),
    "cancelled": mark("Cancelled"),
    "repayment": mark("To be paid back"),
}
LIST_WORDS = {
    "grants": mark("Grants"),
    "lines": mark("Co-funders"),
    "payments": mark("Payments"),
    "sites": mark("Sites"),
    "cameras": mark("Camera positions"),
    "devices": mark("Units"),
    "contracts": mark("Maintenance contracts"),
    "authorisations": mark("Authorisations"),
}
ROLE_WORDS = {
    "technician": mark("Technician"),
    "officer": mark("Officer"),
    "administrator": mark("Administrator"),
}
RIGHT_WORDS = {
    "sites.read": mark("Read sites, cameras and uptimes"),
    "cameras.probe": mark("Ask for probes"),
    "outages.acknowledge": mark("Acknowledge outages"),
    "outages.judge": mark("Judge outages"),
    "grants.read": mark("Read grants"),
    "grants.edit": mark("Change grants"),
    "fleet.import": mark("Import and export"),
    "fleet.edit": mark("Change sites and cameras"),
    "accounts.manage": mark("Manage people and tokens"),
    "notices.manage": mark("Manage notices"),
    "maintenance.plan": mark("Plan maintenance"),
    "audit.read": mark("Read the journal and the audit"),
}
SEVERITY_WORDS = {
    "warning": mark("A camera is out"),
    "critical": mark("A whole site is out"),
}
CAUSE_WORDS = {
    "link": mark("The link"),
    "supply": mark("Power or link"),
    "device": mark("The device"),
    "settings": mark("Settings of the device"),
    "other": mark("Not clear"),
}
ROOT_WORDS = {
    "zone_silent": mark("Silent zone"),
    "site_dark": mark("Dark site"),
    "credentials_changed": mark("Credentials changed on the whole site"),
    "camera": mark("One camera"),
}
CALENDAR_WORDS = {
    "always": mark("at all hours"),
    "business_hours": mark("in business hours"),
}
ORDER_WORDS = {
    "permanent": mark("Authorisation"),
    "renewal": mark("Renewal"),
    "modification": mark("Modification"),
    "provisional": mark("Provisional"),
}
# CSI L251-2, in the order of the article.
PURPOSE_WORDS = {
    "public_buildings": mark("Protection of public buildings"),
    "defence": mark("Installations of national defence"),
    "traffic": mark("Regulation of traffic"),
    "traffic_offences": mark("Traffic offences"),
    "assaults": mark("Prevention of assaults, thefts and trafficking"),
    "terrorism": mark("Prevention of terrorism"),
    "risks": mark("Prevention of natural or industrial risks"),
    "rescue": mark("Rescue and fire"),
    "amusement": mark("Safety of amusement parks"),
    "insurance": mark("Duty of insurance"),
    "waste": mark("Illegal dumping of waste"),
}
EXPIRY_WORDS = {
    "ahead": mark("To come"),
    "later": mark("In force"),
    "within_180": mark("Ends within 180 days"),
    "within_120": mark("Ends within 120 days"),
    "within_60": mark("Ends within 60 days"),
    "last_day": mark("Ends today"),
    "expired": mark("Expired"),
    "followed": mark("Followed by a later one"),
}
WINDOW_WORDS = {
    "to_come": mark("to come"),
    "running": mark("running"),
    "past": mark("past"),
    "cancelled": mark("cancelled"),
}
EXCLUSION_WORDS = {
    "planned": mark("Planned works"),
    "vandalism": mark("Vandalism"),
    "power": mark("Power cut"),
    "network": mark("Network cut"),
    "force_majeure": mark("Force majeure"),
}
REPAIR_WORDS = {
    "no_contract": mark("no guaranteed repair"),
    "running": mark("still in time"),
    "kept": mark("in time"),
    "late": mark("late"),
    "unseen": mark("nobody saw it repaired"),
    "excluded": mark("does not count"),
}
DIGEST_WORDS = {
    "0": mark("At once"),
    "60": mark("Every hour"),
    "240": mark("Every four hours"),
    "1440": mark("Once a day, at midnight"),
}
UNDEFINED_WORDS = {
    "not_in_service": mark("no figure: not in service"),
    "all_planned": mark("no figure: all of it was maintenance"),
    "nothing_known": mark("no figure: nothing was observed"),
}
CONTRACT_WORDS = {
    "met": mark("Met"),
    "not met": mark("Not met"),
    "insufficient evidence": mark("Insufficient evidence"),
}
SHORTFALL_WORDS = {
    "under_target": mark("availability under the target"),
    "coverage_under_floor": mark("coverage under its floor"),
    "no_target": mark("no target was agreed"),
    "intervals_removed": mark("what was seen at first was removed after its term"),
    "excluded_beyond_contract": mark("excused for causes that the contract does not name"),
    "not_in_service": mark("not in service"),
    "all_planned": mark("all of it was maintenance"),
    "nothing_known": mark("nothing was observed"),
}
FACT_WORDS = {
    "manufacturer": mark("Maker"),
    "model": mark("Model"),
    "firmware": mark("Firmware"),
    "serial": mark("Serial"),
    "hardware_id": mark("Hardware"),
    "mac": mark("MAC address"),
    "hostname": mark("Host name"),
    "ntp": mark("Time servers"),
    "clock_source": mark("Clock set by"),
    "services": mark("Services"),
    "scopes": mark("Scopes"),
}
OUTCOME_WORDS = {
    "ok": mark("answered"),
    "not_permitted": mark("not permitted to this account"),
    "not_supported": mark("not supported"),
    "unreadable": mark("answer unreadable"),
    "no_answer": mark("no answer"),
}
RTSP_WORDS = {
    "ok": mark("answers"),
    "refused": mark("refuses the connection"),
    "timeout": mark("does not answer"),
    "closed": mark("hangs up"),
    "not_rtsp": mark("is no video server"),
    "unknown": mark("could not be asked"),
}
PARTS_OF_DAY = (
    (18, mark("since this evening")),
    (12, mark("since this afternoon")),
    (6, mark("since this morning")),
    (0, mark("since last night")),
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "state": STATE_WORDS,
    "kind": KIND_WORDS,
    "status": STATUS_WORDS,
    "role": ROLE_WORDS,
    "list": LIST_WORDS,
    "severity": SEVERITY_WORDS,
    "digest": DIGEST_WORDS,
    "cause": CAUSE_WORDS,
    "root": ROOT_WORDS,
    "calendar": CALENDAR_WORDS,
    "order": ORDER_WORDS,
    "expiry": EXPIRY_WORDS,
    "purpose": PURPOSE_WORDS,
    "exclusion": EXCLUSION_WORDS,
    "window": WINDOW_WORDS,
    "repair": REPAIR_WORDS,
    "undefined": UNDEFINED_WORDS,
    "contract": CONTRACT_WORDS,
    "shortfall": SHORTFALL_WORDS,
    "fact": FACT_WORDS,
    "outcome": OUTCOME_WORDS,
    "rtsp": RTSP_WORDS,
}


def gettext(message: str, **parameters: object) -> str:
    """Translate a message into the reader's language."""
    return str(_gettext(message, **parameters))


def lazy_gettext(message: str) -> str:
    """Translate a message when it is shown, for labels that are made at import."""
    label: str = _lazy_gettext(message)
    return label


def ngettext(singular: str, plural: str, number: int, **parameters: object) -> str:
    """Translate a message that counts something; `%(num)s` is the number."""
    return str(_ngettext(singular, plural, number, **parameters))


def locale() -> Locale:
    """Return the reader's locale."""
    found: Locale | None = _get_locale()
    return found or Locale.parse(LOCALES["fr"])


def language() -> Literal["fr", "en"]:
    """Return the reader's language."""
    return "en" if locale().language == "en" else "fr"


def word(code: str, family: str) -> str:
    """Put a code of a closed set into words; one without words is shown as it is."""
    known = WORDS[family].get(code)
    return gettext(known) if known else code


def when(instant: datetime) -> str:
    """Write an instant in full: `lundi 23 novembre 2026 à 14 h 05`, Paris time."""
    local = instant.astimezone(PARIS)
    return gettext("%(day)s at %(time)s", day=long_day(local), time=clock_time(instant))


def long_day(day: date) -> str:
    """Write a calendar day in full: `lundi 23 novembre 2026`."""
    if language() == "fr" and day.day == 1:
        return format_date(day, "EEEE '1er' MMMM y", locale())
    return format_date(day, "EEEE d MMMM y", locale())


def short_day(day: date) -> str:
    """Write a calendar day in figures: `23/11/2026`."""
    return format_date(day, "dd/MM/y", locale())


def short_when(instant: datetime) -> str:
    """Write an instant in figures, for tables: `23/11/2026 14 h 05`."""
    return f"{short_day(instant.astimezone(PARIS))}{NO_BREAK}{clock_time(instant)}"


def clock_time(instant: datetime) -> str:
    """Write the time of day in Paris: `14 h 05`, `14:05` in English."""
    pattern = "HH:mm" if language() == "en" else f"H'{NO_BREAK}h{NO_BREAK}'mm"
    return str(format_datetime(instant, pattern, tzinfo=PARIS, locale=locale()))


def duration(seconds: float) -> str:
    """Write a length of time by its two largest units: `3 h 12`, `2 j 4 h`, `45 s`."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}{NO_BREAK}s"
    if whole < HOUR:
        return f"{whole // MINUTE}{NO_BREAK}min"
    if whole < DAY:
        tail = "" if language() == "fr" else f"{NO_BREAK}min"
        return f"{whole // HOUR}{NO_BREAK}h{NO_BREAK}{whole % HOUR // MINUTE:02d}{tail}"
    days = gettext("%(count)s d", count=whole // DAY).replace(" ", NO_BREAK)
    return f"{days}{NO_BREAK}{whole % DAY // HOUR}{NO_BREAK}h"


def since(instant: datetime, now: datetime) -> str:
    """Write how long something has lasted: `depuis 3 h 12`."""
    return gettext("for %(duration)s", duration=duration((now - instant).total_seconds()))


def since_phrase(instant: datetime, now: datetime) -> str:
    """Say since when as people do: for 12 min, since this morning, yesterday, or a day."""
    if (now - instant).total_seconds() < HOUR:
        return since(instant, now)
    local, today = instant.astimezone(PARIS), now.astimezone(PARIS).date()
    if local.date() == today:
        for hour, phrase in PARTS_OF_DAY:
            if local.hour >= hour:
                return gettext(phrase)
    if local.date() == today - timedelta(days=1):
        return gettext("since yesterday")
    return gettext("since %(day)s", day=long_day(local))


def euros(cents: int) -> str:
    """Write an amount of money: `21 600,00 €`."""
    return str(format_currency(Decimal(cents) / 100, "EUR", locale=locale()))


def number(value: float) -> str:
    """Write a number with the reader's separators."""
    return str(format_decimal(value, locale=locale()))


def percent(part: int, whole: int) -> str:
    """
    Write a part of a whole, rounded down to hundredths: 99.996 % is never 100 %.

    A whole of zero has no ratio: the caller says why instead.
    """
    points = Decimal(part * BASIS_POINTS // whole) / 100
    figure = format_decimal(points, "0.00", locale=locale())
    return f"{figure}%" if language() == "en" else f"{figure}{NO_BREAK}%"


def install(app: Flask, *, default_language: str) -> None:
    """Choose the language of each request, and give templates the filters above."""

    def choose() -> str:
        chosen = session.get(CHOSEN_LANGUAGE) or request.accept_languages.best_match(list(LOCALES))
        return LOCALES.get(chosen or default_language, LOCALES["fr"])

    Babel(app, default_locale=LOCALES[default_language], locale_selector=choose)
    for each in (
        word, when, short_when, long_day, short_day, clock_time, duration, since, euros, number,
    ):  # fmt: skip
        app.jinja_env.filters[each.__name__] = each
    app.jinja_env.globals.update(percent=percent, language=language)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
