"""A trace keeps times for everybody and steps for a reader."""

from probes.explain import Trace


def test_times_of_a_phase_add_up() -> None:
    """A second connection in the same probe counts in the same phase."""
    trace = Trace()

    trace.spend("connect", 0.25)
    trace.spend("connect", 0.5)

    assert trace.phases == {"connect": 0.75}


def test_steps_are_kept_only_for_a_reader() -> None:
    """A fleet's probes must not fill memory with text."""
    silent, read = Trace(), Trace(keep=True)

    for trace in (silent, read):
        trace.note("login", seen="two\nlines")

    assert silent.steps == []
    assert [step.seen for step in read.steps] == ["two lines"]
