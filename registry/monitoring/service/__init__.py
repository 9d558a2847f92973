"""What is written of monitoring: verdicts, maintenance, people's wishes, the lease."""

from registry.monitoring.service.heartbeat import beat
from registry.monitoring.service.lease import (
    LEASE_NAME,
    AnotherWrites,
    claim_lease,
    release_lease,
    write_alone,
)
from registry.monitoring.service.maintenance import (
    cancel_maintenance,
    change_maintenance,
    enter_maintenance,
)
from registry.monitoring.service.retention import retain
from registry.monitoring.service.rollups import Keeping, mark_stale, roll
from registry.monitoring.service.simulated import simulate_past
from registry.monitoring.service.transitions import note_transitions
from registry.monitoring.service.verdicts import RecordReport, lapse_silent, record
from registry.monitoring.service.wishes import (
    answer_probe_request,
    request_probes,
    take_probe_requests,
)

__all__ = [
    "LEASE_NAME",
    "AnotherWrites",
    "Keeping",
    "RecordReport",
    "answer_probe_request",
    "beat",
    "cancel_maintenance",
    "change_maintenance",
    "claim_lease",
    "enter_maintenance",
    "lapse_silent",
    "mark_stale",
    "note_transitions",
    "record",
    "release_lease",
    "request_probes",
    "retain",
    "roll",
    "simulate_past",
    "take_probe_requests",
    "write_alone",
]
