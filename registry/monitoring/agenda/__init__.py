"""When each camera is probed next, and how."""

from registry.monitoring.agenda.turns import Agenda, Errand

__all__ = ["Agenda", "Errand"]
