"""Families by hand: heads, labels and ends, as both dialects want them."""

from prometheus_client.parser import text_string_to_metric_families

from registry.monitoring.exposition.text import Block, Family, block, escaped, labels
from registry.monitoring.models import Dialect
from tests.monitoring.telling import page_of


def test_labels_are_escaped() -> None:
    """A name with a quote, a backslash or a line break stays one label."""
    nasty = 'L\'"Île"\\\n'
    line = f"x{labels(name=nasty)} 1\n"

    (family,) = text_string_to_metric_families(line)

    assert family.samples[0].labels == {"name": nasty}
    assert escaped("a\\b") == "a\\\\b"


def test_each_dialect_has_its_own_heads() -> None:
    """OpenMetrics names the family without its suffix, escapes quotes, and knows info."""
    counter, info = Family("x_total", "counter", 'a\n"b"'), Family("y_info", "info", "c")

    assert counter.head(Dialect.TEXT) == '# HELP x_total a\\n"b"\n# TYPE x_total counter\n'
    assert counter.head(Dialect.OPENMETRICS) == '# HELP x a\\n\\"b\\"\n# TYPE x counter\n'
    assert info.head(Dialect.TEXT) == "# HELP y_info c\n# TYPE y_info gauge\n"
    assert info.head(Dialect.OPENMETRICS) == "# HELP y c\n# TYPE y info\n"


def test_a_page_is_its_blocks_and_their_end() -> None:
    """The lines are shared by both dialects; only OpenMetrics says where it ends."""
    blocks = [block(Family("x", "gauge", "a"), ["x 1\n"]), Block(("text\n", "open\n"))]

    text, openmetrics = (page_of(blocks, dialect).decode() for dialect in Dialect)

    assert text == "# HELP x a\n# TYPE x gauge\nx 1\ntext\n"
    assert openmetrics == "# HELP x a\n# TYPE x gauge\nx 1\nopen\n# EOF\n"
