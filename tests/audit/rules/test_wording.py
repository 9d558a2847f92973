"""Findings in words: one sentence in French, one in English, with their figures."""

from registry.audit.rules import Finding, RuleId, Severity, sentence, source
from registry.audit.rules.wording import _SENTENCES
from registry.funding.rules import format_cents

CASES: dict[str, dict[str, str]] = {
    "A01.missing": {"count": "2", "site": "59054-01", "answered": "2026-11-23"},
    "A01.expired": {
        "count": "2", "site": "59054-01", "answered": "2026-11-23", "order": "2021-1",
        "expired": "2026-01-01",
    },
    "A03.interior": {
        "installed": "3", "class": "interior", "authorised": "2", "orders": "1", "sites": "59054-01"
    },
    "A04.installed": {"installed": "3", "funded": "4", "missing": "1"},
    "A05.silent": {"count": "1", "days": "30"},
    "A09.AX1": {"serial": "AX1", "grants": "23-2"},
    "A11.population": {"population": "20001", "year": "2023", "limit": "20000"},
    "A11.other_year": {
        "population": "20001", "year": "2023", "limit": "20000", "reference": "2022"
    },
    "A12.rate": {"voted_cents": "100", "most_cents": "90", "eligible_cents": "300"},
    "A12.cap": {"voted_cents": "100", "most_cents": "90"},
    "A12.camera_cap": {"eligible_cents": "100", "cap_cents": "10", "most_cents": "90"},
    "A12.envelope": {"voted_cents": "100", "left_cents": "90", "envelope_cents": "300"},
    "A12.public_share": {"public_cents": "100", "total_cents": "110", "percent": "80"},
}  # fmt: skip


def finding(name: str) -> Finding:
    """Return a finding with the figures of its kind."""
    rule, _, detail = name.partition(".")
    return Finding(
        rule=RuleId(rule),
        severity=Severity.MAJOR,
        grant="23-1",
        detail=detail,
        source="double financing of one device",
        parameters=CASES[name],
    )


def test_every_finding_has_its_sentence_in_both_languages() -> None:
    """No figure is left out, none is missing, and the two say something else."""
    for name in CASES:
        french, english = (sentence(finding(name), language) for language in ("fr", "en"))
        assert french != english
        assert french.endswith(".")
        assert "{" not in french + english


def test_every_rule_is_among_them() -> None:
    """A rule without words could not be shown."""
    assert {name.partition(".")[0] for name in CASES} == {str(rule) for rule in RuleId}
    assert {name.partition(".")[0] for name in _SENTENCES} == {str(rule) for rule in RuleId}


def test_figures_are_written_as_readers_write_them() -> None:
    """Euros with their spaces, French days in French order, classes in words."""
    assert format_cents(100) in sentence(finding("A12.cap"))
    assert "23/11/2026" in sentence(finding("A01.missing"))
    assert "2026-11-23" in sentence(finding("A01.missing"), "en")
    assert "« intérieur »" in sentence(finding("A03.interior"))


def test_the_ground_of_a_finding_is_translated_where_it_is_no_address() -> None:
    """A law keeps its name in both languages."""
    assert source(finding("A09.AX1")) == "double financement d’un même appareil"
    assert source(finding("A09.AX1"), "en") == "double financing of one device"
