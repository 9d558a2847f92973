"""What the service says of itself."""

from datetime import datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from probes.verdict import Health, Reason, Verdict
from registry.monitoring.models import Dialect
from registry.monitoring.runner import Gauges
from tests.monitoring.telling import NOON, page_of


def values(
    gauges: Gauges, session: Session, *, at: datetime = NOON
) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    page = page_of(gauges(session, at=at), Dialect.TEXT).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_probes_are_counted_by_what_came_of_them(session: Session) -> None:
    """Failures by reason, durations without a camera, and when the zone was seen."""
    gauges = Gauges("1.2.3")
    gauges.awaits({"local"}, at=NOON - timedelta(seconds=5))
    gauges.probed(Verdict(1, NOON, Health.UP, phases={"total": 0.02}), zone="local", at=NOON)
    failed = Verdict(2, NOON, Health.DOWN, Reason.CONNECT_REFUSED, phases={"total": 1.5})
    gauges.probed(failed, zone="local", at=NOON)
    gauges.dropped(3)
    gauges.ticked(at=NOON, in_flight=7, lag_seconds=0.5)
    gauges.rendered(0.25)

    found = values(gauges, session)

    assert found["vigiparc_probe_attempts_total",] == 2
    assert found["vigiparc_probe_failures_total", "connect_refused"] == 1
    assert found["vigiparc_probe_failures_total", "dns"] == 0
    assert found["vigiparc_verdicts_dropped_total",] == 3
    assert found["vigiparc_probe_duration_seconds_bucket", "0.025"] == 1
    assert found["vigiparc_probe_schedule_lag_seconds",] == 0.5
    assert found["vigiparc_probes_in_flight",] == 7
    assert found["vigiparc_zone_last_seen_timestamp_seconds", "local"] == NOON.timestamp()
    assert found["vigiparc_scheduler_last_run_timestamp_seconds",] == NOON.timestamp()
    assert found["vigiparc_snapshot_timestamp_seconds",] == NOON.timestamp()
    assert found["vigiparc_snapshot_render_seconds",] == 0.25
    assert found["vigiparc_build_info", "1.2.3"] == 1


def test_timestamps_are_those_of_the_wall_clock(session: Session) -> None:
    """Prometheus subtracts them from its own: set back, the steady clock would hide a silence."""
    gauges = Gauges("0", lambda instant: instant - timedelta(seconds=600))
    gauges.awaits({"local", "littoral"}, at=NOON)
    gauges.probed(Verdict(1, NOON, Health.UP), zone="local", at=NOON + timedelta(seconds=1))
    gauges.ticked(at=NOON + timedelta(seconds=2), in_flight=0, lag_seconds=0)

    found = values(gauges, session, at=NOON + timedelta(seconds=3))

    assert seen(gauges, session) == {"local": -599, "littoral": -600}
    assert found["vigiparc_scheduler_last_run_timestamp_seconds",] == NOON.timestamp() - 598
    assert found["vigiparc_snapshot_timestamp_seconds",] == NOON.timestamp() - 597


def test_two_monitors_in_one_process_count_apart(session: Session) -> None:
    """The registry of metrics is no global: a test, or a second instance, starts at zero."""
    Gauges("0").dropped(5)

    assert values(Gauges("0"), session)["vigiparc_verdicts_dropped_total",] == 0


def test_both_dialects_say_the_same(session: Session) -> None:
    """The two are written from one look at the counters, and end as they must."""
    gauges = Gauges("0")
    gauges.dropped(5)

    blocks = list(gauges(session, at=NOON))

    text, openmetrics = (page_of(blocks, dialect).decode() for dialect in Dialect)
    assert "vigiparc_verdicts_dropped_total 5.0" in text
    assert "vigiparc_verdicts_dropped_total 5.0" in openmetrics
    assert "# TYPE vigiparc_verdicts_dropped counter" in openmetrics
    assert openmetrics.count("# EOF") == 1
    assert openmetrics.endswith("# EOF\n")


def seen(gauges: Gauges, session: Session) -> dict[str, float]:
    """Return when each zone was seen, in seconds after noon."""
    name = "vigiparc_zone_last_seen_timestamp_seconds"
    found = values(gauges, session)
    return {key[1]: at - NOON.timestamp() for key, at in found.items() if key[0] == name}


def test_each_zone_has_its_own_last_sign_of_life(session: Session) -> None:
    """A zone that is cut off is missed, however lively the others are."""
    gauges = Gauges("0")
    later = NOON + timedelta(seconds=600)
    gauges.awaits({"local", "littoral"}, at=NOON)
    gauges.probed(Verdict(1, later, Health.UP), zone="local", at=later)
    gauges.awaits({"local", "littoral"}, at=later)

    assert seen(gauges, session) == {"local": 600, "littoral": 0}


def test_a_zone_is_waited_for_while_cameras_are_probed_there(session: Session) -> None:
    """An empty register misses nobody, nor does the end of a zone's last camera."""
    gauges = Gauges("0")
    gauges.ticked(at=NOON, in_flight=0, lag_seconds=0)
    before = seen(gauges, session)
    gauges.awaits({"local"}, at=NOON)
    meanwhile = seen(gauges, session)
    gauges.awaits(set(), at=NOON)
    gauges.probed(Verdict(1, NOON, Health.UP), zone="local", at=NOON)

    assert (before, meanwhile, seen(gauges, session)) == ({}, {"local": 0}, {})


def test_a_late_tick_between_two_pages_is_not_lost(session: Session) -> None:
    """The page tells of the latest probe of a minute: a scrape may come once in five pages."""
    gauges = Gauges("0")
    later = NOON + timedelta(seconds=61)
    for lag_seconds in (0.2, 12.5, 0.1):
        gauges.ticked(at=NOON, in_flight=0, lag_seconds=lag_seconds)
    late = values(gauges, session)["vigiparc_probe_schedule_lag_seconds",]
    still = values(gauges, session)["vigiparc_probe_schedule_lag_seconds",]
    gauges.ticked(at=later, in_flight=0, lag_seconds=0.3)

    on_time = values(gauges, session, at=later)["vigiparc_probe_schedule_lag_seconds",]

    assert (late, still, on_time) == (12.5, 12.5, 0.3)
