"""Tells people of outages and recoveries: nothing is lost, and nothing is told in vain."""

from registry.monitoring.notify.bundle import test_messages
from registry.monitoring.notify.channels import MailServer, is_known_address
from registry.monitoring.notify.gather import Manners
from registry.monitoring.notify.herald import Herald

__all__ = ["Herald", "MailServer", "Manners", "is_known_address", "test_messages"]
